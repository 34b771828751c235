//! The path from an output to what it needs.

use std::collections::{HashMap, VecDeque};

use crate::derivation::{Closure, DrvId};

/// The most names of a path that are kept.
const LONGEST_CHAIN: usize = 32;

/// The shortest paths from one derivation to everything that it needs, computed once.
#[derive(Debug)]
pub struct Chains<'c> {
    closure: &'c Closure,
    from: DrvId,
    /// The predecessor of each derivation on its path.
    before: HashMap<DrvId, DrvId>,
}

impl<'c> Chains<'c> {
    /// The paths from this derivation.
    pub fn from(closure: &'c Closure, from: DrvId) -> Self {
        let mut before: HashMap<DrvId, DrvId> = HashMap::new();
        let mut open = VecDeque::from([from]);
        while let Some(id) = open.pop_front() {
            for input in closure.inputs(id) {
                if *input != from && !before.contains_key(input) {
                    before.insert(*input, id);
                    open.push_back(*input);
                }
            }
        }
        Self { closure, from, before }
    }

    /// The names on the path to a derivation, both ends included; a long path without its middle.
    pub fn to(&self, id: DrvId) -> Vec<String> {
        let mut at = id;
        let mut names = vec![self.closure.name(at).to_owned()];
        while let Some(above) = self.before.get(&at).filter(|_| at != self.from) {
            at = *above;
            names.push(self.closure.name(at).to_owned());
        }
        names.reverse();
        shortened(names)
    }
}

/// A long path without its middle.
fn shortened(mut chain: Vec<String>) -> Vec<String> {
    if chain.len() > LONGEST_CHAIN {
        let middle = LONGEST_CHAIN / 2..chain.len() - LONGEST_CHAIN / 2;
        chain.splice(middle, ["…".to_owned()]);
    }
    chain
}
