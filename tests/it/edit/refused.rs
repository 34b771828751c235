//! What only a person can edit, and why.

use flake_audit::fix::edit::{Edit, edit};
use flake_audit::text::Span;

use super::parse_all;

#[track_caller]
fn assert_refused(text: &str, edits: &[&str], reason: &str, place: Option<&str>) {
    let refused = edit(text, &parse_all(edits)).unwrap_err();
    assert_eq!(refused.reason, reason, "{text}");
    assert_eq!(refused.span.map(|span| &text[span.range()]), place, "{text}");
}

#[test]
fn files_that_nix_refuses() {
    let edits: [&[&str]; 2] = [&["dep/nixpkgs -> x"], &[]];
    for edits in edits {
        assert_refused(
            "{ outputs = _: { }; inputs = import ./x; }",
            edits,
            "`inputs` must be an attribute set, written out, but is a function call",
            Some("import ./x"),
        );
        let text = "{ outputs = _: { } }";
        let refused = edit(text, &parse_all(edits)).unwrap_err();
        assert!(refused.reason.starts_with("flake.nix cannot be parsed: "), "{refused:?}");
        assert!(refused.span.is_some());
        assert_refused(
            "\u{feff}{ outputs = _: { }; }",
            edits,
            "flake.nix starts with a byte order mark",
            Some("\u{feff}"),
        );
    }
}

#[test]
fn follows_that_need_a_person() {
    let attributes =
        "{ inputs.dep.inputs.n = { type = \"git\"; url = \"u\"; }; outputs = _: { }; }";
    assert_refused(
        attributes,
        &["dep/n -> a/b"],
        "`inputs.dep.inputs.n` has a reference of its own: put \
         `inputs.dep.inputs.n.follows = \"a/b\";` in place of all that is said of it",
        Some("inputs.dep.inputs.n = { type = \"git\"; url = \"u\"; };"),
    );
    let more = "`inputs.dep` has a reference of its own: put `inputs.dep.follows = \"x\";` \
                in place of all that is said of it";
    assert_refused(
        "{ inputs.dep = { url = \"u\"; flake = false; }; outputs = _: { }; }",
        &["dep -> x"],
        more,
        Some("inputs.dep = { url = \"u\"; flake = false; };"),
    );
    assert_refused(
        "{ inputs.dep.url = \"u\"; inputs.dep.inputs.n.follows = \"n\"; outputs = _: { }; }",
        &["dep -> x"],
        more,
        Some("inputs.dep.url = \"u\";"),
    );
    let text = "{ outputs = { self }: { }; }";
    assert_refused(text, &["dep/n -> x"], "flake.nix has no input `dep`", None);
    assert_refused(text, &[" -> x"], "this flake itself follows nothing", None);
    assert_refused(
        "{ inputs.dep.url = \"u\"; outputs = _: { }; }",
        &["dep/n -> a.b"],
        "flake.nix could not be edited: then `inputs.dep.inputs.n.follows` names `a.b`, which \
         cannot be followed",
        None,
    );
}

#[test]
fn names_that_are_taken_or_cannot_be() {
    let text = "{ inputs.dep.url = \"u\"; outputs = { self, gpu }@all: { }; }";
    assert_refused(text, &["+ dep = x"], "flake.nix has an input `dep` already", Some("dep"));
    assert_refused(text, &["+ gpu = x"], "flake.nix has an input `gpu` already", Some("gpu"));
    assert_refused(text, &["+ self = x"], "an input `self` cannot be added", None);
    assert_refused(text, &["+ a = x", "+ a = y"], "an input `a` cannot be added", None);
    let formals = Some("{ self, gpu }@all");
    assert_refused(
        text,
        &["+ all = x", "take all"],
        "`outputs` cannot take `all`, which is what it calls all of them",
        formals,
    );
    assert_refused(
        text,
        &["+ hls-2.10 = x", "take hls-2.10"],
        "`outputs` cannot take `\"hls-2.10\"`, which is no name of an argument",
        formals,
    );
}

#[test]
fn inputs_are_not_removed() {
    let text = "{ inputs.dep.url = \"u\"; outputs = _: { }; }";
    assert_refused(text, &["- dep"], "`dep` is no override, and is not removed", None);
}

/// An additional change is noticed, however it comes about.
#[test]
fn changing_more_than_was_asked_for() {
    let text = "{ inputs.dep.url = \"u\"; outputs = { self, dep }: { }; }";
    let replace = |part: &str, text: &str, new: &str| {
        let start = text.find(part).unwrap();
        let span = Span { start, end: start + part.len() };
        Edit::Replace { span, text: new.to_owned() }
    };
    let changed = "flake.nix could not be edited without changing more";
    for (part, new) in [("\"u\"", "\"v\""), ("dep }", "dep, ... }"), ("{ self, dep }", "inputs")] {
        let refused = edit(text, &[replace(part, text, new)]).unwrap_err();
        assert_eq!(refused.reason, changed, "{part}");
    }
    // `nixpkgs` would become an input as an argument.
    assert_eq!(edit(text, &parse_all(&["take nixpkgs"])).unwrap_err().reason, changed);
    let refused = edit(text, &[replace("{ };", text, "{ }")]).unwrap_err();
    assert!(refused.reason.starts_with("flake.nix could not be edited: then "), "{refused:?}");

    assert_eq!(
        edit(text, &[replace("{ };", text, "1;")]).unwrap(),
        "{ inputs.dep.url = \"u\"; outputs = { self, dep }: 1; }"
    );
    let beyond = Edit::Replace { span: Span { start: 2, end: 900 }, text: String::new() };
    let reason = "an edit reaches beyond the end of flake.nix";
    assert_eq!(edit(text, &[beyond]).unwrap_err().reason, reason);
    let twice = [replace("{ };", text, "1;"), replace("};", text, "2;")];
    let reason = "two edits would change the same bytes";
    assert_eq!(edit(text, &twice).unwrap_err().reason, reason);
}

/// A large file with an edit for each of its inputs takes no noticeable time.
#[test]
fn many_edits_are_linear() {
    let many = 2_000;
    let names = |count| (0..count).map(|at| format!("i{at}"));
    let all: String =
        names(many).map(|name| format!("inputs.{name}.url = \"u\"; # {name}\n")).collect();
    let formals: String = names(2 * many).map(|name| name + ", ").collect();
    let text = format!("{{\n{all}  outputs = {{ {formals}... }}: {{ }};\n}}\n");
    let minified = text.replace('\n', "").replace("# ", "/* ").replace("inputs.", "*/ inputs.");
    let minified = minified.replacen("*/ ", "", 1).replacen("outputs", "*/ outputs", 1);
    let path = |name: &str, below: &str| vec![name.to_owned(), below.to_owned()];
    let mut edits: Vec<_> = names(2 * many)
        .map(|name| Edit::Follow { path: path(&name, "n"), follows: vec!["i0".into()] })
        .collect();
    let below = names(many).map(|n| Edit::Follow { path: path("i0", &n), follows: vec![] });
    edits.extend(below);
    edits.extend(names(many).map(|name| Edit::Take { name }));
    for text in [text, minified] {
        let started = std::time::Instant::now();
        let new = edit(&text, &edits).unwrap();
        let removed: Vec<_> =
            names(many).map(|name| Edit::Remove { path: path(&name, "n") }).collect();
        edit(&new, &removed).unwrap();
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        println!("{} bytes, {} edits: {:?}", text.len(), edits.len(), started.elapsed());
    }
}
