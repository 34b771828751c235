//! An input as flake.nix declares it.

use std::collections::BTreeMap;

use super::{Follows, Reference};
use crate::flake_ref::{FlakeRef, OwnedRef, is_plain_spelling};
use crate::lock::Attributes;
use crate::text::Span;

/// Inputs by name. They are large, and most maps have one.
pub type DeclaredInputs = BTreeMap<String, Box<DeclaredInput>>;

/// An input, or an override of a dependency's input, with all overrides below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredInput {
    /// Its name.
    pub name: String,
    /// The bindings that define it or what is below it, in the order of the file. Empty for an
    /// implied one.
    pub bindings: Vec<Binding>,
    /// The `inputs = { … }` blocks for its own inputs, with their braces.
    pub inputs_blocks: Vec<Span>,
    /// The formal of `outputs` that implies it, if nothing else does.
    pub implied_by: Option<Span>,
    /// Its reference, if one is given.
    pub reference: Option<Reference>,
    /// What it follows, if anything.
    pub follows: Option<Follows>,
    /// The value of `url`, if that is a path and not a string, which Nix reads since 2.26.
    pub path_literal: Option<Span>,
    /// `flake = …`, if given.
    pub flake: Option<bool>,
    /// Whether it has `buildTime = true`, which only Determinate Nix knows.
    pub build_time: bool,
    /// Overrides of its inputs.
    pub inputs: DeclaredInputs,
}

/// A binding that names an input in its attribute path: `inputs.dep.url = …;`, `dep = { … };`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The whole binding with its semicolon.
    pub span: Span,
    /// From the start of its attribute path to the end of the input's name: the prefix for a
    /// further line beside it.
    pub path: Span,
    /// The input's name.
    pub name: Span,
    /// The attribute set with its braces, if the name is the last of the path.
    pub block: Option<Span>,
}

/// How an input is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputStyle {
    /// `dep.url = …;`, with or without `inputs.` in front.
    Dotted,
    /// `dep = { … };`
    Block,
    /// An override as `name.follows = …;` inside a nested `inputs = { … };`
    Nested,
    /// More than one of these.
    Mixed,
    /// Only as an argument of `outputs`.
    Implied,
}

impl DeclaredInput {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            bindings: Vec::new(),
            inputs_blocks: Vec::new(),
            implied_by: None,
            reference: None,
            follows: None,
            path_literal: None,
            flake: None,
            build_time: false,
            inputs: BTreeMap::new(),
        }
    }

    /// The first binding of it, or the formal that implies it.
    pub fn span(&self) -> Span {
        self.first(|binding| binding.span)
    }

    /// Its name where it first stands.
    pub fn name_span(&self) -> Span {
        self.first(|binding| binding.name)
    }

    fn first(&self, part: impl Fn(&Binding) -> Span) -> Span {
        let binding = self.bindings.first().map(part);
        binding.or(self.implied_by).unwrap_or(Span { start: 0, end: 0 })
    }

    /// How it is spelled. `is_override` is true if it is below another input.
    pub fn style(&self, is_override: bool) -> InputStyle {
        let mut styles = self.bindings.iter().map(|binding| binding.style(is_override));
        match styles.next() {
            None => InputStyle::Implied,
            Some(first) if styles.all(|style| style == first) => first,
            Some(_) => InputStyle::Mixed,
        }
    }

    /// Whether only a formal of `outputs` names it.
    pub fn is_implied(&self) -> bool {
        self.implied_by.is_some()
    }

    /// The override of its input of this name.
    pub fn override_of(&self, name: &str) -> Option<&Self> {
        self.inputs.get(name).map(Box::as_ref)
    }

    /// The overrides of its inputs, by name.
    pub fn overridden(&self) -> impl Iterator<Item = &Self> {
        self.inputs.values().map(Box::as_ref)
    }

    /// The override with this path below it; itself for the empty path.
    pub fn below(&self, path: &[&str]) -> Option<&DeclaredInput> {
        path.iter().try_fold(self, |input, name| input.override_of(name))
    }

    /// Its reference as attributes; if none is given, the registry's flake of its name. `None` if
    /// it follows another input, or if it is not certain how Nix reads the reference.
    pub fn spelled(&self) -> Option<OwnedRef> {
        match (&self.reference, &self.follows) {
            (_, Some(_)) => None,
            (Some(reference), None) => reference.spelled(self.flake.unwrap_or(true)),
            (None, None) => Some(OwnedRef::registry(&self.name)),
        }
    }

    /// Whether it is the plainest spelling of these attributes, which is quick to see.
    pub fn is_plain_spelling(&self, of: Attributes<'_, '_>) -> bool {
        match &self.reference {
            Some(Reference::Url { text, .. }) => is_plain_spelling(text, of),
            Some(Reference::Attributes(_)) | None => false,
        }
    }

    /// Its reference, as flake.nix writes it.
    pub fn reference_text(&self) -> String {
        match &self.reference {
            Some(Reference::Url { text, .. }) => text.clone(),
            _ => match self.spelled() {
                Some(reference) => FlakeRef::new(Attributes::of(&reference.list())).to_string(),
                None => "another reference".into(),
            },
        }
    }

    /// Where it is defined: its follows, else its first line.
    pub fn defining_span(&self) -> Span {
        self.follows.as_ref().map_or_else(|| self.span(), |follows| follows.binding)
    }

    /// Whether Nix takes it for an override, that is, whether it defines the input itself. An entry
    /// that only leads to deeper ones does not.
    pub fn overrides(&self) -> bool {
        self.reference.is_some() || self.follows.is_some()
    }
}

impl Binding {
    fn style(&self, is_override: bool) -> InputStyle {
        if self.block.is_some() {
            InputStyle::Block
        } else if is_override && self.path.start == self.name.start {
            InputStyle::Nested
        } else {
            InputStyle::Dotted
        }
    }
}
