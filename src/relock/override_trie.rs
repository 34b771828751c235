//! Overrides on the way down.
//!
//! Nix collects all overrides of a flake under their full paths before it looks at an input
//! (`addOverrides` in `src/libflake/flake.cc`). The declarations of a `flake.nix` already are such
//! a collection, as a tree: here each node gets the branches that are about it.

use std::rc::Rc;

use super::sources::FlakePlace;
use crate::source::declare::DeclaredInput;

/// A flake whose `flake.nix` is read.
#[derive(Debug)]
pub(super) struct Declarer<'d> {
    /// Its input path, which its follows begin with.
    pub(super) path: Vec<&'d str>,
    /// The folder of its `flake.nix`, to which its relative paths are relative.
    pub(super) place: Option<FlakePlace<'d>>,
}

/// A flake's declaration of one input.
#[derive(Debug, Clone)]
pub(super) struct Declaration<'d> {
    pub(super) input: &'d DeclaredInput,
    pub(super) by: Rc<Declarer<'d>>,
}

/// The declarations of flakes above about one node and its inputs, the outermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Branches<'d>(Vec<Declaration<'d>>);

impl<'d> Branches<'d> {
    /// The declarations about an input of the node, and everything below it.
    pub(super) fn below(&self, name: &str) -> Self {
        let below = self.0.iter().filter_map(|said| {
            let input = said.input.inputs.get(name)?;
            Some(Declaration { input, by: said.by.clone() })
        });
        Self(below.collect())
    }

    /// The override that wins: the outermost that defines the input itself.
    pub(super) fn winner(&self) -> Option<&Declaration<'d>> {
        self.0.iter().find(|said| said.input.overrides())
    }

    /// With the flake's own declaration, which counts least.
    pub(super) fn with(mut self, declaration: Option<Declaration<'d>>) -> Self {
        self.0.extend(declaration);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::declare::Declarations;
    use crate::source::syntax::File;

    /// Declarations of flakes, the outermost first, each with its name.
    fn branches(flakes: &[(&str, &str)], of: &str, then: impl FnOnce(&Branches<'_>)) {
        let read = flakes.iter().map(|(name, inputs)| {
            let text = format!("{{ {inputs} outputs = _: {{ }}; }}");
            (name, Declarations::read(&File::parse_flake(text.as_str().into()).unwrap()).unwrap())
        });
        let read: Vec<_> = read.collect();
        let mut branches = Branches::default();
        for (name, declared) in &read {
            let by = Rc::new(Declarer { path: vec![*name], place: None });
            branches =
                branches.with(declared.input_at(&[of]).map(|input| Declaration { input, by }));
        }
        then(&branches);
    }

    fn winner(branches: &Branches<'_>) -> Option<String> {
        let said = branches.winner()?;
        let follows = said.input.follows.as_ref().map(|follows| format!("{:?}", follows));
        Some(format!("{}: {}", said.by.path.join("/"), follows.unwrap_or_default()))
    }

    #[test]
    fn the_outermost_override_wins() {
        let outer = r#"inputs.dep.inputs.n.follows = "a"; inputs.dep.inputs.only.follows = "a";"#;
        let inner = r#"inputs.dep.inputs.n.follows = "b"; inputs.dep.inputs.other.follows = "b";"#;
        branches(&[("outer", outer), ("inner", inner)], "dep", |dep| {
            for (name, expected) in [("n", "outer"), ("only", "outer"), ("other", "inner")] {
                let won = winner(&dep.below(name)).unwrap();
                assert!(won.starts_with(&format!("{expected}: ")), "{name}: {won}");
            }
            assert_eq!(winner(&dep.below("nobody")), None);
        });
    }

    #[test]
    fn who_says_nothing_of_the_input_itself_overrides_only_what_is_below() {
        let outer = r#"inputs.dep.inputs.sub.inputs.n.follows = "a";"#;
        let inner = r#"inputs.dep.inputs.sub.follows = "b";"#;
        branches(&[("outer", outer), ("inner", inner)], "dep", |dep| {
            let sub = dep.below("sub");
            assert!(winner(&sub).unwrap().starts_with("inner: "));
            assert!(winner(&sub.below("n")).unwrap().starts_with("outer: "));
        });
    }
}
