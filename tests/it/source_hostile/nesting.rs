//! Nested syntax, and what hides nesting.

use super::*;

/// Nested syntax: before, inside, after.
const NESTING: [(&str, &str, &str); 34] = [
    ("(", "a", ")"),
    ("[", "a", "]"),
    ("{ a = ", "a", "; }"),
    ("rec { a = ", "a", "; }"),
    ("{ \"${", "a", "}\" = a; }"),
    ("{ ${", "a", "} = a; }"),
    ("a . ", "a", ""),
    ("a: ", "a", ""),
    ("{ a }: ", "a", ""),
    ("{ a ? ", "a", " }: a"),
    ("f ", "a", ""),
    ("", "f", " a"),
    ("(", "f", " a)"),
    ("a // ", "a", ""),
    ("a ++ ", "a", ""),
    ("a + ", "a", ""),
    ("a - ", "a", ""),
    ("a * ", "a", ""),
    ("a / ", "a", ""),
    ("a && ", "a", ""),
    ("a || ", "a", ""),
    ("a -> ", "a", ""),
    ("a |> ", "a", ""),
    ("a <| ", "a", ""),
    ("!", "a", ""),
    ("- ", "a", ""),
    ("\"${", "a", "}\""),
    ("''${", "a", "}''"),
    ("./a${", "a", "}"),
    ("if a then b else ", "a", ""),
    ("if ", "a", " then b else c"),
    ("let a = ", "a", "; in a"),
    ("with a; ", "a", ""),
    ("assert a; ", "a", ""),
];

fn nested((before, inside, behind): (&str, &str, &str), depth: usize) -> String {
    before.repeat(depth) + inside + &behind.repeat(depth)
}

fn is_read(text: &str) -> bool {
    File::parse(Arc::from(text)).is_ok()
}

/// As deep as is just accepted, one more, and as deep as a file can be.
#[test]
fn nesting_of_every_kind() {
    for case in NESTING {
        let name = format!("{case:?}");
        let (mut read, mut refused) = (1, 1_001);
        assert!(is_read(&nested(case, read)), "{name}");
        assert!(!is_read(&nested(case, refused)), "{name}");
        while refused - read > 1 {
            let middle = usize::midpoint(read, refused);
            if is_read(&nested(case, middle)) { read = middle } else { refused = middle }
        }
        assert!(read >= 100, "{name} is refused at a depth of {refused}");
        everywhere(&name, nested(case, read), Is::Fine);
        everywhere(&name, nested(case, refused), Is::BrokenSomewhere);
        let most = (LONGEST - 8) / (case.0.len() + case.2.len());
        everywhere(&name, nested(case, most), Is::BrokenSomewhere);
    }
}

/// Text that the tokenizer reads differently than it looks, before nested syntax.
#[test]
fn nesting_that_hides() {
    let deep = "[".repeat(LONGEST / 2);
    let applied = " x".repeat(890);
    for (name, text) in [
        ("an apostrophe", format!("a'' {deep}")),
        ("a URL with quotes", format!("x:'' {deep}")),
        ("a URL with a comment", format!("x:/* {deep}")),
        ("a comment with a lone CR", format!("# \r{deep}")),
        ("other brackets", "[)".repeat(LONGEST / 2)),
        ("defaults", format!("[ {}a ]", "a.b or ".repeat(LONGEST / 8))),
        ("functions", format!("[ a: {}a ]", "f ".repeat(LONGEST / 3))),
        ("around", "(".repeat(50) + "f" + &format!("{applied})").repeat(50)),
        ("no separator", "(".repeat(50) + "f" + &format!(" ; {applied}").repeat(50)),
        ("one run", format!("[ {}a ]", "a.".repeat(LONGEST / 3))),
        ("one run of brackets", format!("[ {} ]", "<".repeat(LONGEST / 2))),
    ] {
        // A comment extends to the end of the line, whatever that is.
        let is = if name.contains("lone CR") { Is::Unreadable } else { Is::BrokenSomewhere };
        if is == Is::BrokenSomewhere {
            everywhere(name, text, is);
        } else {
            let flake = FlakeFolder::new();
            flake.file("other.nix", text);
            assert_holds(name, &flake.audit(name), ROOT_FINDING);
        }
    }
}

/// Nix reads it. rnix, which is only needed for edits, would take quadratic time.
#[test]
fn one_run_of_numbers() {
    let text = format!("[ {} ]", "1.1".repeat(LONGEST / 4));
    assert!(is_read(&text));
    assert!(flake_audit::source::syntax::tree(&text).is_err_and(|error| error.is_limit));
}
