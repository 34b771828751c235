use super::*;

fn is_refused(text: &str) -> Option<bool> {
    declarations(text, None).err().map(|problem| problem.is_refused)
}

/// Each was given to Nix 2.34.8: what it accepts is never said to be refused.
#[test]
fn nix_refuses_what_is_said_to_be_refused() {
    for text in [
        "{ outputs = _: { }; inputs = import ./i; }",
        "{ outputs = _: { }; inputs.a = \"github:a/b\"; }",
        "{ outputs = _: { }; inputs.a.follows = \"github:a/b\"; }",
        "{ outputs = _: { }; inputs.a.url = \"path:/x\" }",
        "{ outputs = _: { };\r\n inputs = x: x; }",
        "\u{feff}{ outputs = _: { }; }",
        "# nothing",
    ] {
        assert_eq!(is_refused(text), Some(true), "{text}");
    }
    for text in [
        "{ outputs = _: { }; inputs = rec { a.url = \"path:/x\"; b = a; }; }",
        "{ ${\"out\" + \"puts\"} = _: { }; }",
        "{ outputs = _: { }; }\0",
    ] {
        assert_eq!(is_refused(text), Some(false), "{text}");
    }
    assert_eq!(is_refused("{ # a lone carriage return ends it\r outputs = _: { }; }"), None);
    let deep = format!("{{ outputs = _: {}1{}; }}", "(".repeat(2_000), ")".repeat(2_000));
    assert_eq!(is_refused(&deep), Some(false));
}

#[test]
fn a_merge_conflict_is_called_one() {
    let text = "{\n<<<<<<< HEAD\n  outputs = 1;\n=======\n  outputs = 2;\n>>>>>>> x\n}\n";
    let problem = declarations(text, None).unwrap_err();
    assert_eq!(problem.message, "an unresolved merge conflict begins here");
    assert_eq!(problem.span, Some(Span { start: 2, end: 14 }));
    // Inside a string it is just text.
    let quoted = "{ outputs = _: ''\n<<<<<<< HEAD\n''; }";
    assert_eq!(declarations(quoted, None).map(|_| ()), Ok(()));
}
