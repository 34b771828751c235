//! What flake.nix declares about its inputs.
//!
//! Nix does not evaluate this part of the file but reads what is written out, in any of its
//! spellings; what Nix refuses is refused here (Nix source, `src/libflake/flake.cc`). All spans are
//! byte ranges of the parsed text, ready for splices.

mod exemption;
mod formals;
mod input;
mod input_reader;
mod literal;
mod merged;
mod read;
mod reference;
mod refused;

pub use exemption::{CommentExemption, Exempted};
pub use formals::{Formal, OutputsFormals};
pub use input::{Binding, DeclaredInput, DeclaredInputs, InputStyle};
pub use reference::{DeclaredAttribute, DeclaredValue, Follows, Reference};
pub use refused::Refused;

use crate::source::syntax::File;
use crate::text::Span;

/// What flake.nix declares about its inputs.
#[derive(Debug, Clone)]
pub struct Declarations {
    body: Span,
    inputs: DeclaredInputs,
    inputs_bindings: Vec<Binding>,
    outputs: Option<OutputsFormals>,
    outputs_binding: Span,
    exemptions: Vec<CommentExemption>,
    own: Vec<(String, Span)>,
}

impl Declarations {
    /// Reads a flake.nix that was parsed as such ([`File::parse_flake`]).
    ///
    /// # Errors
    /// Why Nix would refuse it: not an attribute set, a computed value in place of a written one,
    /// an attribute defined twice, no `outputs`, and so on.
    pub fn read(file: &File) -> Result<Self, Refused> {
        let flake = read::read(file).map_err(|refused| refused.unless_bound(file))?;
        let exemptions = exemption::read(&file.text, flake.lines.as_ref());
        Ok(Self {
            body: flake.body,
            inputs: flake.inputs,
            inputs_bindings: flake.inputs_bindings,
            outputs: flake.outputs,
            outputs_binding: flake.outputs_binding,
            exemptions,
            own: flake.own,
        })
    }

    /// The inputs by name: declared ones, and those that only a formal of `outputs` implies.
    pub fn inputs(&self) -> impl Iterator<Item = &DeclaredInput> {
        self.inputs.values().map(Box::as_ref)
    }

    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&DeclaredInput> {
        self.inputs.get(name).map(Box::as_ref)
    }

    /// The input or override with this path.
    pub fn input_at(&self, path: &[&str]) -> Option<&DeclaredInput> {
        let (first, below) = path.split_first()?;
        self.input(first)?.below(below)
    }

    /// The file's set, from brace to brace.
    pub fn body(&self) -> Span {
        self.body
    }

    /// The bindings that define part of `inputs`, in the order of the file.
    pub fn inputs_bindings(&self) -> &[Binding] {
        &self.inputs_bindings
    }

    /// The formals of `outputs`; `None` if it takes its argument whole (`outputs = inputs: …`).
    pub fn outputs(&self) -> Option<&OutputsFormals> {
        self.outputs.as_ref()
    }

    /// The binding of `outputs`, with its semicolon.
    pub fn outputs_binding(&self) -> Span {
        self.outputs_binding
    }

    /// The best place to show for an input path: its own `follows`, else its declaration, else that
    /// of the nearest declared ancestor.
    pub fn best_place(&self, path: &[&str]) -> Option<Span> {
        let (first, below) = path.split_first()?;
        let mut nearest = self.input(first)?;
        let mut whole = true;
        for name in below {
            match nearest.inputs.get(*name) {
                Some(input) => nearest = input,
                None => {
                    whole = false;
                    break;
                }
            }
        }
        let follows = nearest.follows.as_ref().filter(|_| whole);
        Some(follows.map_or_else(|| nearest.span(), |follows| follows.binding))
    }

    /// Settings of this flake itself: the attributes of `inputs.self`, with their places.
    pub fn own_attributes(&self) -> &[(String, Span)] {
        &self.own
    }

    /// The comments that accept findings.
    pub fn exemptions(&self) -> &[CommentExemption] {
        &self.exemptions
    }
}

#[cfg(test)]
mod tests;
