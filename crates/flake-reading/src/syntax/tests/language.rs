//! The language, construct by construct. The result of each, and that everything else is refused,
//! was compared with `nix-instantiate --parse` of Nix 2.34.8, with pipe operators enabled.

use std::sync::Arc;

use super::super::*;
use super::shown::without_places;

/// A text parsed and printed again.
fn read(text: &str) -> String {
    match File::parse(Arc::from(text)) {
        Ok(file) => without_places(&file),
        Err(error) => format!("refused: {}", error.message),
    }
}

fn assert_read(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(text, expected)| (text, expected, read(text)))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| {
            format!("{text}\n  is read as {found}\n  and not as {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn assert_refused(texts: &[&str]) {
    for text in texts {
        let error =
            File::parse(Arc::from(*text)).map(|file| without_places(&file)).expect_err(text);
        assert!(!error.is_limit, "{text}: {error:?}");
        assert!(text.get(error.span.range()).is_some(), "{text:?}: {error:?}");
    }
}

#[test]
fn operators_bind_as_strongly_as_in_nix() {
    assert_read(&[
        ("a + b - c", "((a + b) - c)"),
        ("a ++ b ++ c", "(a ++ (b ++ c))"),
        ("a // b // c", "(a // (b // c))"),
        ("a -> b -> c", "(a -> (b -> c))"),
        ("a || b && c == d", "(a || (b && (c == d)))"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b == c > d", "((a < b) == (c > d))"),
        ("a * b + c / d", "((a * b) + (c / d))"),
        ("a ++ b + c", "((a ++ b) + c)"),
        ("!a // b", "((!a) // b)"),
        ("!a + b", "(!(a + b))"),
        ("a + !b * c", "(a + (!(b * c)))"),
        ("a * !b + c", "(a * (!(b + c)))"),
        ("!a == b", "((!a) == b)"),
        ("- a * b", "((-a) * b)"),
        ("-a.b", "(-a.b)"),
        ("- f x", "(-(f x))"),
        ("-!a + b", "(-(!(a + b)))"),
        ("a - -b", "(a - (-b))"),
        ("a ? b ? c", "((a ? b) ? c)"),
        ("-a ? b", "((-a) ? b)"),
        ("!a ? b", "(!(a ? b))"),
        ("a ++ b ? c.d", "(a ++ (b ? c.d))"),
        ("f x ? y", "((f x) ? y)"),
        ("a |> f |> g", "((a |> f) |> g)"),
        ("f <| g <| a", "(f <| (g <| a))"),
        ("a -> b |> f", "((a -> b) |> f)"),
        ("x: x |> f", "(x: (x |> f))"),
        ("a == (b == c)", "(a == (b == c))"),
        ("if a then b else c + d", "(if a then b else (c + d))"),
        ("with a; b // c", "(with a; (b // c))"),
    ]);
    assert_refused(&[
        "a == b == c",
        "a != b == c",
        "a < b < c",
        "a < b >= c",
        "a == !b == c",
        "a |> f <| b",
        "f <| a |> g",
        "a +",
        "+ a",
        "a + x: x",
        "a + if b then c else d",
        "a |> x: x",
        "!x: x",
        "f x: x",
        "a & b",
        "a | b",
    ]);
}

#[test]
fn or_is_a_keyword_where_it_is_one() {
    assert_read(&[
        ("a.b or c", "(a.b or c)"),
        ("a.b or c.d or e", "(a.b or (c.d or e))"),
        ("a.b or c d", "((a.b or c) d)"),
        ("a.b or (c d)", "(a.b or (c d))"),
        ("a or", "(a or)"),
        ("f a or b", "((f (a or)) b)"),
        ("a.b or c or", "(a.b or (c or))"),
        ("[ a or b ]", "[ (a or) b ]"),
        ("a.or", "a.or"),
        ("a ? or", "(a ? or)"),
        ("{ or = 1; inherit (a) or; }.or", "refused: attribute `or` is defined twice"),
        ("{ or = 1; }", "{ or = 1; }"),
        ("{ inherit or; }", "{ inherit or; }"),
    ]);
    assert_refused(&[
        "or",
        "or: a",
        "{ or }: a",
        "a or or",
        "a.b or or",
        "f or a or or",
        "a@or: b",
    ]);
}

#[test]
fn the_longest_token_counts() {
    assert_read(&[
        ("x:x", "\"x:x\""),
        ("x: x", "(x: x)"),
        ("a_b:c", "(a_b: c)"),
        ("http://a.b/c?d=e'f", "\"http://a.b/c?d=e'f\""),
        ("a/b", "<a/b>"),
        ("a /b", "(a </b>)"),
        ("a/ b", "(a / b)"),
        ("a / b", "(a / b)"),
        ("a/*b*/c", "(a c)"),
        ("1/2", "<1/2>"),
        ("a-b", "a-b"),
        ("a -b", "(a - b)"),
        ("a.b-c", "a.b-c"),
        ("a.b/c", "<a.b/c>"),
        ("-a/b", "<-a/b>"),
        ("a++b/c", "<a++b/c>"),
        ("a//b", "(a // b)"),
        ("a'b", "a'b"),
        ("a''", "a''"),
        ("a'b/c", "(a'b </c>)"),
        ("a<b", "(a < b)"),
        ("a<b>c", "((a <<b>>) c)"),
        ("<a.b/c-d>", "<<a.b/c-d>>"),
        ("[<a/b>]", "[ <<a/b>> ]"),
        ("a <b/c", "(a < <b/c>)"),
        ("1.5", "?"),
        ("[ .5 1. 1.e5 0.5e-3 ]", "[ ? ? ? ? ]"),
        ("[ 00.5 1e5 1.5.6 ]", "[ 0 ? 1 e5 ? ? ]"),
        ("[ 007 9223372036854775807 ]", "[ 7 9223372036854775807 ]"),
        ("[ a.b...c/d ]", "[ <a.b...c/d> ]"),
        ("__curPos", "?"),
        ("{ __curPos = 1; }", "{ __curPos = 1; }"),
        ("a#b\n.c", "a.c"),
        ("a/**/b/***/c/* * / */d", "(((a b) c) d)"),
        ("a \0 ) ] what it likes", "a"),
    ]);
    assert_refused(&[
        "9223372036854775808",
        "1.0e999",
        "1.0e-310",
        "1.0e-999",
        "a $ b",
        "~",
        "a ~ b",
        "'a'",
        "\\a",
        "/* a",
        "/*/ a",
        "",
        "# a",
        "< >",
        "<a/>",
        "a b )",
        "ä",
    ]);
}

#[test]
fn paths_may_be_interpolated_and_end_as_in_nix() {
    assert_read(&[
        ("./a/${b}/c", "<./a/${b}/c>"),
        ("./${b}", "<./${b}>"),
        ("a/${b}c${d}/", "refused: a path cannot end with `/`"),
        ("./a${b}.c/d//e", "<./a${b}.c/d//e>"),
        ("[ ./a${b} ./c ]", "[ <./a${b}> <./c> ]"),
        ("./a//${b}", "<./a//${b}>"),
        ("/a/${b}", "</a/${b}>"),
        ("/${b}/c", "</${b}/c>"),
        ("~/a/b", "<~/a/b>"),
        ("~/${a}", "<~/${a}>"),
        ("./a/${\"}\"}/b", "<./a/${\"}\"}/b>"),
        ("./a.b", "<./a.b>"),
        ("../.", "<../.>"),
    ]);
    assert_refused(&[
        "./",
        "./a/",
        "a/b//c",
        "./a//b//${c}",
        "./a///${c}",
        "./${b",
        "~/",
        "a/b/ c",
    ]);
}

#[test]
fn strings_say_what_their_escapes_stand_for() {
    assert_read(&[
        (r#""a\n\r\t\"\\\$\q""#, r#""a\n\r\t\"\\$q""#),
        (r#""$a $$ $${b} \${c} $\{d}""#, r#""$a $$ $${b} ${c} ${d}""#),
        (r#""$""#, r#""$""#),
        (r#""$$${a}""#, r#"("$$" + a)"#),
        (r#""a${b}c${"d${e}"}""#, r#"("a" + b + "c" + ("d" + e))"#),
        ("\"a\r\nb\rc\\\rd\"", "\"a\\nb\\nc\\rd\""),
        ("\"\\ä\"", "\"ä\""),
        ("\"\"", "\"\""),
        ("\"${a}\"", "(+ a)"),
    ]);
    assert_refused(&[
        "\"a",
        "\"a\\",
        "\"a${b\"",
        "\"a$",
        "\"a\0\"",
        "\"\\\0\"",
        "\"${}\"",
        "\"${a b\"",
    ]);
}

#[test]
fn indentation_is_taken_from_indented_strings() {
    let cases: &[(&str, &str)] = &[
        ("''a''", "a"),
        ("''\n  a\n    b\n  c\n''", "a\n  b\nc\n"),
        ("''  \n  a\n  ''", "a\n"),
        ("''  a\n b''", " a\nb"),
        ("''a\n  ''", "a\n"),
        ("''a\n\n  b\n ''", "a\n\n  b\n"),
        ("''\n    a\n  \n    b''", "a\n\nb"),
        ("''\n\ta\n\t''", "\ta\n\t"),
        ("''   ''", ""),
        ("''\n''", ""),
        ("''a'''b''", "a''b"),
        ("''''$''", "$"),
        ("''$''", "$"),
        ("''$$''", "$$"),
        ("''$${a}''", "$${a}"),
        ("''''${a}''", "${a}"),
        ("''''\\n''", "\n"),
        ("''''\\ä''", "ä"),
        ("''''\\''\\a''", "''\\a"),
        ("''a'b''", "a'b"),
        ("''a'$b''", "a'$b"),
        ("''\\n''", "\\n"),
        ("''\n  a\n''\\t  b\n''", "  a\n\t  b\n"),
        ("''\n  ''\\n  a\n  b''", "\na\nb"),
        ("''\r\n  a\r\n''", "\r\n  a\r\n"),
        ("''a\rb''", "a\rb"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), format!("{expected:?}"), "{text:?}");
    }
    assert_read(&[
        ("''${a}''", "(+ a)"),
        ("''\n  ${a}\n    b''", "(a + \"\\n  b\")"),
        ("''\n    ${a}\n  b\n''", "(\"  \" + a + \"\\nb\\n\")"),
        ("''a${b}\n  ''", "(\"a\" + b + \"\\n\")"),
        ("'''${a}''", "(\"'\" + a)"),
    ]);
    assert_refused(&["''a", "''a'", "''a$", "''''\\", "''${a''", "''a\0''", "''$\0''"]);
}

#[test]
fn sets_merge_as_in_nix() {
    assert_read(&[
        ("{ a.b = 1; a.c.d = 2; }", "{ a = { b = 1; c = { d = 2; }; }; }"),
        ("{ a = { b = 1; }; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"),
        ("{ a.c = 2; a = { b = 1; }; }", "{ a = { c = 2; b = 1; }; }"),
        ("{ a = { b.c = 1; }; a = { b.d = 2; }; }", "{ a = { b = { c = 1; d = 2; }; }; }"),
        ("{ a = rec { b = 1; }; a.c = b; }", "{ a = rec { b = 1; c = b; }; }"),
        ("{ a.c = b; a = rec { b = 1; }; }", "{ a = { c = b; b = 1; }; }"),
        ("{ a = (({ b = 1; })); a.c = 2; }", "{ a = { b = 1; c = 2; }; }"),
        ("let a.b = 1; a.c = 2; in a", "(let a = { b = 1; c = 2; }; in a)"),
        ("{ ${a} = 1; ${a}.b = 2; }", "{ ${a} = 1; ${a} = { b = 2; }; }"),
        ("{ a.${b}.c = 1; }", "{ a = { ${b} = { c = 1; }; }; }"),
        (
            "{ a = { ${b} = 1; }; a.c = 2; a = { ${d} = 3; }; }",
            "{ a = { c = 2; ${b} = 1; ${d} = 3; }; }",
        ),
        ("{ \"a b\".${\"c\"}.${(\"d\")} = 1; }", "{ a b = { c = { d = 1; }; }; }"),
        ("{ ${''a''} = 1; ${b:c} = 2; ${\"\"} = 3; }", "{ a = 1; b:c = 2;  = 3; }"),
        ("{ \"${a}\" = 1; }", "{ ${(+ a)} = 1; }"),
        (
            "{ inherit a \"b\" ${\"c\"}; inherit (d) e; inherit; inherit (f); }",
            "{ inherit a; inherit b; inherit c; inherit (d) e; }",
        ),
        ("rec { a = 1; }", "rec { a = 1; }"),
        ("let { body = 1; a = 2; }", "rec { body = 1; a = 2; }.body"),
        ("f let { body = 1; }.a", "(f rec { body = 1; }.body.a)"),
        ("{ a = { b = 1; } // c; a' = 1; }", "{ a = ({ b = 1; } // c); a' = 1; }"),
    ]);
    assert_refused(&[
        "{ a = 1; a = 2; }",
        "{ a = 1; a.b = 2; }",
        "{ a.b = 2; a = 1; }",
        "{ a.b = 1; a = { b = 2; }; }",
        "{ a = { b = 1; } // c; a.d = 2; }",
        "{ inherit a; a = 1; }",
        "{ inherit a; a.b = 1; }",
        "{ inherit a a; }",
        "{ a = { inherit b; }; a = { inherit b; }; }",
        "let a = 1; a = 2; in a",
        "let ${a} = 1; in a",
        "let \"${a}\" = 1; in a",
        "{ inherit ${a}; }",
        "{ inherit \"${a}\"; }",
        "{ ''a'' = 1; }",
        "a.''b''",
        "{ a = 1 }",
        "{ a }",
        "{ a, }",
        "{ 1 = 2; }",
        "{ a. = 1; }",
        "{ .a = 1; }",
        "rec a",
        "let a = 1;",
        "let in",
        "f let a = 1; in a",
        "{ if = 1; }",
    ]);
    assert_read(&[("let in a", "(let in a)"), ("let ${\"a\"} = 1; in a", "(let a = 1; in a)")]);
}

#[test]
fn patterns_of_functions() {
    assert_read(&[
        ("{ }: a", "({ }: a)"),
        ("{ }@a: a", "({ }@a: a)"),
        ("{ ... }: a", "({ ... }: a)"),
        ("{ a, b ? c, }: a", "({ a, b ? c }: a)"),
        ("{ a, b ? c: d, ... }@e: a", "({ a, b ? (c: d), ... }@e: a)"),
        ("a@{ b }: b", "({ b }@a: b)"),
        ("a: b: a", "(a: (b: a))"),
        ("{ a }: { b }: a", "({ a }: ({ b }: a))"),
        ("{ }", "{ }"),
        ("{ } // { }", "({ } // { })"),
    ]);
    assert_refused(&[
        "{ a, a }: a",
        "{ a }@a: a",
        "a@{ a }: a",
        "{ , }: a",
        "{ ..., a }: a",
        "{ ..., }: a",
        "{ a ... }: a",
        "{ a b }: a",
        "{ \"a\" }: a",
        "{ a.b }: a",
        "a@{ b }@c: a",
        "{ a }@{ b }: a",
        "{ a }@: b",
        "[ a: b ]",
        "[ { a }: b ]",
        "{ a }@b",
    ]);
}

/// Places refer to the original text, with columns as people count them.
#[test]
fn errors_have_the_place_that_is_wrong() {
    for (text, line, column, message) in [
        ("{\n  a = 1\n  b = 2;\n}", 3, 5, "unexpected `=`, expected `;`"),
        ("{\n  ä = 1;\n}", 2, 3, "this is no Nix"),
        ("{ a = \"ä\"; b = ; }", 1, 16, "unexpected `;`"),
        ("{ a = [ 1 2; }", 1, 12, "unexpected `;`, expected `]`"),
        ("[ a: b ]", 1, 4, "a function in a list has to be in parentheses"),
        ("{ a = (1; }", 1, 9, "unexpected `;`, expected `)`"),
        ("{ a = \"x; }\n", 1, 7, "this string has no end"),
        ("{ a = 1; # }\n", 2, 1, "unexpected end of file"),
        ("{ a = 1; b = 2; a = 3; }", 1, 17, "attribute `a` is defined twice"),
        ("{ a.b = 1; a.b.c = 2; }", 1, 14, "attribute `a.b` is defined twice"),
        ("{ a, b, a }: b", 1, 9, "the argument `a` stands twice"),
        ("if a then b", 1, 12, "unexpected end of file, expected `else`"),
        ("x = 1;", 1, 3, "unexpected `=`"),
    ] {
        let error = File::parse(Arc::from(text)).expect_err(text);
        let place = crate::LineIndex::new(text).position(error.span.start);
        assert_eq!(
            (error.message.as_str(), place.line, place.column),
            (message, line, column),
            "{text}"
        );
    }
}
