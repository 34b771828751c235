mod exemption;
mod random;
mod refusal;

use super::*;

/// A flake with these attributes besides `outputs`.
fn flake(attributes: &str) -> String {
    format!("{{\n{attributes}\n  outputs = _: {{ }};\n}}\n")
}

fn read(text: &str) -> Result<Declarations, Refused> {
    let file = File::parse_flake(text.into());
    Declarations::read(&file.unwrap_or_else(|error| panic!("{error:?}\n{text}")))
}

fn declared(attributes: &str) -> Declarations {
    read(&flake(attributes)).unwrap()
}

/// All declared inputs: `dep = URL`, `dep/nixpkgs -> nixpkgs`, `src = URL (no flake)`.
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
        // Only `outputs` names nixpkgs.
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
    assert_eq!(nixpkgs.style(false), InputStyle::Implied);
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
    assert_eq!(dep.style(false), InputStyle::Dotted);
    assert_eq!(part(dep.inputs_blocks[0]), "{\n      nixpkgs.follows = \"nixpkgs\";\n    }");
    let Some(Reference::Url { span, .. }) = &dep.reference else { panic!("{dep:?}") };
    assert_eq!(part(*span), "\"github:acme/dep\"");
    let nixpkgs = declarations.input_at(&["dep", "nixpkgs"]).unwrap();
    assert_eq!(nixpkgs.style(true), InputStyle::Nested);
    let follows = nixpkgs.follows.as_ref().unwrap();
    assert_eq!(part(follows.value), "\"nixpkgs\"");
    assert_eq!(part(follows.binding), "nixpkgs.follows = \"nixpkgs\";");
    let root = declarations.input("nixpkgs").unwrap();
    assert_eq!(part(root.bindings[0].path), "inputs.nixpkgs");
    assert_eq!(root.bindings[0].block.map(part), Some("{ }"));
    assert_eq!(root.style(false), InputStyle::Block);

    let place = |path: &[&str]| declarations.best_place(path).map(part);
    assert_eq!(place(&["dep", "nixpkgs"]), Some("nixpkgs.follows = \"nixpkgs\";"));
    assert_eq!(place(&["dep", "nixpkgs", "x"]), Some("nixpkgs.follows = \"nixpkgs\";"));
    assert_eq!(place(&["dep", "other", "x"]), Some("dep.url = \"github:acme/dep\";"));
    assert_eq!(place(&["missing"]), None);
    assert_eq!(place(&[]), None);
}

#[test]
fn build_time_is_said_in_all_spellings() {
    for (attributes, path) in [
        (r#"inputs.dep.url = "github:acme/dep"; inputs.dep.buildTime = true;"#, &["dep"][..]),
        (r#"inputs = { dep = { url = "github:acme/dep"; "buildTime" = true; }; };"#, &["dep"]),
        (
            r#"inputs.dep = { type = "github"; owner = "acme"; repo = "d"; buildTime = (true); };"#,
            &["dep"],
        ),
        (r#"inputs.a.inputs.dep = { url = "github:acme/dep"; buildTime = true; };"#, &["a", "dep"]),
        ("inputs.a.inputs.b.inputs.dep.buildTime = true;", &["a", "b", "dep"]),
    ] {
        let declared = declared(attributes);
        let dep = declared.input_at(path).unwrap();
        assert!(dep.build_time, "{attributes}");
        // It is not part of the reference.
        assert_eq!(dep.reference.is_some(), attributes.contains("acme"), "{attributes}");
        let told = told(&declared).concat();
        assert!(!told.contains("buildTime"), "{told}");
    }
    assert!(!declared("inputs.dep.buildTime = false;").input("dep").unwrap().build_time);
    let refused = read(&flake("inputs.dep.buildTime = 1;")).unwrap_err();
    assert_eq!(
        refused.message,
        "`inputs.dep.buildTime` must be a Boolean, written out, but is a number"
    );
}
