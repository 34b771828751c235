//! What files are parsed to, and what is refused.

mod differential;
mod language;
mod random;
mod reference;
mod shown;

use std::sync::Arc;

use rowan::ast::AstNode;

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

/// Compared with `nix-instantiate --parse` of Nix 2.34.8.
#[test]
fn a_carriage_return_alone_ends_a_line() {
    for (text, expected) in [
        ("{ # c\r a = 1; }", &["a"][..]),
        ("{ /* a \r b */ a = 1; # x\rb = 2; #\r\nc = 3; }", &["a", "b", "c"]),
        ("{ a = 1; # c\u{2028} b = 2; \u{b}\u{c}\n}", &["a"]),
        ("{ a = ''#\r''; b = \"#\r\"; }", &["a", "b"]),
        ("#!/x\r{ a =\r1; }\r", &["a"]),
    ] {
        let file = parse(text).unwrap();
        assert_eq!(names(&file, file.root()), expected, "{text:?}");
        // Places are those of the original text.
        assert_eq!(&text[file.span(file.root()).range()], text.trim_start_matches("#!/x\r").trim());
        assert_eq!(
            tree(text).unwrap().syntax().text().len(),
            u32::try_from(text.len()).unwrap().into()
        );
    }
    let file = parse("{ a = \"x\ry\"; }").unwrap();
    let Expr::Text(parts) = file.expr(attr(&file, file.root(), "a")) else { panic!("no string") };
    assert!(matches!(&**parts, [Part::Text(text)] if **text == *"x\ny"), "{parts:?}");
}

#[test]
fn blanks_that_are_none_to_nix_are_refused() {
    for blank in ["\u{b}", "\u{c}", "\u{a0}", "\u{85}", "\u{2028}", "\u{feff}", "\0"] {
        let text = format!("{{ a{blank}= 1; }}");
        assert!(parse(&text).is_err(), "{text:?}");
        assert!(tree(&text).is_err(), "{text:?}");
    }
    assert!(parse("{ a = \"\0\"; }").is_err());
}

#[test]
fn a_byte_order_mark_is_no_nix() {
    let error = parse("\u{feff}{ a = 1; }").unwrap_err();
    assert_eq!(error.span, Span { start: 0, end: 3 });
    assert!(error.message.contains("byte order mark"), "{error:?}");
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
    // `a . b . c` is one path, and list items and bindings are side by side, so none of these is
    // nested.
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

/// Deep nesting that looks flat, or flat text that looks deep.
#[test]
fn nesting_is_seen_however_it_is_hidden() {
    let many = 300_000;
    let some = 890;
    let applied = " x".repeat(some);
    for (name, text) in [
        ("what is applied stands around what it is applied to", {
            "(".repeat(50) + "f" + &format!("{applied})").repeat(50)
        }),
        ("brackets that do not match", "[)".repeat(many)),
        ("brackets that other words close", {
            "(".repeat(50) + "f" + &format!(" ; {applied}").repeat(50)
        }),
        ("a comma closes a bracket", "(".repeat(50) + "f" + &format!(" , {applied}").repeat(50)),
        ("`then` closes a bracket", "(".repeat(50) + "f" + &format!(" then {applied}").repeat(50)),
        ("defaults in a list", format!("[ {} a ]", "a.b or ".repeat(many))),
        ("a function in a list", format!("[ a: f {} ]", "x ".repeat(many))),
        ("a function with a pattern in a list", format!("[ {{ a }}: f {} ]", "x ".repeat(many))),
        ("a name that ends like a string begins", format!("a'' {}", "[".repeat(many))),
        ("a URL with quotes", format!("x:'' {}", "[".repeat(many))),
        ("a URL with a comment", format!("x:/* {}", "[".repeat(many))),
        ("URLs with commas", format!("f {}", "a:b, ".repeat(many / 2))),
        ("a path before a string", format!("./a'' {}", "[".repeat(many))),
        ("no end of a string", format!("\"${{''${{ {}", "[".repeat(many))),
        ("a bracket in a `let`", format!("let a = ( in {}", "[)".repeat(many))),
        ("a `let` that a brace ends", format!("{{ a = let b = 1; }} {}", "[)".repeat(many))),
    ] {
        let error = parse(&text).expect_err(name);
        assert!(error.message.len() < 200, "{name}: {}", error.message);
    }
}

/// At each word rnix looks at all that follow: the time grows with the square of the length.
#[test]
fn long_runs_of_words_without_blanks_have_no_tree() {
    let many = 400_000;
    for run in ["a.", "1.1", "<", "a+", "-", "a/<", "...", "+", "a.a_."] {
        for (before, after) in [("[ ", " ]"), ("", ""), ("{ a = ", "; }")] {
            let text = format!("{before}{}a{after}", run.repeat(many));
            let Err(error) = tree(&text) else { panic!("{run}") };
            assert!(error.message.len() < 200, "{run}: {}", error.message);
            // It is parsed as fast as any other text.
            let _ = parse(&text);
        }
    }
    for text in ["a.b.c.d ".repeat(5_000), "a".repeat(500_000)] {
        let text = format!("[ {text} ]");
        tree(&text).unwrap();
        parse(&text).unwrap();
    }
}

#[test]
fn what_belongs_together_is_not_refused() {
    let lines = (0..1_000)
        .map(|at| format!("x{at} = with a; assert b; f (with c; d) [ (a: b) ({{ a, b }}: c) ];\n"));
    for text in [
        "let a = 1; b = with c; d; in let in a".to_owned(),
        "let { body = 1; a = 2; }".to_owned(),
        "{ a = let { body = 1; }; b = 2; }".to_owned(),
        "assert a; with b; { c, d ? (with e; f), ... }@g: \"${with h; i}\"".to_owned(),
        "[ a.b or c d.e or [ ] rec { } (let a = 1; in a) ./a/${b}/c \"${d}\" ]".to_owned(),
        format!("{{ {} }}", lines.collect::<String>()),
        format!("''{}''", "${a b} ".repeat(5_000)),
        format!("{{ {} }}: a", (0..5_000).map(|at| format!("a{at} ? b c, ")).collect::<String>()),
    ] {
        parse(&text).unwrap_or_else(|error| panic!("{error:?} in {}", &text[..40]));
    }
}
