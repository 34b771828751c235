//! Random declarations, spelled at random, are read back.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::read;
use crate::source::declare::{DeclaredInput, Reference};
use crate::source::syntax::File;
use crate::text::{NixString, Span};

#[derive(Debug, Clone, PartialEq, Default)]
struct Model {
    url: Option<String>,
    follows: Option<Vec<String>>,
    flake: Option<bool>,
    inputs: BTreeMap<String, Model>,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]",
        2 => "[a-z][a-z0-9_-]{0,4}",
        1 => prop::sample::select(vec!["hls-2.10", "in", "or", "inputs", "url", "a b", "x\"y", "${z}", "ü"])
            .prop_map(str::to_owned),
    ]
    .prop_filter("self is no input", |name| name != "self")
}

fn model() -> impl Strategy<Value = Model> {
    let said = prop_oneof![
        Just((None, None)),
        "[a-z]{1,6}:[a-z]{1,6}/[a-z.]{1,6}".prop_map(|url| (Some(url), None)),
        prop::collection::vec("[a-z]{1,4}", 0..4).prop_map(|path| (None, Some(path))),
    ];
    let leaf = (said, prop::option::weighted(0.2, any::<bool>()))
        .prop_map(|((url, follows), flake)| Model { url, follows, flake, inputs: BTreeMap::new() });
    leaf.prop_recursive(3, 24, 4, |inner| {
        (inner.clone(), prop::collection::btree_map(name(), inner, 0..4))
            .prop_map(|(model, inputs)| Model { inputs, ..model })
    })
}

/// A definition: an attribute path and its value.
type Leaf = (Vec<String>, String);

fn leaves(model: &Model, path: &[String], out: &mut Vec<Leaf>) {
    let at = |last: &str| [path, &[last.to_owned()]].concat();
    out.extend(model.url.iter().map(|url| (at("url"), NixString(url).to_string())));
    let follows = model.follows.iter().map(|names| names.join("/"));
    out.extend(follows.map(|follows| (at("follows"), format!("''{follows}''"))));
    out.extend(model.flake.iter().map(|flake| (at("flake"), format!("({flake})"))));
    for (name, inner) in &model.inputs {
        leaves(inner, &[path, &["inputs".to_owned(), name.clone()]].concat(), out);
    }
    // Without it, an input that has no attributes would not exist.
    out.push((path.to_vec(), "{ }".into()));
}

/// Spells definitions as `choices` decide.
struct Speller<'c>(std::iter::Cycle<std::slice::Iter<'c, u8>>);

impl Speller<'_> {
    fn choose(&mut self, below: usize) -> usize {
        usize::from(*self.0.next().unwrap()) % below.max(1)
    }

    fn name(&mut self, name: &str) -> String {
        let quoted = NixString(name);
        match self.choose(6) {
            0 => quoted.to_string(),
            1 => format!("${{{quoted}}}"),
            2 => format!("${{ ({quoted}) }}"),
            _ => crate::text::AttrPath(&[name]).to_string(),
        }
    }

    fn blank(&mut self) -> &'static str {
        [" ", "\n", "\r\n\t", " /* x */ ", " # x\n"][self.choose(5)]
    }

    /// Definitions as bindings: lines and blocks, in any order.
    fn spell(&mut self, mut leaves: Vec<Leaf>) -> String {
        let mut text = String::new();
        while !leaves.is_empty() {
            let (path, value) = leaves.swap_remove(self.choose(leaves.len()));
            let kept = self.choose(path.len()) + 1;
            let (mut prefix, mut value) = (path.clone(), value);
            if kept < path.len() {
                // A block that takes in some of the other definitions that fit.
                prefix.truncate(kept);
                let mut inner = vec![(path[kept..].to_vec(), value)];
                for (path, value) in std::mem::take(&mut leaves) {
                    if path.len() > kept && path.starts_with(&prefix) && self.choose(3) > 0 {
                        inner.push((path[kept..].to_vec(), value));
                    } else {
                        leaves.push((path, value));
                    }
                }
                let rec = ["", "rec "][self.choose(2)];
                value = format!("{rec}{{{}{}}}", self.blank(), self.spell(inner));
            }
            let names: Vec<_> = prefix.iter().map(|name| self.name(name)).collect();
            let (a, b) = (self.blank(), self.blank());
            text += &format!("{}{a}={b}{value};{}", names.join("."), self.blank());
        }
        text
    }
}

fn model_of(input: &DeclaredInput, text: &str) -> Model {
    let part = |span: Span| &text[span.range()];
    for binding in &input.bindings {
        assert!(part(binding.span).ends_with(';'));
        assert!(part(binding.span).starts_with(part(binding.path)));
        assert!(part(binding.path).ends_with(part(binding.name)));
        assert!(binding.block.is_none_or(|block| part(block).ends_with('}')));
    }
    if let Some(follows) = &input.follows {
        assert_eq!(part(follows.value), format!("''{}''", follows.text));
        assert!(part(follows.binding).contains(part(follows.value)));
    }
    Model {
        url: input.reference.as_ref().map(|reference| match reference {
            Reference::Url { text: url, span } => {
                assert_eq!(part(*span), NixString(url).to_string());
                url.clone()
            }
            Reference::Attributes(_) => unreachable!(),
        }),
        follows: input.follows.as_ref().map(|follows| follows.path.clone()),
        flake: input.flake,
        inputs: models(input.overridden(), text),
    }
}

fn models<'d>(
    inputs: impl Iterator<Item = &'d DeclaredInput>,
    text: &str,
) -> BTreeMap<String, Model> {
    inputs.map(|input| (input.name.clone(), model_of(input, text))).collect()
}

proptest! {
    #[test]
    fn what_is_spelled_is_read(
        inputs in prop::collection::btree_map(name(), model(), 0..4),
        choices in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let mut all = Vec::new();
        leaves(&Model { inputs: inputs.clone(), ..Model::default() }, &[], &mut all);
        all.retain(|(path, _)| !path.is_empty());
        all.push((vec!["outputs".into()], "inputs: { }".into()));
        let text = format!("{{ {}}}\n", Speller(choices.iter().cycle()).spell(all));
        let declarations = read(&text).unwrap_or_else(|refused| panic!("{refused}\n{text}"));
        prop_assert_eq!(models(declarations.inputs(), &text), inputs, "{}", text);
    }

    #[test]
    fn no_file_is_too_odd(text in "([{}=;.:,@?#\"'() \n]|inputs|outputs|[$][{]|rec|a|url|follows|inherit|let|in){0,40}") {
        if let Ok(file) = File::parse_flake(text.as_str().into()) {
            let _ = crate::source::declare::Declarations::read(&file);
        }
    }
}
