//! Sources made to hurt, through the whole audit: as the root's `flake.nix`, as a file that it
//! imports, and as the same two of a dependency in a store.
//!
//! Whatever they hold, the audit ends on the stack of an ordinary thread, tells an error once and
//! where it is, judges all that could be read, and prints nothing hidden.

use std::fs;
use std::sync::Arc;

use flake_audit::rules::RULES;
use flake_audit::source::syntax::File;

use crate::cli::flake_audit;
use crate::support::flake_folder::{
    DEP_FINDING, FlakeFolder, ROOT_FINDING, ROOT_FLAKE, Told, assert_shown,
};

/// The longest file that is read.
const LONGEST: usize = 1 << 20;

/// What is expected of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    /// It is read and evaluated.
    Fine,
    /// It cannot be read, for an error at this line and column.
    Broken(usize, usize),
    /// It cannot be read, for an error somewhere in it.
    BrokenSomewhere,
    /// It cannot be read at all.
    Unreadable,
}

/// Puts a text wherever source is read.
fn everywhere(name: &str, text: impl AsRef<[u8]>, is: Is) {
    let text = text.as_ref();
    let flake = FlakeFolder::new();
    flake.file("other.nix", text);
    let told = flake.audit(name);
    assert_holds(name, &told, ROOT_FINDING);
    assert_told(name, &told, "other.nix", is);
    assert_eq!(told.read, 1, "{name}");

    let flake = FlakeFolder::new();
    flake.file("flake.nix", text);
    let told = flake.audit(name);
    // One that says nothing of outputs takes nothing.
    if is != Is::Fine {
        assert_holds(name, &told, DEP_FINDING);
        assert_told(name, &told, "flake.nix", is);
    }

    for file in ["flake.nix", "other.nix"] {
        let flake = FlakeFolder::new();
        flake.dep_file(file, text);
        let told = flake.audit(name);
        assert_holds(name, &told, ROOT_FINDING);
        // Nothing is said of what is wrong with others.
        assert_eq!(told.warnings, [], "{name}");
    }
}

fn assert_holds(name: &str, told: &Told, finding: &str) {
    assert!(told.findings.iter().any(|found| found == finding), "{name}: {told:#?}");
}

fn assert_told(name: &str, told: &Told, file: &str, is: Is) {
    let of_file: Vec<_> = told.warnings.iter().filter(|warning| warning.file == file).collect();
    if is == Is::Fine {
        // Only that it is too much may be said of it.
        assert_eq!(told.warnings.len(), usize::from(told.cut_short), "{name}: {told:#?}");
        return;
    }
    assert_eq!((of_file.len(), told.warnings.len()), (1, 1), "{name}: {:#?}", told.warnings);
    assert!(of_file[0].message.len() < 400, "{name}: {}", of_file[0].message);
    let position = of_file[0].position.map(|at| (at.line, at.column));
    match is {
        Is::Broken(line, column) => assert_eq!(position, Some((line, column)), "{name}"),
        Is::BrokenSomewhere => assert!(position.is_some(), "{name}"),
        Is::Fine | Is::Unreadable => assert_eq!(position, None, "{name}"),
    }
}

/// What nests: before, inside, behind.
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

/// As deep as is just about read, one more, and as deep as a file can be.
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

