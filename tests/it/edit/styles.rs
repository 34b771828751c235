//! Each style in which people write flake.nix, and what an edit makes of it.

use super::{edited, parse_all};

/// What changes, as people see it: carriage returns and tabs have a sign.
fn diff(old: &str, new: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    diff.unified_diff().context_radius(2).to_string().replace('\r', "␍").replace('\t', "⇥")
}

/// The diffs of all cases, below their titles.
fn diffs(cases: &[(&str, &str, &[&str])]) -> String {
    let mut told = String::new();
    for (title, text, edits) in cases {
        let new = edited(text, &parse_all(edits));
        told += &format!("===== {title}: {}\n{}\n", edits.join("; "), diff(text, &new));
    }
    told
}

macro_rules! assert_diffs {
    ($diffs:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($diffs);
        });
    };
}

/// A flake with these lines of inputs.
macro_rules! flake {
    ($inputs:expr) => {
        concat!(
            "{\n  description = \"A flake\";\n\n",
            $inputs,
            "\n  outputs = { self, nixpkgs, dep, ... }@inputs: { };\n}\n"
        )
    };
}

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

#[test]
fn what_is_there_is_changed_in_place() {
    assert_diffs!(diffs(&[
        (
            "another follows",
            flake!(
                "  inputs.dep.url = \"d\";\n  inputs.dep.inputs.nixpkgs.follows   =  \"nixpkgs\"; # one\n"
            ),
            GPU
        ),
        ("two quotes", flake!("  inputs.dep.inputs.nixpkgs.follows = ''nixpkgs'';\n"), GPU),
        (
            "parentheses",
            flake!("  inputs.dep.inputs.nixpkgs = ({ follows = (\"nixpkgs\"); });\n"),
            GPU
        ),
        (
            "to this flake",
            flake!("  inputs.dep.inputs.nixpkgs.follows = \"nixpkgs\";\n"),
            &["dep/nixpkgs -> "]
        ),
        (
            "equal already",
            flake!("  inputs.dep.inputs.nixpkgs.follows = \"/nixpkgs//x\";\n"),
            &["dep/nixpkgs -> nixpkgs/x"]
        ),
        (
            "an override with a url",
            flake!("  inputs.dep.inputs.nixpkgs.url = \"n\"; # ours\n"),
            GPU
        ),
        (
            "a bare url in a block",
            flake!(
                "  inputs.dep.inputs = {\n    nixpkgs = {\n      url = github:NixOS/nixpkgs;\n      inputs.x.follows = \"x\";\n    };\n  };\n"
            ),
            GPU
        ),
        ("a path", flake!("  inputs.dep.inputs.nixpkgs.url = ./x;\n"), GPU),
        ("an input of the root", flake!("  inputs.dep.url = \"d\";\n"), &["dep -> other/dep"]),
        (
            "an input of the root that follows",
            flake!("  inputs.dep.follows = \"x\";\n"),
            &["dep -> other/dep"]
        ),
        ("an implied input of the root", flake!(""), &["dep -> other/dep"]),
    ]));
}

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

#[test]
fn outputs_take_new_inputs_in_their_style() {
    /// With these arguments of `outputs`.
    macro_rules! takes {
        ($formals:expr) => {
            concat!("{\n  inputs.gpu.url = \"g\";\n  outputs = ", $formals, ": { };\n}\n")
        };
    }
    const TAKE: &[&str] = &["take gpu"];
    assert_diffs!(diffs(&[
        ("one line", takes!("{ self, nixpkgs }"), TAKE),
        ("one line, bound", takes!("{ self, nixpkgs } @ inputs"), TAKE),
        ("one line, bound before", takes!("inputs@{ self, nixpkgs }"), TAKE),
        ("one line, open", takes!("{ self, nixpkgs, ... }"), TAKE),
        ("open and bound", takes!("{ self, nixpkgs, ... }@inputs"), TAKE),
        ("a name", takes!("inputs"), TAKE),
        ("there already", takes!("{ gpu }"), TAKE),
        ("tight", takes!("{self,nixpkgs}"), TAKE),
        ("none", takes!("{ }"), TAKE),
        ("none, tight", takes!("{}"), TAKE),
        ("only open", takes!("{ ... }"), TAKE),
        ("only open, on lines", takes!("{\n    ...\n  }"), TAKE),
        ("only one", takes!("{ self }"), TAKE),
        ("only one, on lines", takes!("{\n    self\n  }"), TAKE),
        ("trailing commas", takes!("{\n    self,\n    nixpkgs, # the pin\n    ...\n  }"), TAKE),
        (
            "trailing commas, closed",
            takes!("{\n    self,\n    nixpkgs # the pin\n  }@inputs"),
            TAKE
        ),
        ("trailing commas, the brace behind", takes!("{\n    self,\n    nixpkgs }"), TAKE),
        ("trailing commas, dots behind", takes!("{\n    self,\n    nixpkgs, ...\n  }"), TAKE),
        (
            "trailing commas, a default",
            takes!("{\n    self,\n    nixpkgs ? null,\n    ...\n  }"),
            TAKE
        ),
        ("leading commas", takes!("{ self\n    , nixpkgs # the pin\n    , ...\n    }"), TAKE),
        ("leading commas, closed", takes!("{ self\n    , nixpkgs\n    }@inputs"), TAKE),
        ("leading commas, the brace behind", takes!("{ self\n    , nixpkgs }"), TAKE),
        ("leading commas, one name", takes!("{ self\n    , ...\n    }"), TAKE),
        ("several on a line", takes!("{ self, nixpkgs\n    , dep, other, ... }"), TAKE),
        ("filled lines", takes!("{\n    self, nixpkgs,\n    dep, other\n  }"), TAKE),
        (
            "a comment between",
            takes!("{\n    self,\n    # The pin.\n    nixpkgs /* n */ ,\n    ...\n  }"),
            TAKE
        ),
        ("CRLF", takes!("{\r\n    self,\r\n    nixpkgs # the pin\r\n  }"), TAKE),
        ("tabs", takes!("{\n\t\tself,\n\t\tnixpkgs,\n\t\t...\n\t}"), TAKE),
        (
            "two, with their declarations",
            flake_closed(),
            &["+ a = path:./a", "+ b = path:./b", "take a", "take b", "take a"]
        ),
    ]));
}

const fn flake_closed() -> &'static str {
    "{\n  inputs.gpu.url = \"g\";\n  outputs =\n    { self\n    , gpu\n    }:\n    { };\n}\n"
}
