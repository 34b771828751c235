//! Adding follows.

use super::diffs;

const GPU: &[&str] = &["dep/nixpkgs -> nixpkgs-gpu"];

#[test]
fn follows_take_the_style_of_their_place() {
    assert_diffs!(diffs(&[
        (
            "dotted",
            flake!(
                "  inputs.nixpkgs.url = \"n\";\n  inputs.dep.url = \"d\";\n  inputs.other.url = \"o\";\n"
            ),
            GPU
        ),
        (
            "dotted in a block",
            flake!("  inputs = {\n    dep.url = \"d\";\n    nixpkgs.url = \"n\";\n  };\n"),
            GPU
        ),
        (
            "dotted, scattered",
            flake!(
                "  inputs = {\n    dep.url = \"d\";\n    nixpkgs.url = \"n\";\n    dep.flake = true;\n    other.url = \"o\";\n  };\n"
            ),
            GPU
        ),
        (
            "blocks",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\";\n    dep = {\n      url = \"d\";\n      # Not a flake yet.\n      flake = true;\n    };\n\n    other.url = \"o\";\n  };\n"
            ),
            GPU
        ),
        ("a block, dotted to", flake!("  inputs.dep = {\n    url = \"d\";\n  };\n"), GPU),
        (
            "a nested block",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs = {\n      other.follows = \"other\";\n    };\n  };\n"
            ),
            GPU
        ),
        (
            "an empty nested block",
            flake!("  inputs.dep = {\n    url = \"d\";\n    inputs = { };\n  };\n"),
            GPU
        ),
        (
            "a nested block, dotted to",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs = {\n    other.follows = \"other\";\n  };\n"
            ),
            GPU
        ),
        (
            "a nested block of blocks",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs = {\n      other = {\n        follows = \"other\";\n      };\n    };\n  };\n"
            ),
            GPU
        ),
        (
            "beside overrides behind a nested block",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs = {\n    a.follows = \"a\";\n  };\n  inputs.dep.inputs.b.follows = \"b\";\n"
            ),
            GPU,
        ),
        (
            "beside overrides in a block",
            flake!(
                "  inputs.dep = {\n    inputs.other.follows = \"other\";\n    inputs.more.follows = \"more\";\n    url = \"d\";\n  };\n"
            ),
            GPU
        ),
        (
            "mixed: overrides apart from the block",
            flake!(
                "  inputs = {\n    dep = {\n      url = \"d\";\n    };\n  };\n  inputs.dep.inputs.other.follows = \"other\";\n"
            ),
            GPU
        ),
        ("quoted names", flake!("  inputs.\"dep\".url = \"d\";\n"), GPU),
        ("computed names", flake!("  inputs = {\n    ${\"dep\"}.url = \"d\";\n  };\n"), GPU),
        (
            "a name that needs quotes",
            flake!("  inputs = {\n    \"hls-2.10\".url = \"d\";\n  };\n"),
            &["hls-2.10/pkgs 1 -> nixpkgs"]
        ),
        ("a recursive set", flake!("  inputs = rec {\n    dep.url = \"d\";\n  };\n"), GPU),
        (
            "parentheses",
            flake!("  inputs = ({\n    dep = ({\n      url = (\"d\");\n    });\n  });\n"),
            GPU
        ),
        (
            "one line",
            flake!("  inputs = {\n    dep = { url = \"d\"; };\n    other.url = \"o\";\n  };\n"),
            GPU
        ),
        (
            "one line with a comment",
            flake!("  inputs = {\n    dep = { url = \"d\"; /* why */ }; # here\n  };\n"),
            GPU
        ),
        (
            "all on one line",
            flake!("  inputs = { nixpkgs.url = \"n\"; dep.url = \"d\"; other.url = \"o\"; };\n"),
            GPU
        ),
        (
            "minified",
            "{inputs={nixpkgs.url=\"n\";dep.url=\"d\";};outputs={self,nixpkgs,dep}:{};}",
            GPU
        ),
        ("a minified block", "{inputs.dep={url=\"d\";};outputs={self,nixpkgs,dep}:{};}", GPU),
        (
            "several on a line",
            flake!(
                "  inputs = {\n    nixpkgs.url = \"n\"; dep.url = \"d\";\n    other.url = \"o\";\n  };\n"
            ),
            GPU
        ),
        (
            "a brace behind the last line",
            flake!("  inputs = { nixpkgs.url = \"n\";\n             dep.url = \"d\"; };\n"),
            GPU
        ),
        (
            "a hanging brace",
            "{ description = \"A flake\";\n\n  inputs.dep.url = \"d\";\n\n  outputs = _: { };\n}\n",
            GPU
        ),
        ("a binding behind the brace", "{ inputs.dep.url = \"d\";\n  outputs = _: { };\n}\n", GPU),
        ("an empty set", flake!("  inputs.dep = { };\n"), GPU),
        ("an empty set without a blank", flake!("  inputs.dep = {};\n"), GPU),
        ("an empty set of two lines", flake!("  inputs.dep = {\n  };\n"), GPU),
        (
            "a set of comments",
            flake!("  inputs = {\n    dep = {\n      # From the registry.\n    };\n  };\n"),
            GPU
        ),
        ("a set of a comment, in one line", flake!("  inputs.dep = { /* registry */ };\n"), GPU),
        ("a comment behind the brace", flake!("  inputs.dep = { # registry\n  };\n"), GPU),
        (
            "trailing comments",
            flake!(
                "  inputs.dep.url = \"d\"; # pinned /* so */\n  # The other one.\n  inputs.other.url = \"o\";\n"
            ),
            GPU
        ),
        (
            "a trailing comment of two lines",
            flake!(
                "  inputs.dep.url = \"d\"; /* pinned,\n    for now */\n  inputs.other.url = \"o\";\n"
            ),
            GPU
        ),
        (
            "trailing blanks",
            flake!("  inputs.dep.url = \"d\";  \n  inputs.other.url = \"o\";\n"),
            GPU
        ),
        (
            "a binding of several lines",
            flake!("  inputs.dep.url =\n    \"d\";\n  inputs.other.url = \"o\";\n"),
            GPU
        ),
        (
            "tabs",
            "{\n\tinputs = {\n\t\tdep = {\n\t\t\turl = \"d\";\n\t\t};\n\t};\n\toutputs = _: { };\n}\n",
            GPU
        ),
        (
            "tabs, an empty set",
            "{\n\tinputs = {\n\t\tdep = {\n\t\t};\n\t};\n\toutputs = _: { };\n}\n",
            GPU
        ),
        (
            "CRLF",
            "{\r\n  inputs.dep.url = \"d\"; # pinned\r\n  inputs.other.url = \"o\";\r\n  outputs = _: { };\r\n}\r\n",
            GPU
        ),
        (
            "CRLF, a block with a comment",
            "{\r\n  inputs.dep = { # pinned\r\n  };\r\n  outputs = _: { };\r\n}\r\n",
            GPU
        ),
        (
            "CRLF, no inputs",
            "{\r\n  description = \"x\"; # why\r\n  outputs = { self, dep }: { };\r\n}\r\n",
            GPU
        ),
        ("no final newline", "{\n  inputs.dep.url = \"d\";\n  outputs = _: { };\n}", GPU),
        ("no inputs", flake!(""), GPU),
        ("no inputs, a comment above outputs", flake!("  # What it is for.\n"), GPU),
        ("no inputs, outputs first", "{\n  outputs = { dep, ... }: {\n  };\n}\n", GPU),
        ("no inputs, on one line", "{ outputs = { dep, ... }: { }; }\n", GPU),
        ("no inputs, minified", "{outputs={dep,...}:{};}", GPU),
        (
            "no inputs, hanging",
            "{ outputs = { dep, ... }: {\n  };\n}\n",
            &["dep/nixpkgs -> gpu", "dep/x -> y"]
        ),
        (
            "an implied input beside declared ones",
            flake!("  inputs = {\n    other.url = \"o\";\n  };\n"),
            GPU
        ),
        ("an implied input, an empty block", flake!("  inputs = { };\n"), GPU),
        ("an implied input, only self", flake!("  inputs.self.submodules = true;\n"), GPU),
        (
            "an implied input, only self in a block",
            flake!("  inputs = {\n    self.lfs = true;\n  };\n"),
            GPU
        ),
        (
            "two levels deep, nothing there",
            flake!("  inputs.dep.url = \"d\";\n"),
            &["dep/sub/nixpkgs -> nixpkgs-gpu"]
        ),
        (
            "two levels deep, in a block",
            flake!(
                "  inputs.dep = {\n    url = \"d\";\n    inputs.sub = {\n      inputs.x.follows = \"x\";\n    };\n  };\n"
            ),
            &["dep/sub/nixpkgs -> nixpkgs-gpu", "dep/sub/deep/er -> x"]
        ),
        (
            "two levels deep, one level overridden",
            flake!("  inputs.dep = {\n    url = \"d\";\n    inputs.sub.url = \"s\";\n  };\n"),
            &["dep/sub/nixpkgs -> nixpkgs-gpu"]
        ),
        (
            "a level that only leads deeper",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs.sub.inputs.x.follows = \"x\";\n"
            ),
            &["dep/sub -> sub"]
        ),
        (
            "several at once",
            flake!(
                "  inputs = {\n    dep = { url = \"d\"; };\n    other = {\n      url = \"o\";\n    };\n    more.url = \"m\";\n  };\n"
            ),
            &[
                "dep/nixpkgs -> gpu",
                "dep/lib -> ",
                "other/nixpkgs -> gpu",
                "more/nixpkgs -> gpu",
                "more/a/b -> gpu/nixpkgs"
            ]
        ),
    ]));
}
