//! Each style in which people write flake.nix, and how an edit changes it.

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

mod change;
mod declare;
mod follow;
mod remove;
mod take;

use super::{edited, parse_all};

/// The differences, with visible signs for carriage returns and tabs.
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
