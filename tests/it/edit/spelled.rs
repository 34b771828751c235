//! Random flakes in random spelling and layout.

use proptest::prelude::*;
use proptest::sample::Index;

use flake_audit::text::NixString;

use crate::support::speller::{Layout, Leaf, Speller, UNITS, path};

/// Names of inputs; the first ones are common, and the arguments of `outputs` are among these.
pub(super) const NAMES: [&str; 8] =
    ["nixpkgs", "dep", "utils", "a-b", "hls-2.10", "in", "x y", "url"];
pub(super) const ARGUMENTS: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct Recipe {
    inputs: Vec<(Index, Vec<(Index, u8)>)>,
    arguments: (usize, bool, u8),
    pub(super) layout: Layout,
    pub(super) edits: Vec<(u8, Index, Index, u8)>,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let layout = (
        prop::collection::vec(any::<u8>(), 1..120),
        prop::sample::select(UNITS.to_vec()),
        prop::bool::weighted(0.25),
        any::<bool>(),
    );
    layout.prop_map(|(choices, unit, carriage, comments)| Layout {
        choices,
        unit,
        carriage,
        comments,
    })
}

pub(super) fn recipes() -> impl Strategy<Value = Recipe> {
    let overrides = prop::collection::vec((any::<Index>(), any::<u8>()), 0..4);
    let edits =
        prop::collection::vec((any::<u8>(), any::<Index>(), any::<Index>(), any::<u8>()), 1..6);
    (
        prop::collection::vec((any::<Index>(), overrides), 0..4),
        (0..=ARGUMENTS, any::<bool>(), any::<u8>()),
        layouts(),
        edits,
    )
        .prop_map(|(inputs, arguments, layout, edits)| Recipe {
            inputs,
            arguments,
            layout,
            edits,
        })
}

/// The attributes of a recipe's inputs, each once.
fn leaves(recipe: &Recipe) -> Vec<Leaf> {
    let mut leaves: std::collections::BTreeMap<Vec<String>, String> = Default::default();
    for (name, overrides) in &recipe.inputs {
        let name = *name.get(&NAMES);
        let mut input = path(&["inputs", name]);
        if leaves.keys().any(|leaf| leaf.starts_with(&input)) {
            continue;
        }
        // An input with overrides can be implied by them.
        if overrides.first().is_none_or(|(_, what)| what % 4 > 0) {
            leaves.insert(
                [&*input, &path(&["url"])].concat(),
                NixString(&format!("path:{name}")).to_string(),
            );
        }
        for (below, what) in overrides {
            // Below the input, or below its last override.
            if what % 3 > 0 {
                input.truncate(2);
            }
            let below = *below.get(&NAMES);
            input.extend(path(&["inputs", below]));
            if leaves.keys().any(|leaf| leaf.starts_with(&input)) || input.len() > 8 {
                continue;
            }
            let (last, value) = match what % 7 {
                0 => ("url", "./here".to_owned()),
                1 => ("url", "\"github:acme/it\"".to_owned()),
                2 => ("follows", "''utils''".to_owned()),
                3 => ("flake", "false".to_owned()),
                4 => ("follows", "(\"\")".to_owned()),
                _ => ("follows", "\"dep/nixpkgs\"".to_owned()),
            };
            leaves.insert([&*input, &path(&[last])].concat(), value);
            if what % 11 == 0 && last != "flake" {
                leaves.insert([&*input, &path(&["flake"])].concat(), "true".to_owned());
            }
        }
        if overrides.len() == 2 {
            // Leaves some sets empty.
            leaves.insert([&input[..2], &path(&["inputs"])].concat(), "{ }".to_owned());
        }
    }
    leaves.into_iter().collect()
}

pub(super) fn spell(recipe: &Recipe) -> String {
    let mut speller = Speller::new(&recipe.layout);
    let (count, open, style) = recipe.arguments;
    let mut all = leaves(recipe);
    let formals = speller.formals(&NAMES[..count], open, style);
    let at = speller.choose(all.len() + 1);
    all.insert(at, (path(&["outputs"]), format!("{formals}: {{ }}")));
    if style.is_multiple_of(2) {
        all.insert(0, (path(&["description"]), "\"x\"".to_owned()));
    }
    speller.file(all)
}

/// To Nix a carriage return alone ends a comment, so what follows it is code.
#[test]
fn what_follows_a_carriage_return_is_seen() {
    let text = "{\n  inputs.n.url = \"github:acme/n\"; # c\r  inputs.dep.url = \"github:acme/dep\";\n  # c\r  inputs.dep.inputs.n.follows = \"m\";\n  inputs.m.url = \"github:acme/m\"; # d\r  outputs = _: { };\n}\n";
    let new = super::edited(text, &super::parse_all(&["dep/n -> n"]));
    assert_eq!(new, text.replace("\"m\"", "\"n\""));
    let new = super::edited(text, &super::parse_all(&["- dep/n"]));
    assert!(!new.contains("follows") && new.contains("# c\r  inputs.dep.url"), "{new:?}");
    let new = super::edited(text, &super::parse_all(&["m/x -> n"]));
    let line = "# d\n  inputs.m.inputs.x.follows = \"n\";\r  outputs";
    assert!(new.contains(line), "{new:?}");
}
