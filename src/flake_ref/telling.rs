//! Which of a node's two references tells what its source is.

use crate::lock::{Attributes, Lock, NodeId, SourceKind};

/// The original reference, since locked tarballs have their revision in the URL; but where it goes
/// through the registry, the locked one. `None` for the root, which has neither.
pub fn telling_reference<'l, 'a>(lock: &'l Lock<'a>, node: NodeId) -> Option<Attributes<'l, 'a>> {
    let original = lock.original(node);
    original
        .filter(|original| original.kind() != SourceKind::Indirect)
        .or_else(|| lock.locked(node))
}
