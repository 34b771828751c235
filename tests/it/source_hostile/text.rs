//! Long things, invalid UTF-8, and names with hidden characters.

use super::*;

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
        ("a list in a line", format!("[ {}]", "a ".repeat(7 * many))),
        ("a list of lists in a line", format!("[ {}]", "[ ] ".repeat(3 * many))),
        ("a set in a line", format!("{{ {bindings}}}")),
        ("arguments in a line", {
            let formals: String = (0..many / 2).map(|at| format!("a{at}, ")).collect();
            format!("{{ {formals}... }}: null")
        }),
        ("one name again and again", {
            let sets: String = (0..many / 3).map(|at| format!("a = {{ b{at} = 1; }}; ")).collect();
            format!("{{ {sets} }}")
        }),
        ("names inherited", {
            let names: String = (0..many / 2).map(|at| format!("inherit a{at}; ")).collect();
            format!("{{ {names} }}")
        }),
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
    // The last line of a megabyte: the mistake is at its end.
    everywhere(
        "the end of a line",
        format!("[ {}", "a ".repeat(7 * many)),
        Is::Broken(1, 14 * many + 3),
    );
    everywhere("a number", "1".repeat(15 * many), Is::Broken(1, 1));
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
        ("a byte order mark", "\u{feff}_: null".as_bytes(), Is::Broken(1, 1)),
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
    for text in ["_:\r\n  null\r\n", "_: # \r\n null", "_:\t null # \u{202e}"] {
        let flake = FlakeFolder::new();
        flake.file("other.nix", text);
        assert_told(text, &flake.audit(text), "other.nix", Is::Fine);
    }
}

/// Names with an effect on a terminal, wherever a file can have one.
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
