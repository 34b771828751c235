//! What a wrapper does not export although its follower uses it.

use std::collections::BTreeSet;

use super::lock_sources::LockSources;
use crate::lock::NodeId;
use crate::source::evaluate::facts::{FlakeFacts, Use};
use crate::source::evaluate::world::InputIndex;

/// The attribute by which code asks a flake for its folder.
const OUT_PATH: &str = "outPath";
/// Shown in place of the name of a file or folder inside it.
const PATH: &str = "a path inside it";

/// What would break if an input followed a wrapper.
#[derive(Debug, Default)]
pub struct Lacks {
    /// Outputs, systems and paths that the wrapper does not have.
    pub outputs: BTreeSet<String>,
    /// Whether its source is imported, or handed to code that is not read.
    pub imports: bool,
    /// Whether it is handed to code that is not read.
    pub unknown: bool,
}

impl Lacks {
    /// What the holder of an input uses that the wrapper at `node` lacks; `None` if the wrapper's
    /// source is not known.
    pub fn behind_wrapper(
        sources: &LockSources,
        done: &FlakeFacts,
        input: InputIndex,
        node: NodeId,
    ) -> Option<Self> {
        let exports = sources.flake(node)?.exports()?;
        if !exports.known {
            return None;
        }
        let used = |what| done.uses.contains_key(&(input, what));
        let mut lacks = Self {
            imports: used(Use::Import),
            unknown: used(Use::HandedOn) || done.is_partial,
            ..Self::default()
        };
        let names = done.outputs_used.keys().filter(|(at, _)| *at == input).map(|(_, name)| name);
        // A flake's `outPath` is its own folder, whatever it exports.
        let is_served = |name: &&String| *name != OUT_PATH && exports.names.contains(*name);
        lacks.outputs.extend(names.filter(|name| !is_served(name)).cloned());
        if used(Use::Path) {
            lacks.outputs.insert(PATH.into());
        }
        if let Some(systems) = exports.whole.as_ref().and_then(|whole| whole.systems.as_ref()) {
            let root = sources.evaluated_root().map(|root| &root.exports.systems);
            // Count only systems for which the root builds something.
            let needed = root.into_iter().flatten().filter(|system| is_system(system));
            let missing: Vec<_> = needed.filter(|system| !systems.contains(*system)).collect();
            for (_, used) in done.systems_used.iter().filter(|(at, _)| *at == input) {
                let missing = missing.iter().filter(|s| used.as_ref().is_none_or(|u| u == **s));
                lacks.outputs.extend(missing.map(|system| format!("legacyPackages.{system}")));
            }
        }
        Some(lacks)
    }

    /// The part of it that no wrapper can offer, in words: files of nixpkgs.
    pub fn files(&self) -> Option<&'static str> {
        if self.outputs.contains(OUT_PATH) {
            Some("`nixpkgs.outPath`")
        } else {
            self.outputs.contains(PATH).then_some("a path inside nixpkgs")
        }
    }

    /// Whether nothing would break, as far as is known.
    pub fn is_nothing(&self) -> bool {
        self.outputs.is_empty() && !self.imports && !self.unknown
    }
}

/// Whether an attribute has the form of a system: `x86_64-linux`.
fn is_system(name: &str) -> bool {
    ["-linux", "-darwin", "-freebsd", "-windows"].iter().any(|end| name.ends_with(end))
}
