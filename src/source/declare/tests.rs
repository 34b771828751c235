use super::*;

/// A flake with these attributes besides `outputs`.
fn flake(attributes: &str) -> String {
    format!("{{\n{attributes}\n  outputs = _: {{ }};\n}}\n")
}

fn read(text: &str) -> Result<Declarations, Refused> {
    let parse = rnix::Root::parse(text);
    assert!(parse.errors().is_empty(), "{:?}\n{text}", parse.errors());
    Declarations::read(&parse.tree())
}

fn declared(attributes: &str) -> Declarations {
    read(&flake(attributes)).unwrap()
}

/// All that is said of inputs: `dep = URL`, `dep/nixpkgs -> nixpkgs`, `src = URL (no flake)`.
fn told(declarations: &Declarations) -> Vec<String> {
    fn tell(input: &DeclaredInput, above: &str, lines: &mut Vec<String>) {
        let path = format!("{above}{}", input.name);
        let no_flake = if input.flake == Some(false) { " (no flake)" } else { "" };
        match (&input.reference, &input.follows) {
            (Some(Reference::Url { text, .. }), _) => {
                lines.push(format!("{path} = {text}{no_flake}"));
            }
            (Some(Reference::Attributes(attributes)), _) => {
                let attributes: Vec<_> =
                    attributes.iter().map(|a| format!("{}={:?}", a.name, a.value)).collect();
                lines.push(format!("{path} = {}{no_flake}", attributes.join(" ")));
            }
            (None, Some(follows)) => {
                lines.push(format!("{path} -> {}", follows.path.join("/")));
            }
            (None, None) if above.is_empty() || !no_flake.is_empty() => {
                lines.push(format!("{path} = ?{no_flake}"));
            }
            (None, None) => {}
        }
        for below in input.inputs.values() {
            tell(below, &format!("{path}/"), lines);
        }
    }
    let mut lines = Vec::new();
    for input in declarations.inputs() {
        tell(input, "", &mut lines);
    }
    lines
}

const EXPECTED: [&str; 4] = [
    "dep = github:acme/dep",
    "dep/nixpkgs -> nixpkgs",
    "dep/sub/nixpkgs -> nixpkgs",
    "nixpkgs = ?",
];

#[test]
fn every_spelling_says_the_same() {
    for spelling in [
        // Lines.
        r#"inputs.nixpkgs = { }; inputs.dep.url = "github:acme/dep";
           inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
           inputs.dep.inputs.sub.inputs.nixpkgs.follows = "nixpkgs";"#,
        // Lines in a block.
        r#"inputs = { nixpkgs = { }; dep.url = "github:acme/dep"; dep.inputs.nixpkgs.follows = "nixpkgs";
           dep.inputs.sub.inputs.nixpkgs.follows = "nixpkgs"; };"#,
        // Blocks.
        r#"inputs = { nixpkgs = { }; dep = { url = "github:acme/dep"; inputs = {
           nixpkgs = { follows = "nixpkgs"; }; sub = { inputs = { nixpkgs.follows = "nixpkgs"; }; }; }; }; };"#,
        // All of them, merged, in any order.
        r#"inputs.dep.inputs.sub.inputs.nixpkgs.follows = "nixpkgs";
           inputs = { dep = { url = "github:acme/dep"; }; };
           inputs = { nixpkgs = { }; dep.inputs = { nixpkgs.follows = "nixpkgs"; }; };"#,
        r#"inputs = { dep = { url = "github:acme/dep"; inputs.nixpkgs.follows = "nixpkgs"; };
           dep = { inputs.sub = { inputs.nixpkgs.follows = "nixpkgs"; }; }; }; inputs.nixpkgs = { };"#,
        // Odd names, strings and parentheses.
        r#"inputs = rec { "nixpkgs" = { }; ${"dep"} = ({ url = github:acme/dep; inputs."nixpkgs".follows = ''nixpkgs'';
           inputs.${("sub")}.inputs.nixpkgs.follows = ("/nixpkgs//"); }); };"#,
        // Only in `outputs` is nixpkgs named.
        r#"inputs.dep = { inputs.nixpkgs.follows = "nixpkgs"; url = "github:acme/dep";
           inputs.sub.inputs.nixpkgs.follows = "nixpkgs"; }; inputs.nixpkgs.inputs = { };"#,
    ] {
        assert_eq!(told(&declared(spelling)), EXPECTED, "{spelling}");
        let windows = format!("({})", flake(spelling).replace('\n', "\r\n\t"));
        assert_eq!(told(&read(&windows).unwrap()), EXPECTED, "{windows}");
    }
}

