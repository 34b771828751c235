//! What Nix checks before it writes a lock.
//!
//! Source: Nix, `src/libflake/lockfile.cc`, `LockFile::check` and `doFind`: every follows has to
//! end somewhere. While looking one up, Nix remembers each path that it looks up on the way, and
//! reports a circle as soon as one occurs twice, even if there is none.

use std::collections::HashMap;

use super::Unlockable;
use crate::graph::{End, Graph, InputPath, Overrides};
use crate::lock::{Lock, LockError, NodeId, Target, Unescaped};

/// Whether Nix would write a lock with this text.
///
/// # Errors
/// It would not.
pub(super) fn check_text(text: &str) -> Result<(), Unlockable> {
    let refused = |error: LockError| Unlockable::Refused(error.message);
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(refused)?;
    check(&Graph::build(&lock, &overrides).map_err(refused)?)
}

/// Whether Nix would write this lock.
///
/// # Errors
/// It would not.
pub fn check(graph: &Graph<'_, '_>) -> Result<(), Unlockable> {
    let mut followed = Followed::default();
    for &holder in graph.reachable() {
        for input in graph.inputs_of(holder) {
            let how = match graph.edge(input).end {
                End::Node(_) => {
                    if let Target::Follows(path) = graph.target(input) {
                        followed.add(graph, path);
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

/// The most steps from one path to the next, for each path that there is. Real locks need a few; a
/// lock that was made to be slow is refused.
const STEPS: usize = 200;

impl<'g> Followed<'g> {
    fn number(&mut self, path: &'g [&'g str]) -> usize {
        *self.numbers.entry(path).or_insert_with(|| {
            self.paths.push(path);
            self.through.push(Vec::new());
            self.paths.len() - 1
        })
    }

    /// Adds a path, if it and all follows on its way end somewhere.
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

    /// No path may occur twice on the way of another. That needs a fork: it is enough to start at
    /// paths that lead through more than one other.
    fn check(&self) -> Result<(), Unlockable> {
        let mut left = STEPS.saturating_mul(self.paths.len());
        // The start from which each path was last reached.
        let mut met: Vec<usize> = vec![usize::MAX; self.paths.len()];
        let parting = self.through.iter().enumerate().filter(|(_, through)| through.len() > 1);
        for (start, _) in parting {
            let mut open = vec![start];
            while let Some(at) = open.pop() {
                let Some(last) = met.get_mut(at) else { continue };
                if *last == start {
                    return Err(Unlockable::Refused(format!(
                        "Nix meets `{}` twice on the way to `{}`, and takes that for a circle",
                        self.shown_path(at),
                        self.shown_path(start)
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

    fn shown_path(&self, number: usize) -> String {
        let path = self.paths.get(number).copied().unwrap_or_default();
        InputPath::new(path).names().join("/")
    }
}
