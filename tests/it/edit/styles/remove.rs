//! Removing overrides.

use super::diffs;

#[test]
fn overrides_go_with_their_lines() {
    const GONE: &[&str] = &["- dep/nixpkgs"];
    assert_diffs!(diffs(&[
        (
            "a line",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs.nixpkgs.follows = \"x\";\n  inputs.other.url = \"o\";\n"
            ),
            GONE
        ),
        (
            "a line with a comment",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs.nixpkgs.follows = \"x\"; # why\n"
            ),
            GONE
        ),
        (
            "a line in a block",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs.nixpkgs.follows = \"x\";\n  };\n"
            ),
            GONE
        ),
        (
            "the last of a nested block",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs = {\n      nixpkgs.follows = \"x\";\n    };\n  };\n"
            ),
            GONE
        ),
        (
            "one of a nested block",
            flake!(
                "  inputs.dep = {\n    inputs = {\n      nixpkgs.follows = \"x\";\n      y.follows = \"y\";\n    };\n    url = \"d\";\n  };\n"
            ),
            GONE
        ),
        (
            "a nested block with a comment",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs = {\n      # Keep in step.\n      nixpkgs.follows = \"x\";\n    };\n  };\n"
            ),
            GONE
        ),
        (
            "a block of its own",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs.nixpkgs = ({\n      follows = \"x\";\n    });\n  };\n"
            ),
            GONE
        ),
        (
            "on one line, last",
            flake!("  inputs.dep = { url = \"d\"; inputs.nixpkgs.follows = \"x\"; };\n"),
            GONE
        ),
        (
            "on one line, first",
            flake!("  inputs.dep = { inputs.nixpkgs.follows = \"x\"; url = \"d\"; };\n"),
            GONE
        ),
        ("minified", "{inputs.dep={url=\"d\";inputs.nixpkgs.follows=\"x\";};outputs=_:{};}", GONE),
        (
            "first on its line",
            flake!("  inputs.dep = {\n    inputs.nixpkgs.follows = \"x\"; url = \"d\";\n  };\n"),
            GONE
        ),
        (
            "last on its line",
            flake!("  inputs.dep = {\n    url = \"d\"; inputs.nixpkgs.follows = \"x\";\n  };\n"),
            GONE
        ),
        (
            "between blank lines",
            flake!(
                "  inputs.dep.url = \"d\";\n\n  inputs.dep.inputs.nixpkgs.follows = \"x\";\n\n  inputs.other.url = \"o\";\n"
            ),
            GONE
        ),
        (
            "behind a blank line",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n\n    inputs.nixpkgs.follows = \"x\";\n  };\n"
            ),
            GONE
        ),
        (
            "before a blank line",
            flake!(
                "  inputs.dep = {\n    inputs.nixpkgs.follows = \"x\";\n\n    url = \"d\";\n  };\n"
            ),
            GONE
        ),
        (
            "what is below stays",
            flake!(
                "  inputs.dep.inputs.nixpkgs = {\n    follows = \"x\";\n    inputs.y.follows = \"y\";\n  };\n"
            ),
            GONE
        ),
        (
            "what is below stays, dotted",
            flake!(
                "  inputs.dep.inputs.nixpkgs.follows = \"x\";\n  inputs.dep.inputs.nixpkgs.inputs.y.follows = \"y\";\n"
            ),
            GONE
        ),
        (
            "a reference",
            flake!(
                "  inputs.dep.inputs.nixpkgs = {\n    type = \"github\";\n    owner = \"NixOS\";\n    repo = \"nixpkgs\";\n    flake = false;\n  };\n"
            ),
            GONE
        ),
        (
            "all that is said of an implied input",
            flake!("  inputs.dep.inputs.nixpkgs.follows = \"x\";\n"),
            GONE
        ),
        (
            "all that is said of an input",
            flake!("  inputs.ghost.inputs.nixpkgs.follows = \"x\"; # why\n"),
            &["- ghost/nixpkgs"]
        ),
        (
            "all that a block says",
            flake!("  inputs.ghost = {\n    inputs.nixpkgs.follows = \"x\";\n  };\n"),
            &["- ghost/nixpkgs"]
        ),
        (
            "several",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs = {\n      nixpkgs.follows = \"x\";\n      a.follows = \"a\";\n      b.follows = \"b\";\n    };\n  };\n"
            ),
            &["- dep/nixpkgs", "- dep/a", "- dep/b", "- dep/none"]
        ),
        (
            "CRLF",
            "{\r\n  inputs.dep.url = \"d\"; # d\r\n  inputs.dep.inputs.nixpkgs.follows = \"x\";\r\n  outputs = _: { };\r\n}\r\n",
            GONE
        ),
        (
            "one for another",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs.nixpkgs_2.follows = \"x\";\n  };\n"
            ),
            &["- dep/nixpkgs_2", "dep/nixpkgs -> x"]
        ),
    ]));
}
