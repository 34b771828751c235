//! What Nix checks before it writes a lock.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::check` and `doFind`: every follows has to end
//! somewhere. On the way Nix remembers each path that it looks up, and forgets none before it is
//! there: one that it meets twice is a circle to it, also where none is.

use std::collections::HashMap;

use super::Unlockable;
use crate::graph::{End, Graph, InputPath, Overrides};
use crate::lock::{Lock, LockError, NodeId, Target, Unescaped};

/// Whether Nix would write this lock.
///
/// # Errors
/// It would not.
pub(super) fn check(text: &str) -> Result<(), Unlockable> {
    let unescaped = Unescaped::new();
    let refused = |error: LockError| Unlockable::Refused(error.message);
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(refused)?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).map_err(refused)?;
    let mut followed = Followed::default();
    for &holder in graph.reachable() {
        for input in graph.inputs_of(holder) {
            let how = match graph.edge(input).end {
                End::Node(_) => {
                    if let Target::Follows(path) = graph.target(input) {
                        followed.add(&graph, path);
                    }
                    continue;
                }
                End::Dangling { .. } => "follows an input that does not exist",
                End::Cycle { .. } => "follows itself in a circle",
            };
            let name = graph.input_path(input).names().join("/");
            return Err(Unlockable::Refused(format!("`{name}` {how}")));
        }
    }
    followed.check()
}

/// The paths that are followed, and those that each leads through.
#[derive(Debug, Default)]
struct Followed<'g> {
    numbers: HashMap<&'g [&'g str], usize>,
    paths: Vec<&'g [&'g str]>,
    through: Vec<Vec<usize>>,
}

/// Steps from one path to the next that are taken, for each path that there is. A lock of people
/// needs a few; one that was made to be slow is refused.
const STEPS: usize = 200;

impl<'g> Followed<'g> {
    fn number(&mut self, path: &'g [&'g str]) -> usize {
        *self.numbers.entry(path).or_insert_with(|| {
            self.paths.push(path);
            self.through.push(Vec::new());
            self.paths.len() - 1
        })
    }

    /// Adds a path, all of whose follows end somewhere.
    fn add(&mut self, graph: &'g Graph<'_, '_>, path: &'g [&'g str]) {
        let number = self.number(path);
        let lock = graph.lock();
        let mut at: NodeId = lock.root();
        let mut through = Vec::new();
        for name in path {
            let Some(input) = lock.input_named(at, name) else { return };
            if let Target::Follows(path) = graph.target(input) {
                through.push(self.number(path));
            }
            let Some(end) = graph.end(input) else { return };
            at = end;
        }
        if let Some(known) = self.through.get_mut(number) {
            *known = through;
        }
    }

    /// No path may be met twice on the way to one. Ways that meet have parted before: it is enough
    /// to start where a path leads through more than one other.
    fn check(&self) -> Result<(), Unlockable> {
        let mut left = STEPS.saturating_mul(self.paths.len());
        // From where each was met last.
        let mut met: Vec<usize> = vec![usize::MAX; self.paths.len()];
        let parting = self.through.iter().enumerate().filter(|(_, through)| through.len() > 1);
        for (start, _) in parting {
            let mut open = vec![start];
            while let Some(at) = open.pop() {
                let Some(last) = met.get_mut(at) else { continue };
                if *last == start {
                    return Err(Unlockable::Refused(format!(
                        "Nix meets `{}` twice on the way to `{}`, and takes that for a circle",
                        self.told(at),
                        self.told(start)
                    )));
                }
                *last = start;
                let Some(rest) = left.checked_sub(1) else {
                    return Err(Unlockable::Refused("its follows part too often".into()));
                };
                left = rest;
                open.extend(self.through.get(at).into_iter().flatten());
            }
        }
        Ok(())
    }

    fn told(&self, number: usize) -> String {
        let path = self.paths.get(number).copied().unwrap_or_default();
        InputPath::new(path).names().join("/")
    }
}