#[test]
fn references_are_text_or_attributes() {
    let declarations = declared(
        r#"inputs.a = { type = "github"; owner = "acme"; repo = "a"; ref = "x"; shallow = true; };
           inputs.b = { type = "git"; url = "https://example.org/b"; submodules = true; revCount = 5; };
           inputs.c = { url = "https://example.org/c.txt"; flake = false; };
           inputs.d.url = ./sub/../d; inputs.e.url = ./.; inputs.f.url = ../f;
           inputs.g.flake = false;"#,
    );
    assert_eq!(
        told(&declarations),
        [
            r#"a = owner=Text("acme") ref=Text("x") repo=Text("a") shallow=Bool(true) type=Text("github")"#,
            r#"b = revCount=Number(5) submodules=Bool(true) type=Text("git") url=Text("https://example.org/b")"#,
            "c = https://example.org/c.txt (no flake)",
            "d = path:d",
            "e = path:.",
            "f = path:../f",
            "g = ? (no flake)",
        ]
    );
}

#[test]
fn formals_imply_inputs() {
    let text =
        "{ inputs.a.follows = \"\"; outputs = inputs@{ self, a, nixpkgs ? null, ... }: { }; }";
    let declarations = read(text).unwrap();
    assert_eq!(told(&declarations), ["a -> ", "nixpkgs = ?"]);
    let nixpkgs = declarations.input("nixpkgs").unwrap();
    assert!(nixpkgs.is_implied());
    assert_eq!(nixpkgs.style(false), Style::Implied);
    assert_eq!(&text[nixpkgs.span().range()], "nixpkgs");
    let outputs = declarations.outputs().unwrap();
    assert_eq!(&text[outputs.span.range()], "inputs@{ self, a, nixpkgs ? null, ... }");
    assert_eq!(&text[outputs.braces.range()], "{ self, a, nixpkgs ? null, ... }");
    assert_eq!((outputs.closed, outputs.bound.as_deref()), (false, Some("inputs")));
    let names: Vec<_> = outputs.names.iter().map(|formal| formal.name.as_str()).collect();
    assert_eq!(names, ["self", "a", "nixpkgs"]);

    let declarations = read("{ outputs = { self, nixpkgs }@all: { }; }").unwrap();
    assert!(declarations.outputs().unwrap().closed);
    assert_eq!(told(&declarations), ["nixpkgs = ?"]);
    assert!(read("{ outputs = inputs: { }; }").unwrap().outputs().is_none());
}

#[test]
fn this_flake_is_no_input() {
    assert!(told(&declared("inputs.self.submodules = true; inputs.self.lfs = false;")).is_empty());
}

