use super::{flake, read};
use crate::source::declare::Declarations;
use crate::source::syntax::File;

/// Each of these was given to Nix 2.34.8, which refuses it too.
#[test]
fn what_nix_refuses_is_refused() {
    for (text, message, place) in [
        (
            "let x = 1; in { }",
            "the file must be an attribute set, written out, but is a `let`",
            "let",
        ),
        ("{ }", "the flake has no `outputs`", "{ }"),
        (
            "{ outputs = import ./x.nix; }",
            "`outputs` must be a function, written out, but is a function call",
            "outputs",
        ),
        ("{ outputs = _: 1; overlay = 1; }", "a flake has no attribute `overlay`", "overlay"),
        (
            "{ outputs = _: 1; description = \"a${b}\"; }",
            "`description` must be a string, but is a string with a value inside",
            "description",
        ),
        (
            "{ outputs = _: 1; inputs = import ./x; }",
            "`inputs` must be an attribute set, written out, but is a function call",
            "import",
        ),
        (
            "{ outputs = _: 1; inputs.a = \"x\"; }",
            "`inputs.a` must be an attribute set, written out, but is a string",
            "\"x\"",
        ),
        (
            "{ outputs = _: 1; inputs.a.url = \"x\" + y; }",
            "`inputs.a.url` must be a string or a path, written out, but is an operation",
            "\"x\" + y",
        ),
        (
            "{ outputs = _: 1; inputs.a.url = x; }",
            "`inputs.a.url` must be a string or a path, written out, but is a name to be looked up",
            "x;",
        ),
        (
            "{ outputs = _: 1; inputs.a.url = \"a\"; inputs.a.url = \"b\"; }",
            "attribute `inputs.a.url` is defined twice",
            "url = \"b\"",
        ),
        (
            "{ outputs = _: 1; inputs.a = { }; inputs = 1; }",
            "attribute `inputs` is defined twice",
            "inputs = 1",
        ),
        (
            "{ outputs = _: 1; inputs.a.url = \"a\"; inputs = { a.url.b = 1; }; }",
            "attribute `url` is defined twice",
            "url.b",
        ),
        (
            "{ outputs = _: 1; inputs = { inherit (x) a; }; }",
            "`inputs.a` must be an attribute set, written out, but is inherited",
            "a;",
        ),
        (
            "{ outputs = _: 1; inputs.${x}.url = \"a\"; }",
            "an attribute's name must be written out, not computed",
            "${x}",
        ),
        (
            "{ outputs = _: 1; inputs.a.flake = \"no\"; }",
            "`inputs.a.flake` must be a Boolean, written out, but is a string",
            "\"no\"",
        ),
        (
            "{ outputs = _: 1; inputs.a.foo = \"x\"; }",
            "`inputs.a.foo` means nothing without a `type` beside it",
            "\"x\"",
        ),
        (
            "{ outputs = _: 1; inputs.a = { type = \"git\"; x = 1.5; }; }",
            "`inputs.a.x` must be a string, a Boolean or a number, written out, but is a number that is not whole",
            "1.5",
        ),
        (
            "{ outputs = _: 1; inputs.a.inputs.b.follows = \"a.b\"; }",
            "`inputs.a.inputs.b.follows` names `a.b`, which cannot be followed",
            "\"a.b\"",
        ),
        (
            "{ outputs = _: 1; inputs.a = { url = \"x\"; follows = \"b\"; }; }",
            "`inputs.a` has both a reference and a follows",
            "follows",
        ),
        (
            "{ outputs = _: 1; inputs.a.inputs.self.follows = \"b\"; }",
            "`self` cannot be overridden",
            "self",
        ),
        (
            "{ outputs = _: 1; inputs.self.dir = \"b\"; }",
            "`inputs.self` has no attribute `dir`",
            "dir",
        ),
        ("{ outputs = { self, a, a }: 1; }", "the argument `a` stands twice", "a }"),
        ("{ outputs = { self, a }@a: 1; }", "the argument `a` stands twice", "a: 1"),
        (
            "{ outputs = _: 1; inputs.a.url = \"./x#y\"; }",
            "`inputs.a.url` names an output (`#…`)",
            "\"./x",
        ),
        (
            "{ outputs = { self, _x }: 1; }",
            "`outputs` takes `_x`, which is no input and no flake's name",
            "_x",
        ),
        (
            "{ outputs = _: 1; inputs.a = 5; }",
            "`inputs.a` must be an attribute set, written out, but is a number or a URI",
            "5",
        ),
    ] {
        let (refusal, span) = match File::parse_flake(text.into()) {
            Ok(file) => Declarations::read(&file).map_err(|e| (e.message, e.span)).unwrap_err(),
            Err(error) => (error.message, error.span),
        };
        assert_eq!(refusal, message, "{text}");
        assert!(text[span.start..].starts_with(place), "{text}: {span:?}");
    }
}

