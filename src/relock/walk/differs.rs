//! Differences between the old lock and the declarations of flakes.

use super::{Flake, LockWalk, Wanted};
use crate::relock::Unlockable;
use crate::relock::difference::{DeclaringFlake, DifferenceKind, LockDifference};
use crate::relock::override_trie::{Declaration, Declarer};
use crate::relock::sources::FlakePlace;
use crate::source::declare::Declarations;
use crate::text::Span;

impl<'d> LockWalk<'d> {
    /// Records a difference, if the old lock has the flake.
    pub(super) fn record_difference(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        what: DifferenceKind,
        declaration: Option<&Declaration<'d>>,
    ) {
        let by = declaration.map(|declaration| DeclaringFlake {
            flake: declaration.by.path.iter().map(|&name| name.to_owned()).collect(),
            file: declaration.by.place.as_ref().and_then(FlakePlace::file),
            span: declaration.input.defining_span(),
        });
        self.push(flake, name, what, by);
    }

    fn push(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        what: DifferenceKind,
        by: Option<DeclaringFlake>,
    ) {
        let old = flake.old.as_ref().filter(|old| std::ptr::eq(old.lock, self.old));
        if let Some(holder) = old.and_then(|old| old.node().old) {
            self.differences.push(LockDifference { holder, name: name.to_owned(), what, by });
        }
    }

    /// An input that is not kept.
    pub(super) fn record_reference(
        &mut self,
        flake: &Flake<'d>,
        name: &str,
        is_same: bool,
        wanted: &Wanted<'d>,
    ) {
        let reference = || {
            wanted.declaration.as_ref().map(|said| said.input.reference_text()).unwrap_or_default()
        };
        let old = flake.old.as_ref().and_then(|old| old.child(name));
        let original = old.as_ref().and_then(|old| old.node().references.as_ref());
        let agrees = wanted.reference.as_ref().zip(original);
        let agrees =
            agrees.is_some_and(|(a, b)| a.agrees_with(&b.original.to_owned_ref()) != Some(false));
        let what = match () {
            () if is_same => DifferenceKind::Form,
            () if agrees => DifferenceKind::Spelled(reference()),
            () => DifferenceKind::Refers(reference()),
        };
        self.record_difference(flake, name, what, wanted.declaration.as_ref());
    }

    /// Inputs in the lock that the flake no longer declares.
    pub(super) fn record_undeclared(
        &mut self,
        flake: &Flake<'d>,
        declared: &Declarations,
        by: &Declarer<'d>,
    ) {
        let Some(old) = flake.old.clone() else { return };
        let names = old.node().inputs.iter().map(|(name, _)| name);
        for name in names.filter(|name| declared.input(name).is_none()) {
            let first = declared.inputs_bindings().first();
            let start = declared.body().start;
            let by = DeclaringFlake {
                flake: by.path.iter().map(|&name| name.to_owned()).collect(),
                file: by.place.as_ref().and_then(FlakePlace::file),
                span: first.map_or(Span { start, end: start + 1 }, |binding| binding.name),
            };
            self.push(flake, name, DifferenceKind::Undeclared, Some(by));
        }
    }

    /// A follows that nobody declares any more.
    pub(super) fn record_freed(
        &mut self,
        flake: &Flake<'d>,
        path: &[&str],
        input: &str,
        follows: &[&str],
    ) {
        self.push(flake, input, DifferenceKind::Freed, None);
        if self.hindrance.is_some() {
            return;
        }
        self.hinder(Unlockable::Fetch(format!(
            "nothing in flake.nix makes `{}/{input}` follow `{}` any more, and Nix would fetch it",
            path.join("/"),
            follows.join("/")
        )));
    }
}