#[test]
fn spans_are_ready_for_splices() {
    let text = flake(concat!(
        "  inputs = {\n    dep.url = \"github:acme/dep\";\n    dep.inputs = {\n",
        "      nixpkgs.follows = \"nixpkgs\";\n    };\n  };\n  inputs.nixpkgs = { };"
    ));
    let declarations = read(&text).unwrap();
    let part = |span: Span| &text[span.range()];
    assert!(
        part(declarations.body()).starts_with("{\n") && part(declarations.body()).ends_with('}')
    );
    let blocks: Vec<_> =
        declarations.inputs_bindings().iter().map(|b| (part(b.path), b.block.is_some())).collect();
    assert_eq!(blocks, [("inputs", true), ("inputs", false)]);
    let dep = declarations.input("dep").unwrap();
    assert_eq!(part(dep.span()), "dep.url = \"github:acme/dep\";");
    assert_eq!(dep.style(false), Style::Dotted);
    assert_eq!(part(dep.inputs_blocks[0]), "{\n      nixpkgs.follows = \"nixpkgs\";\n    }");
    let Some(Reference::Url { span, .. }) = &dep.reference else { panic!("{dep:?}") };
    assert_eq!(part(*span), "\"github:acme/dep\"");
    let nixpkgs = declarations.find(&["dep", "nixpkgs"]).unwrap();
    assert_eq!(nixpkgs.style(true), Style::Nested);
    let follows = nixpkgs.follows.as_ref().unwrap();
    assert_eq!(part(follows.value), "\"nixpkgs\"");
    assert_eq!(part(follows.binding), "nixpkgs.follows = \"nixpkgs\";");
    let root = declarations.input("nixpkgs").unwrap();
    assert_eq!(part(root.bindings[0].path), "inputs.nixpkgs");
    assert_eq!(root.bindings[0].block.map(part), Some("{ }"));
    assert_eq!(root.style(false), Style::Block);

    let place = |path: &[&str]| declarations.place(path).map(part);
    assert_eq!(place(&["dep", "nixpkgs"]), Some("nixpkgs.follows = \"nixpkgs\";"));
    assert_eq!(place(&["dep", "nixpkgs", "x"]), Some("nixpkgs.follows = \"nixpkgs\";"));
    assert_eq!(place(&["dep", "other", "x"]), Some("dep.url = \"github:acme/dep\";"));
    assert_eq!(place(&["missing"]), None);
    assert_eq!(place(&[]), None);
}

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
            "attribute `inputs.a.url` is defined twice",
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
        ("{ outputs = { self, a, a }: 1; }", "`outputs` takes `a` twice", "a }"),
        ("{ outputs = { self, a }@a: 1; }", "`outputs` takes `a` twice", "a }"),
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
        let refused = read(text).unwrap_err();
        assert_eq!(refused.message, message, "{text}");
        assert!(text[refused.span.start..].starts_with(place), "{text}: {refused:?}");
    }
}

#[test]
fn hostile_depth_is_refused() {
    let deep = "inputs.a.".repeat(100);
    let refused = read(&flake(&format!("{deep}inputs = {{ }};"))).unwrap_err();
    assert_eq!(refused.message, "attributes are nested more than 128 names deep");
}

#[test]
fn comments_accept_findings() {
    let text = r##"{
  # flake-audit: allow(shared-node) not at an input
  description = "x";
  inputs = { # flake-audit: allow(a) the next line
    one.url = "github:acme/one";
    # flake-audit: allow(b, c)   on a line
    #   of its own

    two.url = "github:acme/two"; # flake-audit: allow(d) behind it
    # flake-audit: allow(e) the first of two
    # flake-audit: allow(f) the second
    three.inputs.nixpkgs.follows = "two";
    four = {
      # flake-audit: allow(g) inside
      url = "github:acme/four";
      inputs = {
        nixpkgs.follows = "two";
      };
    }; # flake-audit: allow(h) behind the last line
    # flake-audit: allow(i)
    # flake-audit: deny(i) because
    # flake-audit: allow(i j) because
    # flake-audit: allow() because
    /* flake-audit: allow(k) because */
    # see flake-audit: it is no exemption
    five.url = "github:acme/five";
  };
  outputs = { self, six, # flake-audit: allow(l) implied
    ... }: { };
}
"##;
    let declarations = read(text).unwrap();
    let told: Vec<_> = declarations
        .exemptions()
        .iter()
        .map(|exemption| match &exemption.said {
            Ok(said) => {
                format!("{} {}: {}", said.rules.join("+"), said.path.join("/"), said.reason)
            }
            Err(wrong) => format!("{}: {wrong}", &text[exemption.span.range()]),
        })
        .collect();
    let syntax = "write it as `# flake-audit: allow(rule) reason`";
    let names = "name one rule or more, with commas between them: `allow(a, b) reason`";
    assert_eq!(
        told,
        [
            "# flake-audit: allow(shared-node) not at an input: no input is declared on this line or the next".to_owned(),
            "a one: the next line".to_owned(),
            "# flake-audit: allow(b, c)   on a line: no input is declared on this line or the next".to_owned(),
            "d two: behind it".to_owned(),
            "e three/nixpkgs: the first of two".to_owned(),
            "f three/nixpkgs: the second".to_owned(),
            "g four: inside".to_owned(),
            "h four: behind the last line".to_owned(),
            "# flake-audit: allow(i): give a reason behind `allow(…)`".to_owned(),
            format!("# flake-audit: deny(i) because: {syntax}"),
            format!("# flake-audit: allow(i j) because: {names}"),
            format!("# flake-audit: allow() because: {names}"),
            format!("/* flake-audit: allow(k) because */: {syntax}"),
            "l six: implied".to_owned(),
        ]
    );
}
