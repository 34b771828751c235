//! Nodes of the new lock: kept from the old one, or made anew.

use std::rc::Rc;

use super::{Flake, Inputs, LockWalk, Wanted, is_of_unread};
use crate::flake_ref::is_flake_id;
use crate::lock::SourceKind;
use crate::relock::Unlockable;
use crate::relock::draft::{DraftNode, Reference, References};
use crate::relock::old::OldFlake;
use crate::relock::override_trie::{Branches, Declarer};
use crate::relock::sources::FlakePlace;

/// The deepest nesting of flakes in folders of flakes in folders … that is read.
const DEEPEST: usize = 64;

/// Names in the longest input path of a flake that is read again, because it has to be written out.
const DEEPEST_PATH: usize = 1_000;

impl<'d> LockWalk<'d> {
    /// Keeps a node, and continues with its inputs: as they are locked, or as its own flake.nix
    /// declares them if Nix reads that again.
    pub(super) fn keep(
        &mut self,
        flake: &Flake<'d>,
        name: &'d str,
        old: OldFlake<'d>,
        branches: Branches<'d>,
        is_relative: bool,
        folder: Option<FlakePlace<'d>>,
    ) {
        let Some(node) = self.add(flake, name, old.node().without_inputs()) else { return };
        let depth = flake.depth + 1;
        let mut child = Flake {
            node,
            inputs: Inputs::Believed,
            old: Some(old),
            branches,
            place: flake.place.clone(),
            depth,
            unread: flake.unread.clone(),
            made: flake.made.clone(),
        };
        let Some(old) = &child.old else { return };
        if matches!(flake.inputs, Inputs::Believed) || old.node().is_source {
            self.open.push(child);
            return;
        }
        let own: Vec<_> = old
            .own_follows(&child.branches)
            .map(|(input, follows)| {
                (input, self.starts_with_path_of(&follows, node, depth), follows)
            })
            .filter(|(_, is_own, follows)| *is_own || !is_of_unread(flake, follows))
            .collect();
        if own.is_empty() {
            self.open.push(child);
            return;
        }
        if depth > DEEPEST_PATH {
            let reason = "flakes that Nix reads again nest too deeply".to_owned();
            return self.hinder(Unlockable::Refused(reason));
        }
        let found = match &old.node().references {
            _ if is_relative => folder,
            Some(references) => self.sources.locked(&references.locked),
            None => None,
        };
        let path = self.path(node);
        match found.map(|place| (self.sources.declarations(&place), place)) {
            Some((Ok(declarations), place)) => {
                let place = Some(place);
                let by = Declarer { path, place: place.clone() };
                child.inputs = Inputs::Read(declarations, Rc::new(by));
                child.place = place;
            }
            Some((Err(error), _)) if is_relative => return self.hinder(error),
            // A limit of this program; Nix would read the flake.
            Some((Err(_), _)) | None => {
                child.inputs = Inputs::Unread;
                child.place = None;
                for (input, is_own, follows) in &own {
                    if !is_own {
                        self.record_freed(&child, &path, input, follows);
                    }
                }
                child.unread.get_or_insert(path.into());
            }
        }
        self.open.push(child);
    }

    /// Makes a node anew, which without fetching is only possible for folders.
    pub(super) fn make(
        &mut self,
        flake: &Flake<'d>,
        name: &'d str,
        wanted: Wanted<'d>,
        branches: Branches<'d>,
        folder: Option<FlakePlace<'d>>,
    ) {
        let id = wanted.reference.as_ref().filter(|it| it.kind() == SourceKind::Indirect);
        if id.and_then(|it| it.text("id")).is_some_and(|id| !is_flake_id(id)) {
            let path = self.shown_path(flake.node, name);
            let reason = format!("`{path}` has no reference, and a name that no registry can hold");
            return self.hinder(Unlockable::Refused(reason));
        }
        let (Some(reference), Some(place)) = (wanted.reference, folder) else {
            return self.hinder(Unlockable::Fetch(format!(
                "`{}` is not locked as flake.nix has it, and Nix would fetch it",
                self.shown_path(flake.node, name)
            )));
        };
        let reference = self.sources.made(reference);
        let by = wanted.declaration.map(|said| said.by.path.clone());
        let by = by.unwrap_or_else(|| self.path(flake.node));
        let node = DraftNode {
            references: Some(References {
                locked: Reference::made(reference),
                original: Reference::made(reference),
            }),
            is_source: wanted.is_source,
            build_time: wanted.build_time,
            parent: Some(by.into()),
            ..DraftNode::default()
        };
        let Some(node) = self.add(flake, name, node) else { return };
        if wanted.is_source {
            return;
        }
        if flake.made.contains(&reference) || flake.made.len() >= DEEPEST {
            let folder = &place.folder;
            let circle = format!("the flake in `{folder}` leads back to itself");
            return self.hinder(Unlockable::Refused(circle));
        }
        let read = self.sources.declarations(&place);
        let read = read.and_then(|declared| Ok((declared, self.sources.own_lock(&place)?)));
        let (declarations, lock) = match read {
            Ok(read) => read,
            Err(error) => return self.hinder(error),
        };
        let path = self.path(node);
        let prefix = path.as_slice().into();
        let old = lock.map(|lock| OldFlake { lock, node: lock.root, prefix });
        let by = Declarer { path, place: Some(place.clone()) };
        self.open.push(Flake {
            node,
            inputs: Inputs::Read(declarations, Rc::new(by)),
            old,
            branches,
            place: Some(place),
            depth: flake.depth + 1,
            unread: flake.unread.clone(),
            made: [&*flake.made, &[reference]].concat().into(),
        });
    }
}