/// What the tokenizer takes for something else than it looks like, before what nests.
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
        ("one run of numbers", format!("[ {} ]", "1.1".repeat(LONGEST / 4))),
        ("one run of brackets", format!("[ {} ]", "<".repeat(LONGEST / 2))),
    ] {
        // A comment goes to the end of the line here, whatever that is.
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

#[test]
fn long_things() {
    let many = LONGEST / 16;
    let bindings: String = (0..many / 2).map(|at| format!("a{at} = f b c; ")).collect();
    for (name, text) in [
        ("a string", format!("\"{}\"", "a b // ".repeat(2 * many))),
        ("a string of lines", format!("''\n{}''", "  a\n".repeat(3 * many))),
        ("a string of escapes", format!("\"{}\"", "\\$\\n".repeat(3 * many))),
        ("a string of code", format!("''{}''", "${a} ".repeat(2 * many))),
        ("a comment", format!("# {}\nnull", "a".repeat(15 * many))),
        ("comments", "# flake-audit\n".repeat(many) + "null"),
        ("blanks", " \n".repeat(7 * many) + "null"),
        ("tabs", "\t".repeat(15 * many) + "null"),
        ("a name", format!("{{ {} = 1; }}", "a".repeat(15 * many))),
        ("a path", format!("./{}", "a/".repeat(7 * many) + "b")),
        ("a path to import", format!("import ./{}", "a/".repeat(7 * many) + "b.nix")),
        ("a dotted name", format!("{{ {}a = 1; }}", "a . ".repeat(400))),
        ("a number", "1".repeat(15 * many)),
        ("a list in a line", format!("[ {}]", "a ".repeat(7 * many))),
        ("a list of lists in a line", format!("[ {}]", "[ ] ".repeat(3 * many))),
        ("a set in a line", format!("{{ {bindings}}}")),
        ("arguments in a line", {
            let formals: String = (0..many / 2).map(|at| format!("a{at}, ")).collect();
            format!("{{ {formals}... }}: null")
        }),
        ("one name again and again", format!("{{ {} }}", "a = { b = 1; }; ".repeat(many / 2))),
        ("one name inherited", format!("{{ {} }}", "inherit a; ".repeat(many))),
    ] {
        assert!(text.len() <= LONGEST, "{name}");
        let flake = FlakeFolder::new();
        flake.file("other.nix", &text).dep_file("other.nix", &text).dep_file("flake.nix", &text);
        let told = flake.audit(name);
        assert_holds(name, &told, ROOT_FINDING);
        assert_eq!(told.warnings, [], "{name}");
        flake.file("flake.nix", &text);
        flake.audit(name);
    }
    // The last line of a megabyte: what is wrong stands at its end.
    everywhere(
        "the end of a line",
        format!("[ {}", "a ".repeat(7 * many)),
        Is::Broken(1, 14 * many + 3),
    );
    everywhere("too long", " ".repeat(LONGEST) + "null", Is::Unreadable);
}

#[test]
fn bytes_that_are_no_text() {
    for (name, bytes, is) in [
        ("bad UTF-8", &b"{ a = \"\xff\"; }"[..], Is::Unreadable),
        ("half a character", b"{ a = \"\xe2\x82", Is::Unreadable),
        ("a surrogate", b"\"\xed\xa0\x80\"", Is::Unreadable),
        ("UTF-16", b"\xff\xfe{\0 \0}\0", Is::Unreadable),
        ("a NUL", b"{ a = 1;\0 }", Is::Broken(1, 9)),
        ("NULs", &[0; 1_000], Is::Broken(1, 1)),
        ("nothing", b"", Is::BrokenSomewhere),
        ("a line break", b"\n", Is::BrokenSomewhere),
        ("CRLF", b"{\r\n  a = ;\r\n}\r\n", Is::Broken(2, 7)),
        ("CR", b"{\r  a = ;\r}\r", Is::Broken(1, 9)),
        ("tabs", b"{\n\t\ta = ;\n}\n", Is::Broken(2, 7)),
        ("wide characters", "{ a = \"äöü𝒳\"; b = ; }".as_bytes(), Is::Broken(1, 19)),
        ("an open string", b"{\n  a = \"b;\n}\n", Is::BrokenSomewhere),
        ("an open block", b"{\n  a = ''b;\n}\n", Is::BrokenSomewhere),
        ("an open comment", b"{\n  a = 1; /* b;\n}\n", Is::BrokenSomewhere),
        ("open code", b"{\n  a = \"${b\n}\n", Is::BrokenSomewhere),
        ("an escape at the end", b"\"\\", Is::BrokenSomewhere),
        ("a quote at the end", b"''a'", Is::BrokenSomewhere),
        ("an escape of a block at the end", b"''a''\\", Is::BrokenSomewhere),
        ("a dollar at the end", b"\"$", Is::BrokenSomewhere),
        ("two expressions", b"{ }\n}", Is::Broken(2, 1)),
        ("half a merge", b"{\n<<<<<<< HEAD\n  a = 1;\n=======\n}", Is::BrokenSomewhere),
        ("ESC and bidi", "{ \u{1b}[31m = \u{202e}; }".as_bytes(), Is::BrokenSomewhere),
    ] {
        everywhere(name, bytes, is);
    }
    let fine = ROOT_FLAKE.replace('\n', "\r\n");
    let flake = FlakeFolder::new();
    flake.file("flake.nix", &fine);
    let told = flake.audit("a flake with CRLF");
    assert_holds("CRLF", &told, ROOT_FINDING);
    assert_eq!(told.warnings, []);
    for text in ["\u{feff}_: null\n", "_:\r\n  null\r\n", "_: # \r\n null", "_:\t null # \u{202e}"]
    {
        let flake = FlakeFolder::new();
        flake.file("other.nix", text);
        assert_told(text, &flake.audit(text), "other.nix", Is::Fine);
    }
}

const HIDDEN: &str = "\u{1b}[31m\u{202e}\u{2066}\u{9b}\u{200b}\u{7f}";

/// Names that would do something to a terminal, wherever a file can have one.
#[test]
fn names_that_hide() {
    let flake = FlakeFolder::new();
    let quoted = format!("\"{HIDDEN}\"");
    let root = ROOT_FLAKE
        .replace("inputs.dep.url", &format!("inputs.{quoted}.url = \"github:{HIDDEN}/x\";\n  # flake-audit: allow({HIDDEN}) {HIDDEN}\n  inputs.dep.url"))
        .replace("packages.x86_64-linux.mine", &format!("packages.{quoted} = inputs.{quoted}.packages.{quoted};\n    packages.x86_64-linux.mine"));
    flake.file("flake.nix", root);
    flake.file("other.nix", format!(
        "inputs: {{ {quoted} = import inputs.nixpkgs {{ config.{quoted} = true; config.cudaSupport = true; }}; a = import (./. + \"/{HIDDEN}.nix\"); b = import ./${{{quoted}}}.nix; }}"
    ));
    flake.file(&format!("{HIDDEN}.nix"), format!("{{ a = \"{HIDDEN}\" {HIDDEN}; }}"));
    let told = flake.audit("hidden names");
    assert_holds("hidden names", &told, ROOT_FINDING);
    assert!(told.warnings.iter().any(|warning| warning.file.contains(HIDDEN)), "{told:#?}");
    for format in ["human", "json", "ndjson"] {
        let mut command = flake_audit(flake.path());
        command.args(["check", "--format", format, "-v", "--store"]).arg(flake.store());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_shown(&String::from_utf8(output.stdout).unwrap());
        assert_shown(&String::from_utf8(output.stderr).unwrap());
    }
}

#[test]
fn files_that_lead_to_themselves() {
    for (name, files) in [
        ("itself", &[("other.nix", "import ./other.nix")][..]),
        ("itself called", &[("other.nix", "inputs: import ./other.nix inputs")]),
        ("the flake", &[("other.nix", "inputs: (import ./flake.nix).outputs inputs")]),
        ("two", &[("other.nix", "import ./b.nix"), ("b.nix", "import ./other.nix")]),
        ("a folder", &[("other.nix", "import ./."), ("default.nix", "import ./.")]),
        (
            "a folder by names",
            &[
                ("other.nix", "i: import ./. i"),
                ("default.nix", "i: { a = import ./default.nix i; b = import ./. i; c = i.self; }"),
            ],
        ),
        (
            "modules",
            &[
                ("other.nix", "i: i.nixpkgs.lib.nixosSystem { modules = [ ./b.nix ]; }"),
                ("b.nix", "{ imports = [ ./b.nix ./c.nix ]; }"),
                ("c.nix", "{ imports = [ ./b.nix ./. ]; }"),
                ("default.nix", "{ imports = [ ./c.nix ]; }"),
            ],
        ),
        (
            "overlays",
            &[
                ("other.nix", "i: import i.nixpkgs { overlays = [ (import ./b.nix) ]; }"),
                ("b.nix", "final: prev: import ./b.nix final prev // import ./b.nix prev final"),
            ],
        ),
        (
            "callPackage",
            &[
                ("other.nix", "i: i.nixpkgs.legacyPackages.x.callPackage ./b.nix { }"),
                ("b.nix", "{ callPackage }: callPackage ./b.nix { }"),
            ],
        ),
        (
            "folders read",
            &[(
                "other.nix",
                "i: map (f: import (./. + \"/${f}\")) (builtins.attrNames (builtins.readDir ./.))",
            )],
        ),
    ] {
        let flake = FlakeFolder::new();
        for (path, text) in files {
            flake.file(path, text).dep_file(path, text);
        }
        let told = flake.audit(name);
        assert_holds(name, &told, ROOT_FINDING);
        assert_eq!(told.warnings, [], "{name}");
    }
}

#[test]
fn a_ring_of_files() {
    const FILES: usize = 1_000;
    for call in ["import ./FILE", "i: import ./FILE i", "i: { a = import ./FILE i; }"] {
        let flake = FlakeFolder::new();
        let next = |at: usize| call.replace("FILE", &format!("ring/r{}.nix", at % FILES));
        flake.file("other.nix", next(0)).dep_file("other.nix", next(0));
        for at in 0..FILES {
            let text = next(at + 1).replace("ring/", "");
            flake.file(&format!("ring/r{at}.nix"), &text);
            flake.dep_file(&format!("ring/r{at}.nix"), &text);
        }
        let told = flake.audit(call);
        assert_holds(call, &told, ROOT_FINDING);
    }
}

#[test]
fn a_folder_of_many_files() {
    let loaders = [
        "i: i.nixpkgs.lib.nixosSystem { modules = i.nixpkgs.lib.filesystem.listFilesRecursive ./many; }",
        "i: i.nixpkgs.lib.nixosSystem { modules = map (n: ./many + \"/${n}\") (builtins.attrNames (builtins.readDir ./many)); }",
        "i: i.nixpkgs.lib.nixosSystem { modules = [ ((import ./import-tree) ./many) ]; }",
    ];
    let flake = FlakeFolder::new();
    for at in 0..5_000 {
        let text = if at % 1_000 == 7 {
            "{ a = ; }"
        } else {
            "{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }"
        };
        flake.file(&format!("many/{}/m{at}.nix", at / 100), text);
    }
    for loader in loaders {
        flake.file("other.nix", loader);
        let told = flake.audit(loader);
        assert_holds(loader, &told, ROOT_FINDING);
        assert!(
            told.warnings.iter().filter(|w| w.file != "flake.nix").all(|w| w.position.is_some()),
            "{told:#?}"
        );
        if loader.contains("listFiles") {
            let broken = told.warnings.iter().filter(|w| w.file.starts_with("many/")).count();
            assert!(broken == 5 || told.cut_short, "{told:#?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    type Make = fn(&std::path::Path);
    let makers: [(&str, Make); 9] = [
        ("a symlink out", |path| symlink("/etc/passwd", path).unwrap()),
        ("a symlink up", |path| symlink("../../../../../../etc/passwd", path).unwrap()),
        ("a symlink to a device", |path| symlink("/dev/zero", path).unwrap()),
        ("a symlink to itself", |path| symlink(path, path).unwrap()),
        ("a symlink to its folder", |path| symlink(".", path).unwrap()),
        ("a symlink to nothing", |path| symlink("nothing.nix", path).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a FIFO", |path| {
            let status = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(status.success());
        }),
        ("a socket", |path| drop(UnixListener::bind(path).unwrap())),
    ];
    for (name, make) in makers {
        for file in ["flake.nix", "other.nix"] {
            for in_root in [true, false] {
                let flake = FlakeFolder::new();
                let folder = if in_root { flake.path().to_owned() } else { flake.dep() };
                fs::remove_file(folder.join(file)).unwrap();
                make(&folder.join(file));
                let told = flake.audit(name);
                assert_holds(name, &told, DEP_FINDING);
                assert!(told.warnings.len() <= 1, "{name}: {told:#?}");
                if !(in_root && file == "flake.nix") {
                    assert_holds(name, &told, ROOT_FINDING);
                }
            }
        }
    }
    // Folders that lead into each other are no endless ones.
    let flake = FlakeFolder::new();
    fs::create_dir_all(flake.path().join("many/a/b")).unwrap();
    symlink("../..", flake.path().join("many/a/b/up")).unwrap();
    symlink("/", flake.path().join("many/root")).unwrap();
    flake.file("other.nix", "i: i.nixpkgs.lib.filesystem.listFilesRecursive ./many");
    assert_holds("folders", &flake.audit("folders"), ROOT_FINDING);
}

/// Each made of the one before, which stands as `AT`; the next as `TO`.
fn grown(times: usize, first: &str, next: &str) -> String {
    let bindings: String = (0..times)
        .map(|at| {
            let next = next.replace("AT", &format!("a{at}")).replace("TO", &(at + 1).to_string());
            format!("a{} = {next}; ", at + 1)
        })
        .collect();
    format!("let f = x: y: {{ inherit x y; }}; a0 = {first}; {bindings}in a{times}")
}

/// A program ends, as what the root imports, as what a dependency does, and as all that they do.
fn assert_ends(name: &str, text: &str) {
    let flake = FlakeFolder::new();
    flake.file("other.nix", text).dep_file("other.nix", text);
    let told = flake.audit(name);
    assert_holds(name, &told, ROOT_FINDING);
    // Where it was too much, that is said, once.
    assert_eq!(told.warnings.len(), usize::from(told.cut_short), "{name}: {told:#?}");
    let flake = FlakeFolder::new();
    let outputs = format!("{{ outputs = i: ({text}\n) i; }}");
    flake.file("flake.nix", &outputs).dep_file("flake.nix", &outputs);
    flake.audit(name);
}

/// Programs that run for ever in Nix, or nearly.
#[test]
fn programs_without_end() {
    let chain: String = (0..5_000).map(|at| format!("a{at} = a{}; ", at + 1)).collect();
    let overlay = "(final: prev: { a = prev.a // final.a; b = final.c; c = final.b; }) ";
    let wide: String =
        (0..3_000).map(|at| format!("p{at} = final.p{}; ", (at + 1) % 3_000)).collect();
    for (name, text) in [
        ("itself", "let a = a; in a"),
        ("two", "let a = b; b = a; in a"),
        ("functions", "let f = x: g x; g = x: f x; in f"),
        ("growing functions", "let f = x: g { inherit x; }; g = x: f [ x ]; in f 1"),
        ("omega", "(x: x x) (x: x x)"),
        ("growing omega", "(x: [ (x x) (x x) ]) (x: [ (x x) (x x) ])"),
        (
            "Y",
            "let y = f: (x: f (x x)) (x: f (x x)); in y (self: n: { a = self (n + 1); b = self n; })",
        ),
        ("fix", "i: i.nixpkgs.lib.fix (self: { a = self; b = self // { c = self.b; }; })"),
        ("rec", "rec { a = { inherit a b; }; b = { inherit a b; }; c = a // b // c; }"),
        ("with", "let s = { inherit s; t = with s; t; }; in with s; with t; t"),
        ("mapAttrs", "let s = builtins.mapAttrs (n: v: s) s; in s"),
        (
            "mapAttrs of all",
            "i: let m = i.nixpkgs.lib.mapAttrs; s = m (n: v: m (m: w: s) s) ({ a = 1; b = 2; } // s); in s",
        ),
        (
            "genList",
            "i: builtins.genList (x: builtins.genList (y: i.nixpkgs.legacyPackages.x) 1000000000) 1000000000",
        ),
        (
            "foldl",
            "i: i.nixpkgs.lib.foldl' (a: b: a // b // { x = a; }) { } (i.nixpkgs.lib.range 1 1000000)",
        ),
        (
            "genericClosure",
            "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ { key = x.key + 1; } ]; }",
        ),
        (
            "an overlay of itself",
            "i: let p = import i.nixpkgs { overlays = [ (f: q: p) (f: q: p.extend (g: h: p)) ]; config = p.config; }; in p",
        ),
        (
            "instances of instances",
            "i: let f = n: p: import p.path { config.cudaSupport = true; overlays = [ (x: y: f [ n ] x) ]; }; in f 1 i.nixpkgs.legacyPackages.x",
        ),
        (
            "modules of themselves",
            "i: let m = { imports = [ m (a: m) { imports = [ m ]; } ]; nixpkgs.config = m; }; in i.nixpkgs.lib.nixosSystem { modules = [ m ]; specialArgs = { inherit m i; }; }",
        ),
        (
            "modules of modules",
            "i: let m = n: { imports = [ (m [ n ]) (m { a = n; }) ]; }; in i.nixpkgs.lib.nixosSystem { modules = [ (m 1) ]; }",
        ),
        ("arguments", "{ a ? b, b ? a, c ? { inherit a b c; }, ... }@d: d // c // { x = d; }"),
        (
            "the flake itself",
            "i: i.self // { a = i.self.packages.x86_64-linux.other; b = i.self.outputs.inputs.self.inputs; }",
        ),
        (
            "the inputs",
            "i: builtins.mapAttrs (n: v: v.inputs // v.outputs // i) (i // i.self.inputs)",
        ),
        ("calls", &grown(60, "1", "f AT AT")),
        ("sets", &grown(60, "{ }", "{ x = AT; y = AT; }")),
        ("updates", &grown(2_000, "{ }", "AT // { xTO = AT; }")),
        ("functions of functions", &("(".to_owned() + &"f: x: f (f x)) (".repeat(30) + "x: x)")),
        ("choices", &grown(200, "x: x", "x: if f.c then AT [ x ] else AT { y = x; }")),
        ("mapped lists", &grown(60, "[ 1 ]", "builtins.concatMap (x: [ x x ]) AT")),
        ("a chain of names", &format!("let {chain} a5000 = 1; in a0")),
        ("a chain of functions", &grown(5_000, "x: x", "x: AT (x + 1)")),
        ("a chain of updates", &format!("let a = {{ }}; in {}a", "a // ".repeat(480))),
        ("overlays", &format!("i: import i.nixpkgs {{ overlays = [ {} ]; }}", overlay.repeat(500))),
        (
            "an overlay of many",
            &format!("i: import i.nixpkgs {{ overlays = [ (final: prev: {{ {wide} }}) ]; }}"),
        ),
        (
            "many instances",
            &format!(
                "i: map (n: import i.nixpkgs {{ config.cudaSupport = true; overlays = [ (f: p: n) ]; }}) [ {} ]",
                "1 ".repeat(20_000)
            ),
        ),
    ] {
        assert_ends(name, text);
    }
}

/// What doubles in size at every step: memory is bounded as steps are.
#[test]
fn programs_that_grow() {
    for (name, text) in [
        ("lists", grown(60, "[ 1 ]", "AT ++ AT")),
        ("texts", grown(60, "\"abc\"", "\"${AT}${AT}\"")),
        ("lists of lists", grown(60, "[ 1 ]", "builtins.concatLists [ AT AT ]")),
        ("flat lists", format!("i: {}", grown(60, "[ 1 ]", "i.nixpkgs.lib.flatten [ AT [ AT ] ]"))),
        ("lists of both branches", grown(60, "[ 1 ]", "if f.c then AT ++ [ AT ] else AT ++ AT")),
        (
            "folded lists",
            format!("i: i.nixpkgs.lib.foldl' (a: b: a ++ a) [ 1 ] [ {} ]", "1 ".repeat(64)),
        ),
        (
            "names",
            format!(
                "i: {}",
                grown(
                    60,
                    "{ x = 1; }",
                    "i.nixpkgs.lib.mapAttrs' (n: v: { name = \"${n}${n}\"; value = AT; }) AT"
                )
            ),
        ),
        (
            "merged sets",
            format!(
                "i: {}",
                grown(
                    500,
                    "{ x = { }; }",
                    "i.nixpkgs.lib.recursiveUpdate AT { x.yTO = AT; z = AT; }"
                )
            ),
        ),
    ] {
        assert_ends(name, &text);
    }
}

fn root_with(inputs: &str) -> String {
    ROOT_FLAKE.replacen("  outputs", &format!("{inputs}\n  outputs"), 1)
}

#[test]
fn inputs_without_end() {
    const MANY: usize = 10_000;
    let line = |make: &dyn Fn(usize) -> String| (0..MANY).map(make).collect::<String>();
    for (name, inputs, is) in [
        ("many inputs", line(&|at| format!("inputs.i{at}.url = \"github:a/b{at}\";\n")), Is::Fine),
        (
            "many in one set",
            format!(
                "inputs.x.inputs = {{ {} }};",
                line(&|at| format!("i{at}.follows = \"dep\"; "))
            ),
            Is::Fine,
        ),
        (
            "defined again and again",
            line(&|at| format!("inputs = {{ i{at}.url = \"path:./a\"; }};\n")),
            Is::Fine,
        ),
        (
            "one input again and again",
            line(&|at| format!("inputs.i.inputs.i{at}.follows = \"\";\n")),
            Is::Fine,
        ),
        (
            "one url again and again",
            line(&|_| "inputs.i.url = \"github:a/b\";\n".into()),
            Is::BrokenSomewhere,
        ),
        (
            "a follows of many names",
            format!("inputs.i.follows = \"{}a\";", "a/".repeat(MANY)),
            Is::Fine,
        ),
        (
            "follows of follows",
            line(&|at| format!("inputs.i{at}.follows = \"i{}\";\n", (at + 1) % MANY)),
            Is::Fine,
        ),
        (
            "a deep input",
            format!("inputs.i{}.follows = \"dep\";", " . inputs.i".repeat(60)),
            Is::Fine,
        ),
        (
            "a deeper input",
            format!("inputs.i{}.follows = \"dep\";", ".inputs.i".repeat(MANY)),
            Is::BrokenSomewhere,
        ),
        (
            "a deep set",
            format!("inputs = {}{};", "{ i.inputs = ".repeat(60) + "{ }", "; }".repeat(60)),
            Is::Fine,
        ),
        (
            "a deeper set",
            format!("inputs = {}{};", "{ i.inputs = ".repeat(MANY) + "{ }", "; }".repeat(MANY)),
            Is::BrokenSomewhere,
        ),
        ("the same formal", String::new(), Is::Fine),
        (
            "a long name",
            format!("inputs.\"{}\".url = \"github:a/b\";", "a".repeat(500_000)),
            Is::Fine,
        ),
        (
            "a long url",
            format!("inputs.i.url = \"github:a/b?{}\";", "a=b&".repeat(100_000)),
            Is::Fine,
        ),
        ("computed", "inputs.i.url = \"github:\" + \"a/b\";".into(), Is::Broken(7, 16)),
        ("an input called self", "inputs.self.url = \"github:a/b\";".into(), Is::BrokenSomewhere),
        (
            "two sets of the same",
            "inputs.i = { url = \"github:a/b\"; };\ninputs.i = { url = \"github:a/b\"; };".into(),
            Is::BrokenSomewhere,
        ),
        ("no set", "inputs.i = [ ];".into(), Is::BrokenSomewhere),
        ("inherited", "inputs = { inherit (a) b; };".into(), Is::BrokenSomewhere),
        (
            "a name that is computed",
            "inputs.${a}.url = \"github:a/b\";".into(),
            Is::BrokenSomewhere,
        ),
    ] {
        let flake = FlakeFolder::new();
        let text = root_with(&inputs);
        flake.file("flake.nix", &text).dep_file("flake.nix", &text);
        let told = flake.audit(name);
        assert_holds(name, &told, DEP_FINDING);
        assert_told(name, &told, "flake.nix", is);
    }
}

#[test]
fn exemptions_that_are_none() {
    const MARK: &str = "# flake-audit: allow(unconfigured-nixpkgs)";
    let many = 5_000;
    for (name, comment, exempts) in [
        ("plain", format!("{MARK} a reason"), true),
        ("no reason", MARK.into(), false),
        ("only blanks", format!("{MARK}  \t \u{a0}"), false),
        ("no rule", "# flake-audit: allow() why".into(), false),
        ("no bracket", "# flake-audit: allow unconfigured-nixpkgs why".into(), false),
        ("open", "# flake-audit: allow(unconfigured-nixpkgs why".into(), false),
        ("nothing", "# flake-audit:".into(), false),
        ("something else", "# flake-audit: deny(unconfigured-nixpkgs) why".into(), false),
        ("an unknown rule", "# flake-audit: allow(unconfigured-nixpkg) why".into(), false),
        ("hidden", format!("# flake-audit: allow({HIDDEN}) {HIDDEN}"), false),
        ("a block", "/* flake-audit: allow(unconfigured-nixpkgs) why */".into(), false),
        ("a block of lines", "/* flake-audit:\nallow(unconfigured-nixpkgs)\nwhy */".into(), false),
        ("CR", format!("{MARK} a\r"), true),
        ("brackets", format!("{MARK} {}", "(".repeat(100_000)), true),
        ("commas", format!("# flake-audit: allow({}) why", ",".repeat(100_000)), false),
        ("rules", format!("# flake-audit: allow({}a) why", "a,".repeat(100_000)), false),
        ("a long rule", format!("# flake-audit: allow({}) why", "a".repeat(100_000)), false),
        ("again and again", vec![format!("{MARK} why"); many].join("\n"), true),
        ("wrong again and again", "# flake-audit: allow(\n".repeat(many), false),
        ("marks", format!("# {}", "flake-audit: allow(".repeat(many)), false),
    ] {
        let flake = FlakeFolder::new();
        let text = ROOT_FLAKE.replace("  inputs.dep.url", &format!("{comment}\n  inputs.dep.url"));
        flake.file("flake.nix", &text);
        let mut command = flake_audit(flake.path());
        command.args(["check", "--format", "ndjson", "--store"]).arg(flake.store());
        let output = command.output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let finding = report["findings"].as_array().unwrap().iter();
        let mut finding =
            finding.filter(|f| f["input_path"] == serde_json::json!(["dep", "nixpkgs"]));
        let is_exempted = !finding.next().unwrap()["exempted"].is_null();
        assert_eq!(is_exempted, exempts, "{name}");
        assert_eq!(output.status.code(), Some(i32::from(!exempts)), "{name}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_shown(&told);
        assert!(told.len() < 4_000_000, "{name}: {} bytes", told.len());
        if !exempts {
            assert!(told.contains("warning: flake.nix:"), "{name}: {told}");
        }
    }
}

/// What stands in the way is told on stderr, once, and the exit code is that of the findings.
#[test]
fn the_program_over_broken_sources() {
    let run = |flake: &FlakeFolder, arguments: &[&str]| {
        let mut command = flake_audit(flake.path());
        command.arg("check").args(arguments).arg("--store").arg(flake.store());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let flake = FlakeFolder::new();
    flake
        .file("other.nix", "{\n  a = ;\n}\n")
        .dep_file("flake.nix", "{")
        .dep_file("other.nix", "}");
    let (code, out, err) = run(&flake, &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(err.matches("warning: ").count(), 1, "{err}");
    assert!(err.contains("warning: other.nix:2:7: "), "{err}");
    assert!(out.contains("unconfigured-nixpkgs"), "{out}");
    // Nothing at deny: a source that cannot be read fails nothing.
    let allowed = ["--allow", "unconfigured-nixpkgs"];
    let (code, _, err) = run(&flake, &allowed);
    assert_eq!((code, err.matches("warning: ").count()), (Some(0), 1), "{err}");

    flake.file("flake.nix", "{\n  inputs = (;\n}\n");
    let (code, out, err) = run(&flake, &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(err.matches("warning: ").count(), 1, "{err}");
    assert!(err.contains("warning: flake.nix:2:13: "), "{err}");

    let deep = "(".repeat(500_000);
    flake.file("flake.nix", ROOT_FLAKE).file("other.nix", deep);
    let (code, _, err) = run(&flake, &[]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("warning: other.nix:1:") && err.contains("deeply"), "{err}");

    // Without its sources there is nothing to tell of them.
    let mut command = flake_audit(flake.path());
    let output = command.args(["check", "--no-source"]).output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(1), Vec::new()));
}

/// Where no rule that is on has more to say of sources, none is opened.
#[test]
fn sources_that_nobody_asks_for() {
    let flake = FlakeFolder::new();
    flake.file("flake.nix", "{").file("other.nix", "{").dep_file("flake.nix", "{");
    let mut command = flake_audit(flake.path());
    command.args(["check", "--format", "ndjson", "--store"]).arg(flake.store());
    for rule in RULES.iter().filter(|rule| rule.reads_source()) {
        command.args(["--allow", rule.id]);
    }
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sources"]["read"], 0);
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