/// What Nix 2.8.0, 2.26.3 and 2.34.8 all refuse is refused in a `rec` set, too, and what they may
/// take is not.
#[test]
fn names_of_a_recursive_set_are_uncertain_and_nothing_else() {
    let is_limit = |text: &str| {
        let refused = read(text).map(|_| ()).unwrap_err();
        refused.is_limit
    };
    for refused in [
        "rec { inputs = import ./i.nix; outputs = _: { }; }",
        "rec { inputs = { }; outputs = import ./o.nix; }",
        "rec { inputs = { }; outputs = _: { }; description = \"a${\"b\"}\"; }",
        "rec { description = \"a\"; x = description; outputs = _: { }; }",
        r#"{ inputs = rec { a.url = "github:${"acme"}/a"; }; outputs = _: { }; }"#,
        "{ inputs = rec { a.url = import ./x; }; outputs = _: { }; }",
        "{ inputs.a = rec { url = import ./x; }; outputs = _: { }; }",
        r#"{ inputs = rec { base = "github:acme/a"; a.url = base; }; outputs = _: { }; }"#,
        r#"{ inputs = rec { a.url = "github:acme/a"; b.url = a.url; }; outputs = _: { }; }"#,
        r#"{ inputs = rec { a.url = "github:acme/a"; b = { inherit (a) url; }; }; outputs = _: { }; }"#,
        "{ inputs = rec { a.url = nope; }; outputs = _: { }; }",
        // Only the file's own set may have computed names.
        r#"{ inputs.${"a" + "b"}.url = "github:acme/a"; outputs = _: { }; }"#,
        r#"{ inputs = { ${"a" + "b"}.url = "github:acme/a"; }; outputs = _: { }; }"#,
        r#"{ inputs.a = { ${null} = 1; }; outputs = _: { }; }"#,
        r#"{ nixConfig.${null} = 1; outputs = _: { }; }"#,
    ] {
        assert!(!is_limit(refused), "{refused}");
    }
    for uncertain in [
        r#"rec { description = "github:acme/a"; inputs.a.url = description; outputs = _: { }; }"#,
        r#"{ inputs = rec { a.url = "github:acme/a"; b = a; }; outputs = _: { }; }"#,
        r#"{ inputs = rec { a.url = "github:acme/a"; b = (a); }; outputs = _: { }; }"#,
        r#"{ inputs = rec { a.url = "github:acme/a"; b.inputs = { inherit a; }; }; outputs = _: { }; }"#,
        r#"{ inputs.a = rec { type = "github"; owner = type; repo = type; }; outputs = _: { }; }"#,
        r#"{ ${"inp" + "uts"}.a.url = "github:acme/a"; outputs = _: { }; }"#,
        "{ ${null} = 1; outputs = _: { }; }",
    ] {
        assert!(is_limit(uncertain), "{uncertain}");
    }
}

/// Each value was given to Nix 2.8.0, 2.26.3 and 2.34.8, which agree.
#[test]
fn settings_are_written_out() {
    let message = |value: &str| {
        let read = read(&flake(&format!("nixConfig = {{ {value} }};")));
        read.map(|_| ()).map_err(|refused| (refused.message, refused.is_limit))
    };
    for taken in [
        r#"a = "x"; b = true; c = 1; d = ./x; e = a:b; f = ''x'';"#,
        r#"a = [ ]; b = [ "x" ''y'' ("z") a:b ];"#,
        // Only where evaluation is pure does Nix refuse them.
        "a = /x; b = ~/x;",
        "",
    ] {
        assert_eq!(message(taken), Ok(()), "{taken}");
    }
    for (refused, is) in [
        (r#""x${"y"}""#, "a string with a value inside"),
        ("./x${\"y\"}", "a path with a value inside"),
        ("<nixpkgs>", "a search path"),
        ("!true", "an operation"),
        ("-1", "an operation"),
        ("1.5", "a number that is not whole"),
        ("null", "null"),
        ("_: 1", "a function"),
        ("import ./x", "a function call"),
        (r#""a" + "b""#, "an operation"),
        (r#"[ "a" ] ++ [ "b" ]"#, "an operation"),
        ("(import ./x).b", "an attribute to be looked up"),
        ("nope", "a name to be looked up"),
    ] {
        let told = format!(
            "`nixConfig.a` must be a string, a Boolean, a whole number or a list, written out, but is {is}"
        );
        assert_eq!(message(&format!("a = {refused};")), Err((told, false)));
    }
    for (refused, is) in [
        ("1", "a number"),
        ("true", "a Boolean"),
        ("null", "null"),
        ("./x", "a path"),
        ("{ }", "an attribute set"),
        (r#"[ "a" ]"#, "a list"),
        (r#""x${"y"}""#, "a string with a value inside"),
        ("(import ./x)", "a function call"),
        ("nope", "a name to be looked up"),
    ] {
        let told =
            format!("`nixConfig.a` must hold strings alone, written out, but one item is {is}");
        assert_eq!(message(&format!("a = [ \"x\" {refused} ];")), Err((told, false)));
    }
    for (refused, is) in [("a = { };", "an attribute set"), ("inherit (x) a;", "inherited")] {
        let told = format!("`nixConfig.a` must be written out, but is {is}");
        assert_eq!(message(refused), Err((told, false)));
    }
    let of_recursive = |values: &str| read(&flake(&format!("nixConfig = rec {{ {values} }};")));
    for uncertain in [r#"a = "x"; b = a;"#, r#"a = "x"; b = [ a ];"#] {
        assert!(of_recursive(uncertain).is_err_and(|refused| refused.is_limit), "{uncertain}");
    }
}

#[test]
fn hostile_depth_is_refused() {
    let deep = "inputs.a.".repeat(100);
    let refused = read(&flake(&format!("{deep}inputs = {{ }};"))).unwrap_err();
    assert_eq!(refused.message, "attributes are nested more than 128 names deep");
}
