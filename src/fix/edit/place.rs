//! Where flake.nix declares an input, and where more declarations would go.

use std::cell::OnceCell;

use rnix::SyntaxKind::NODE_ATTR_SET;

use super::file::{FlakeFile, span};
use super::gap::Insertion;
use crate::source::declare::{Binding, DeclaredInput};
use crate::text::{AttrPath, Span};

/// A place for a new binding, and the prefix of its attribute path there.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) place: Insertion,
    /// Empty, or ending in a dot.
    pub(super) prefix: String,
}

impl Anchor {
    /// The attribute path of an input there.
    pub(super) fn path(&self, names: &[&str]) -> String {
        format!("{}{}", self.prefix, AttrPath(names))
    }
}

/// The places of a file.
pub(super) struct InsertionPlaces<'f, 't> {
    file: &'f FlakeFile<'t>,
    inputs: OnceCell<Anchor>,
}

impl<'f, 't> InsertionPlaces<'f, 't> {
    pub(super) fn of(file: &'f FlakeFile<'t>) -> Self {
        Self { file, inputs: OnceCell::new() }
    }

    /// The place for another input of the root.
    pub(super) fn for_inputs(&self) -> &Anchor {
        let declared = &self.file.declared;
        self.inputs.get_or_init(|| {
            beside_last(self.file, declared.inputs())
                .or_else(|| inside(self.file, declared.inputs_bindings()))
                .unwrap_or_else(|| {
                    let outputs = Insertion::Before(declared.outputs_binding());
                    Anchor { place: outputs, prefix: "inputs.".into() }
                })
        })
    }

    /// The place for another override of an input's inputs: beside the others, or where the input
    /// itself is declared.
    pub(super) fn for_overrides(&self, of: &DeclaredInput) -> Anchor {
        let block = || of.inputs_blocks.last().map(|block| in_block(self.file, *block));
        beside_last(self.file, of.overridden()).or_else(block).unwrap_or_else(|| {
            let anchor = self.for_more(of);
            Anchor { prefix: format!("{}inputs.", anchor.prefix), ..anchor }
        })
    }

    /// The place for more about an input itself.
    pub(super) fn for_more(&self, of: &DeclaredInput) -> Anchor {
        inside(self.file, &of.bindings).unwrap_or_else(|| {
            let anchor = self.for_inputs();
            Anchor { prefix: format!("{}.", anchor.path(&[&of.name])), place: anchor.place }
        })
    }
}

/// After the last of these inputs that has a binding, in its spelling.
fn beside_last<'d>(
    file: &FlakeFile,
    inputs: impl Iterator<Item = &'d DeclaredInput>,
) -> Option<Anchor> {
    let bindings = inputs.flat_map(|input| &input.bindings);
    let last = bindings.max_by_key(|binding| binding.span)?;
    Some(beside(file, last))
}

/// After a binding that names an input, for another input.
pub(super) fn beside(file: &FlakeFile, binding: &Binding) -> Anchor {
    let prefix = Span { start: binding.path.start, end: binding.name.start };
    Anchor { place: Insertion::After(binding.span), prefix: file.part(prefix).to_owned() }
}

/// For attributes of what these bindings define: in a block, else after the last of them.
fn inside(file: &FlakeFile, bindings: &[Binding]) -> Option<Anchor> {
    if let Some(block) = bindings.iter().rev().find_map(|binding| binding.block) {
        return Some(in_block(file, block));
    }
    let last = bindings.last()?;
    let prefix = format!("{}.", file.part(last.path));
    Some(Anchor { place: Insertion::After(last.span), prefix })
}

/// After the last binding of a block.
fn in_block(file: &FlakeFile, block: Span) -> Anchor {
    let last = file.node(block, NODE_ATTR_SET).and_then(|set| set.last_child());
    let place = last.map_or(Insertion::Inside(block), |last| Insertion::After(span(&last)));
    Anchor { place, prefix: String::new() }
}
