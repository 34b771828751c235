//! Expressions of every kind nested in each other, and files that are broken at random.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::*;
use super::differential::difference;

/// An operand that never needs parentheses.
fn operand() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a",
        "b.c",
        "__curPos",
        "or_",
        "12",
        "1.5",
        "./p/q.nix",
        "../.",
        "/abs",
        "~/home",
        "<nixpkgs/lib>",
        "http://x.y/z?a=b",
        "\"\"",
        "\"t \\n \\${ $${ $ \\\" end\"",
        "''plain''",
        "''\n  a\n    ''${ ''' ''\\t\n\n  b\n ''",
        "{ }",
        "[ ]",
        "(a: a)",
        "(-1)",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 60, 6, |inner| {
        let any = expression(inner.clone());
        prop_oneof![
            any.clone().prop_map(|e| format!("({e})")),
            prop::collection::vec(inner.clone(), 0..5).prop_map(|i| format!("[ {} ]", i.join(" "))),
            bindings(any.clone()).prop_map(|b| format!("{{ {b} }}")),
            bindings(any.clone()).prop_map(|b| format!("rec {{ {b}}}")),
            (any.clone(), any.clone()).prop_map(|(a, b)| format!("\"x${{{a}}} y${{ {b}}}\"")),
            (any.clone(), any.clone())
                .prop_map(|(a, b)| format!("''\n    ${{{a}}}\n  z ${{{b}}} ''$\n  ''")),
            any.clone().prop_map(|e| format!("./a/${{{e}}}/b")),
            any.clone().prop_map(|e| format!("({e}).a.\"b c\".${{\"d\"}}")),
            (any.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}).x or {b}")),
        ]
    })
}

/// Bindings with different names, some of them in one nested set.
fn bindings(value: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = String> {
    let binding = (0_usize..8, value.clone(), value);
    prop::collection::vec(binding, 0..5).prop_map(|bindings| {
        let mut text = String::new();
        for (at, (kind, a, b)) in bindings.into_iter().enumerate() {
            text += &match kind {
                0 => format!("n{at} = {a};"),
                1 => format!("one.n{at} = {a}; two.\"n{at}\".or = {b};"),
                2 => format!("one = {{ n{at} = {a}; m{at}.x = {b}; }};"),
                3 => format!("inherit ({a}) i{at} \"j{at}\";"),
                4 => format!("inherit i{at};\n"),
                5 => format!("n{at}.${{{a}}}.x = {b}; # comment\n"),
                6 => format!("two.t{at} = {{ }}; /* * */"),
                _ => format!("n{at} = (({a}));"),
            };
        }
        text
    })
}

/// Any expression made of these.
fn expression(
    operand: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = String> + Clone {
    let signs = select(vec!["+", "-", "*", "/", "++", "//", "&&", "||", "->"]);
    // At most one: with two, rnix takes functions for operands, and Nix does not.
    let comparison = select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let call = prop::collection::vec(operand.clone(), 1..4).prop_map(|words| words.join(" "));
    let rest = prop::collection::vec((signs, select(vec!["", "- "]), call.clone()), 0..4);
    let rest = rest.prop_map(|rest| {
        let rest = rest.iter().map(|(sign, before, word)| format!(" {sign} {before}{word}"));
        rest.collect::<String>()
    });
    let compared = prop_oneof![
        2 => Just(String::new()),
        1 => (comparison, call.clone()).prop_map(|(sign, word)| format!(" {sign} {word}")),
    ];
    let operation =
        (select(vec!["", "!", "! ! ", "- "]), call.clone(), rest.clone(), compared, rest);
    let operation = operation.prop_map(|(before, first, rest, compared, last)| {
        format!("{before}{first}{rest}{compared}{last}")
    });
    let whole = operation.clone();
    prop_oneof![
        6 => operation.clone(),
        1 => call.clone().prop_map(|e| format!("{e} ? a.\"b\".${{c}}")),
        1 => prop::collection::vec(call.clone(), 2..4).prop_map(|e| e.join(" |> ")),
        1 => prop::collection::vec(call.clone(), 2..4).prop_map(|e| e.join(" <| ")),
        1 => (call.clone(), whole.clone()).prop_map(|(a, b)| format!("with {a}; {b}")),
        1 => (call.clone(), whole.clone()).prop_map(|(a, b)| format!("assert {a}; {b}")),
        1 => (whole.clone(), call.clone(), whole.clone())
            .prop_map(|(a, b, c)| format!("if {a} then {b} else {c}")),
        1 => (whole.clone(), whole.clone())
            .prop_map(|(a, b)| format!("let x = {a}; y.z = 1; in {b}")),
        1 => whole.clone().prop_map(|e| format!("x: {{ y, z ? {e}, ... }}@w: {e}")),
        1 => whole.prop_map(|e| format!("v@{{ y ? 1, }}: {e}")),
    ]
    .boxed()
}

/// Pieces that break most files.
const PIECES: [&str; 46] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "''",
    "${",
    "$",
    ";",
    ",",
    "=",
    ":",
    "@",
    ".",
    "?",
    " or ",
    "rec ",
    "let ",
    "in ",
    "with ",
    "inherit ",
    "if ",
    "else ",
    "//",
    "++",
    "!",
    "-",
    "/*",
    "*/",
    "#",
    "\n",
    "\r",
    "\0",
    "ä",
    "\u{feff}",
    "<",
    ">",
    "~/",
    "/",
    "1.",
    "9999999999999999999",
    "'",
    "\\",
    "\u{a0}",
];

fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn expressions_are_read_as_by_rnix(text in expression(operand().boxed())) {
        let found = difference(&text);
        prop_assert!(found.is_none(), "{text}\n{}", found.unwrap_or_default());
    }

    #[test]
    fn broken_files_are_read_or_refused(
        text in expression(operand().boxed()),
        changes in prop::collection::vec((any::<Index>(), 0_usize..6, select(&PIECES[..])), 1..5),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, removed, piece) in changes {
            let start = at.index(characters.len() + 1);
            let end = (start + removed).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        let text: String = characters.into_iter().collect();
        match File::parse(Arc::from(&*text)) {
            Err(error) => assert_inside(&text, error.span),
            Ok(file) => {
                for (_, span) in &file.exprs {
                    assert_inside(&text, *span);
                }
                // What the parser reads has a tree, except beyond a limit.
                if let Err(error) = tree(&text) {
                    prop_assert!(error.is_limit, "{text}: {error:?}");
                    assert_inside(&text, error.span);
                }
            }
        }
    }
}
