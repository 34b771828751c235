//! What files are read as, and what is refused.

use std::sync::Arc;

use super::*;

fn parse(text: &str) -> Result<File, SyntaxError> {
    File::parse(Arc::from(text))
}

fn names(file: &File, set: ExprId) -> Vec<String> {
    let Expr::Set(set) = file.expr(set) else { panic!("no set") };
    set.attrs.iter().map(|attr| attr.name.to_string()).collect()
}

fn attr(file: &File, set: ExprId, name: &str) -> ExprId {
    let Expr::Set(set) = file.expr(set) else { panic!("no set") };
    let found = set.attrs.iter().find(|attr| &*attr.name == name).expect("no such attribute");
    match found.value {
        AttrValue::Expr(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn dotted_and_nested_bindings_are_one_set() {
    let text = r#"{ a.b = 1; a = { c = 2; inherit d; }; a."x.y" = 3; a.${"z"} = 4; a.e.f = 5; a.e = { g = 6; }; }"#;
    let file = parse(text).unwrap();
    assert_eq!(names(&file, file.root()), ["a"]);
    let a = attr(&file, file.root(), "a");
    assert_eq!(names(&file, a), ["b", "c", "d", "x.y", "z", "e"]);
    assert_eq!(names(&file, attr(&file, a, "e")), ["f", "g"]);
}

#[test]
fn defaults_of_formals_are_kept() {
    let file = parse("{ a, b ? 1, ... }@all: a").unwrap();
    let Expr::Lambda(Param::Pattern { formals, open, bound }, _) = file.expr(file.root()) else {
        panic!("no function")
    };
    let formals: Vec<_> = formals.iter().map(|(name, d)| (&**name, d.is_some())).collect();
    assert_eq!(formals, [("a", false), ("b", true)]);
    assert!(*open);
    assert_eq!(bound.as_deref(), Some("all"));
}

#[test]
fn places_count_from_the_start_of_the_file_with_its_mark() {
    let file = parse("\u{feff}{ a = 1; }").unwrap();
    let Expr::Set(set) = file.expr(file.root()) else { panic!("no set") };
    let span = set.attrs[0].span;
    assert_eq!(&file.text[span.range()], "a");
}

#[test]
fn errors_have_a_place() {
    let error = parse("{ a = ; }").unwrap_err();
    assert_eq!(error.span.start, 6, "{error:?}");
}

#[test]
fn deep_nesting_is_refused_and_long_files_are_not() {
    let many = 300_000;
    for (start, end) in [
        ("(", ")"),
        ("[", "]"),
        ("{a=", ";}"),
        ("a: ", ""),
        ("f ", ""),
        ("a//", ""),
        ("a ++ ", ""),
        ("!", ""),
        ("-", ""),
        ("\"${", "}\""),
        ("''${", "}''"),
        ("if a then b else ", ""),
        ("let a = ", "; in a"),
        ("with a; ", ""),
        ("assert a; ", ""),
        ("a.${", "}"),
        ("a ? b || ", ""),
        ("a -> ", ""),
        ("a |> ", ""),
        ("a <| ", ""),
        ("{ a ? ", "}: a"),
        ("a or ", ""),
    ] {
        let text = start.repeat(many) + "a" + &end.repeat(many);
        let error = parse(&text).expect_err(start);
        assert!(error.message.len() < 200, "{start}: {}", error.message);
    }
    // `a . b . c` is one path, and items of lists and bindings of sets stand side by side.
    let long = [
        format!("[ {} ]", "a ".repeat(many)),
        format!("{{ {} }}", (0..50_000).map(|i| format!("a{i} = f b c;")).collect::<String>()),
        format!("\"{}\"", "a b // ".repeat(many)),
        format!("# {}\n1", "( ".repeat(many)),
        format!("/* {} */ 1", "[ ".repeat(many)),
        format!("''{} ''' ''${{ ''\\${{ $${{ ''", "a ".repeat(many)),
    ];
    for text in long {
        parse(&text).unwrap_or_else(|error| panic!("{error:?} in {}", &text[..40]));
    }
}
