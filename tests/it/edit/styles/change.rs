//! Changing what is there.

use super::diffs;

const GPU: &[&str] = &["dep/nixpkgs -> nixpkgs-gpu"];

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
