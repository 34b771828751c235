//! Where flake.nix says something of an input, and where it would say more.

use rnix::SyntaxKind::NODE_ATTR_SET;

use super::file::{FlakeFile, span};
use super::gap::Place;
use crate::source::declare::{Binding, DeclaredInput};
use crate::text::{AttrPath, Span};

/// A place for a new binding, and what its attribute path begins with there.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) place: Place,
    /// Empty, or with a dot at its end.
    pub(super) prefix: String,
}

impl Anchor {
    /// The attribute path of an input there.
    pub(super) fn path(&self, names: &[&str]) -> String {
        format!("{}{}", self.prefix, AttrPath(names))
    }
}

/// Where a further input of the root goes.
pub(super) fn for_inputs(file: &FlakeFile) -> Anchor {
    let inputs: Vec<_> = file.declared.inputs().collect();
    let bindings = file.declared.inputs_bindings();
    beside_last(file, &inputs).or_else(|| inside(file, bindings)).unwrap_or_else(|| {
        let outputs = Place::Before(file.declared.outputs_binding());
        Anchor { place: outputs, prefix: "inputs.".into() }
    })
}

/// Where a further override of an input's inputs goes: beside the others, or where more would be
/// said of the input.
pub(super) fn for_overrides(file: &FlakeFile, of: &DeclaredInput) -> Anchor {
    let overrides: Vec<_> = of.inputs.values().collect();
    let block = || of.inputs_blocks.last().map(|block| in_block(file, *block));
    beside_last(file, &overrides).or_else(block).unwrap_or_else(|| {
        let anchor = for_more(file, of);
        Anchor { prefix: format!("{}inputs.", anchor.prefix), ..anchor }
    })
}

/// Where more is said of an input itself.
pub(super) fn for_more(file: &FlakeFile, of: &DeclaredInput) -> Anchor {
    inside(file, &of.bindings).unwrap_or_else(|| {
        let anchor = for_inputs(file);
        Anchor { prefix: format!("{}.", anchor.path(&[&of.name])), ..anchor }
    })
}

/// Behind the last of these inputs that has a binding, in its spelling.
fn beside_last(file: &FlakeFile, inputs: &[&DeclaredInput]) -> Option<Anchor> {
    let bindings = inputs.iter().flat_map(|input| &input.bindings);
    let last = bindings.max_by_key(|binding| binding.span)?;
    Some(beside(file, last))
}

/// Behind a binding that names an input, for another input.
pub(super) fn beside(file: &FlakeFile, binding: &Binding) -> Anchor {
    let prefix = Span { start: binding.path.start, end: binding.name.start };
    Anchor { place: Place::After(binding.span), prefix: file.part(prefix).to_owned() }
}

/// For what these bindings define: in a block, else behind the last of them.
fn inside(file: &FlakeFile, bindings: &[Binding]) -> Option<Anchor> {
    if let Some(block) = bindings.iter().rev().find_map(|binding| binding.block) {
        return Some(in_block(file, block));
    }
    let last = bindings.last()?;
    let prefix = format!("{}.", file.part(last.path));
    Some(Anchor { place: Place::After(last.span), prefix })
}

/// Behind the last binding of a block.
fn in_block(file: &FlakeFile, block: Span) -> Anchor {
    let last = file.node(block, NODE_ATTR_SET).and_then(|set| set.last_child());
    let place = last.map_or(Place::Inside(block), |last| Place::After(span(&last)));
    Anchor { place, prefix: String::new() }
}
