//! A lock that is about to be written, as it will be read.

use super::draft::{DraftNode, DraftTag, DraftTarget, LockDraft};
use super::text::keys;
use crate::lock::{Lock, LockBuilder, MadeNode, MadeTarget, Table};

/// Calls `then` with the lock that the text of a draft would be read as, which saves writing and reading
/// it.
pub(super) fn with_lock<T>(draft: &LockDraft<'_>, then: impl FnOnce(&Lock<'_>) -> T) -> T {
    let keys = keys(draft);
    let node = |id| Some((keys.at(id).as_deref()?, id));
    let mut nodes: Vec<_> = draft.nodes.ids().filter_map(node).collect();
    nodes.sort_unstable_by_key(|(key, _)| *key);
    let mut places: Table<DraftTag, usize> = Table::like(&draft.nodes, 0);
    for (place, (_, id)) in nodes.iter().enumerate() {
        *places.at_mut(*id) = place;
    }
    let mut lock = LockBuilder::new(nodes.len());
    for (key, id) in &nodes {
        let DraftNode { references, is_source, build_time, parent, inputs, .. } =
            draft.nodes.at(*id);
        let made = MadeNode {
            key,
            flake: !is_source,
            build_time: *build_time,
            references: references
                .as_ref()
                .map(|of| [of.locked.attributes(), of.original.attributes()]),
            parent: parent.as_deref(),
        };
        let inputs = inputs.iter().map(|(name, target)| match target {
            DraftTarget::Direct(child) => {
                let key = keys.at(*child).as_deref().unwrap_or("");
                (name, MadeTarget::Direct(*places.at(*child), key))
            }
            DraftTarget::Follows(path) => (name, MadeTarget::Follows(path)),
        });
        lock.add(made, inputs);
    }
    then(&lock.finish(*places.at(draft.root)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::text;
    use super::*;
    use crate::lock::{InputId, NodeId, Unescaped};

    fn locks_below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                locks_below(&path, found);
            } else if path.file_name().is_some_and(|name| name == "flake.lock") {
                found.push(path);
            }
        }
    }

    /// Everything that a lock says, in order.
    fn said(lock: &Lock<'_>) -> Vec<String> {
        let reference = |of: Option<crate::lock::Attributes<'_, '_>>| {
            format!("{:?}", of.map(|of| of.iter().copied().collect::<Vec<_>>()))
        };
        let input = |id: InputId| {
            format!("{} {:?} {:?}", lock.input(id).name, lock.target(id), lock.direct_end(id))
        };
        let node = |id: NodeId| {
            let node = lock.node(id);
            let inputs: Vec<String> = node.inputs.ids().map(input).collect();
            format!(
                "{id:?} {} {} {} {inputs:?} {} {} {:?} {:?}",
                node.key,
                node.flake,
                node.build_time,
                reference(lock.locked(id)),
                reference(lock.original(id)),
                lock.parent(id),
                lock.node_keyed(node.key),
            )
        };
        let nodes = lock.nodes().ids().map(node);
        nodes.chain([format!("{:?} {}", lock.root(), lock.version())]).collect()
    }

    /// It is what its text is read as, in all fixtures, and with names and values of all kinds.
    #[test]
    fn a_lock_that_is_not_written_is_read_as_if_it_were() {
        let mut paths = Vec::new();
        locks_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut paths);
        let mut texts: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        texts.push(
            r#"{ "nodes": { "r": { "inputs": { "b": "x", "a\"\n": "y", "c": [], "d": ["b", "\u00e9"] } },
              "x": { "inputs": { "a": "y" }, "flake": false, "buildTime": true, "parent": ["b", "\\"],
                "locked": { "type": "path", "path": "./x\t", "rev": null, "lastModified": 1.9, "u": true },
                "original": { "type": "indirect", "id": "x", "z": [ 1, {} ] } },
              "y": { "locked": { "type": "new" }, "original": { "owner": "\u0001" } } },
              "root": "r", "version": 5 }"#
                .into(),
        );
        let mut read = 0;
        for text in &texts {
            let unescaped = Unescaped::new();
            let Ok(lock) = Lock::parse(text, &unescaped) else { continue };
            let draft = LockDraft::of(&lock);
            let text = text::write(&draft);
            let unescaped = Unescaped::new();
            let written = Lock::parse(text.as_bytes(), &unescaped).unwrap();
            with_lock(&draft, |lock| assert_eq!(said(lock), said(&written), "{text}"));
            read += 1;
        }
        assert!(read > 100, "{read}");
    }

    /// Nothing in it has a place.
    #[test]
    fn its_places_are_none() {
        let text = r#"{ "nodes": { "r": { "inputs": { "a": "a" } }, "a": { "locked": { }, "original": { } } },
            "root": "r", "version": 7 }"#;
        let unescaped = Unescaped::new();
        let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
        with_lock(&LockDraft::of(&lock), |lock| {
            let input = lock.node(lock.root()).inputs.ids().next().unwrap();
            assert_eq!(lock.node_key_span(lock.root()).range(), 0..0);
            assert_eq!(lock.input_span(lock.root(), input).range(), 0..0);
            assert_eq!(lock.input_target_span(lock.root(), input).range(), 0..0);
        });
    }
}
