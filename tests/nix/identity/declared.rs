//! What a flake.nix declares, and its text.

use std::collections::BTreeMap;
use std::slice::from_ref;

use flake_audit::text::AttrPath;
use serde_json::Value;

use super::dice::Dice;
use super::reference::{quoted, spelled};
use crate::speller::{Layout, Leaf, Speller, UNITS, path};

/// An input, or an override of an input's input.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    /// The attributes of its reference; without one, an input stands for the registry's flake of
    /// its name.
    pub(super) reference: Option<Value>,
    pub(super) follows: Option<Vec<String>>,
    pub(super) is_source: bool,
    pub(super) inputs: BTreeMap<String, Input>,
}

/// A flake.nix.
#[derive(Debug, Clone, Default)]
pub(super) struct Flake {
    pub(super) inputs: BTreeMap<String, Input>,
}

impl Flake {
    /// The declaration of an input path, created if missing.
    pub(super) fn at(&mut self, path: &[String]) -> &mut Input {
        let (first, rest) = path.split_first().expect("the path of an input");
        let mut input = self.inputs.entry(first.clone()).or_default();
        for name in rest {
            input = input.inputs.entry(name.clone()).or_default();
        }
        input
    }

    /// The paths below its own inputs that it declares.
    pub(super) fn overrides(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let mut open: Vec<(Vec<String>, &Input)> =
            self.inputs.iter().map(|(name, input)| (vec![name.clone()], input)).collect();
        while let Some((path, input)) = open.pop() {
            let below = input.inputs.iter();
            open.extend(below.map(|(name, input)| ([&*path, from_ref(name)].concat(), input)));
            if path.len() > 1 && (input.follows.is_some() || input.reference.is_some()) {
                found.push(path);
            }
        }
        found.sort();
        found
    }

    /// Its text, in one of many styles.
    pub(super) fn text(&self, dice: &mut Dice) -> String {
        let layout = Layout {
            choices: dice.bytes(60),
            unit: *dice.pick(&UNITS).unwrap(),
            carriage: dice.percent(25),
            comments: dice.percent(50),
        };
        let mut leaves = Vec::new();
        let mut arguments: Vec<&str> = Vec::new();
        let mut is_implied = false;
        for (name, input) in &self.inputs {
            let is_argument = is_identifier(name);
            let says_nothing = input.reference.is_none()
                && input.follows.is_none()
                && input.inputs.is_empty()
                && !input.is_source;
            if is_argument && says_nothing && dice.percent(70) {
                is_implied = true;
                arguments.push(name);
                continue;
            }
            if is_argument && dice.percent(80) {
                arguments.push(name);
            }
            leaves_of(dice, input, &path(&["inputs", name]), &mut leaves);
            if says_nothing {
                leaves.push((path(&["inputs", name]), "{ }".to_owned()));
            }
        }
        let mut speller = Speller::new(&layout);
        let styles: Vec<u8> = (0..48).filter(|style| !is_implied || style % 8 != 6).collect();
        let style = *dice.pick(&styles).unwrap();
        let formals = speller.formals(&arguments, dice.percent(50), style);
        let body = self.body(dice, &formals, &arguments);
        let at = dice.below(leaves.len() + 1);
        leaves.insert(at, (path(&["outputs"]), format!("{formals}: {body}")));
        speller.file(leaves)
    }

    /// Its `outputs`: packages of the inputs that it can name.
    fn body(&self, dice: &mut Dice, formals: &str, arguments: &[&str]) -> String {
        let is_set = formals == "inputs";
        let names: Vec<&str> = match is_set {
            true => self.inputs.keys().map(String::as_str).collect(),
            false => arguments.to_vec(),
        };
        let all = dice.percent(80);
        let taken = names.into_iter().filter(|_| all || dice.percent(30)).map(|name| {
            let name = [name];
            let name = AttrPath(&name);
            let from = if is_set { format!("inputs.{name}") } else { name.to_string() };
            format!("p.{name} = {from}.packages.x86_64-linux.default; ")
        });
        let taken: String = taken.collect();
        format!("let {taken}in {{ packages.x86_64-linux = p; }}")
            .replace("let in", "let p = { }; in")
    }
}

fn leaves_of(dice: &mut Dice, input: &Input, at: &[String], leaves: &mut Vec<Leaf>) {
    let below = |name: &str| [at, &[name.to_owned()]].concat();
    if let Some(original) = &input.reference {
        let attributes = spelled(dice, original).into_iter();
        leaves.extend(attributes.map(|(name, value)| (below(name), value)));
    }
    if let Some(follows) = &input.follows {
        let separator = if dice.percent(5) { "//" } else { "/" };
        let mut text = follows.join(separator);
        if dice.percent(5) {
            text.push('/');
        }
        leaves.push((below("follows"), quoted(dice, &text)));
    }
    if input.is_source {
        leaves.push((below("flake"), "false".to_owned()));
    }
    for (name, inner) in &input.inputs {
        leaves_of(dice, inner, &[at, &path(&["inputs", name])].concat(), leaves);
    }
}

/// Whether it can be an argument of `outputs`.
fn is_identifier(name: &str) -> bool {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_word && !["in", "self"].contains(&name)
}
