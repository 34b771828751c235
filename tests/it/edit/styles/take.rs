//! Adding arguments of `outputs`.

use super::diffs;

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
