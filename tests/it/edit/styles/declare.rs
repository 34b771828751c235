//! Adding inputs.

use super::diffs;

#[test]
fn new_inputs_look_like_the_last_one() {
    const NEW: &[&str] = &["+ gpu = path:./gpu, nixpkgs -> nixpkgs"];
    assert_diffs!(diffs(&[
        ("dotted", flake!("  inputs.nixpkgs.url = \"n\";\n  inputs.dep.url = \"d\";\n"), NEW),
        (
            "dotted in a block",
            flake!("  inputs = {\n    nixpkgs.url = \"n\";\n    dep.url = \"d\"; # last\n  };\n"),
            NEW
        ),
        (
            "dotted, in paragraphs",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\";\n\n    # The other.\n    dep.url = \"d\";\n    dep.inputs.nixpkgs.follows = \"nixpkgs\";\n  };\n"
            ),
            NEW
        ),
        (
            "blocks",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\";\n    dep = {\n      url = \"d\";\n    };\n  };\n"
            ),
            NEW
        ),
        (
            "blocks, in paragraphs",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\";\n\n    dep = {\n      url = \"d\";\n    };\n  };\n"
            ),
            NEW
        ),
        (
            "blocks, dotted to",
            flake!("  inputs.nixpkgs.url = \"n\";\n  inputs.dep = {\n    url = \"d\";\n  };\n"),
            NEW
        ),
        (
            "blocks on one line",
            flake!(
                "  inputs = {\n    nixpkgs = { url = \"n\"; };\n    dep = { url = \"d\"; };\n  };\n"
            ),
            NEW
        ),
        ("all on one line", flake!("  inputs = { nixpkgs.url = \"n\"; dep.url = \"d\"; };\n"), NEW),
        ("minified", "{inputs={nixpkgs.url=\"n\";dep={url=\"d\";};};outputs=_:{};}", NEW),
        (
            "tabs",
            "{\n\tinputs = {\n\t\tdep = {\n\t\t\turl = \"d\";\n\t\t};\n\t};\n\toutputs = _: { };\n}\n",
            NEW
        ),
        (
            "CRLF",
            "{\r\n  inputs = {\r\n    a.url = \"a\";\r\n\r\n    dep = {\r\n      url = \"d\";\r\n    };\r\n  };\r\n  outputs = _: { };\r\n}\r\n",
            NEW
        ),
        ("no inputs", flake!(""), NEW),
        ("an empty block", flake!("  inputs = { };\n"), NEW),
        ("a block of comments", flake!("  inputs = {\n    # None yet.\n  };\n"), NEW),
        ("only self", flake!("  inputs.self.submodules = true;\n"), NEW),
        (
            "an odd name and deeper follows",
            flake!("  inputs.dep.url = \"d\";\n"),
            &["+ hls-2.10 = a\"${b}, n -> nixpkgs", "hls-2.10/a/b -> x/y"]
        ),
        (
            "with others",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\";\n    dep = {\n      url = \"d\";\n    };\n  };\n"
            ),
            &[
                "+ gpu = path:./gpu",
                "dep/nixpkgs -> gpu",
                "gpu/nixpkgs -> nixpkgs",
                "+ cpu = path:./cpu"
            ]
        ),
    ]));
}
