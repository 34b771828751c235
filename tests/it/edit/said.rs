//! The declarations of flake.nix about its inputs, independent of the code under test.

use std::collections::BTreeMap;

use flake_audit::source::declare::{Declarations, DeclaredInput, DeclaredValue, Reference};
use flake_audit::source::syntax::File;

/// Input paths, and what is declared about each; empty for an input of the root that is only named.
pub(super) type Said = BTreeMap<Vec<String>, Vec<String>>;

pub(super) fn declarations(text: &str) -> Declarations {
    let file = File::parse_flake(text.into()).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    Declarations::read(&file).unwrap_or_else(|refused| panic!("{refused}\n{text}"))
}

pub(super) fn said(text: &str) -> Said {
    let mut said = Said::new();
    for input in declarations(text).inputs() {
        said.insert(vec![input.name.clone()], Vec::new());
        tell(input, &[], &mut said);
    }
    said
}

fn tell(input: &DeclaredInput, above: &[String], said: &mut Said) {
    let path = [above, std::slice::from_ref(&input.name)].concat();
    let mut words = Vec::new();
    match &input.reference {
        Some(Reference::Url { text, .. }) => words.push(format!("url {text}")),
        Some(Reference::Attributes(attributes)) => {
            for attribute in attributes {
                let value = match &attribute.value {
                    DeclaredValue::Text(text) => text.clone(),
                    other => format!("{other:?}"),
                };
                words.push(format!("{} = {value}", attribute.name));
            }
        }
        None => {}
    }
    words.extend(input.follows.iter().map(|follows| format!("-> {}", follows.path.join("/"))));
    words.extend(input.flake.map(|flake| format!("flake = {flake}")));
    input.inputs.values().for_each(|below| tell(below, &path, said));
    if !words.is_empty() {
        said.insert(path, words);
    }
}
