//! A second resolver, written from the definition (Nix's `findInput`, and what an owner path is)
//! without regard for speed, for comparison with the library's.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A lock as plain JSON.
#[derive(Debug)]
pub(crate) struct NaiveLock<'v> {
    nodes: &'v Map<String, Value>,
    root: &'v str,
    /// If more follows are nested than exist, one is nested in itself.
    follows: usize,
}

/// Where a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NaiveEnd<'v> {
    /// At the node with this key.
    Node(&'v str),
    Dangling,
    Cycle,
    /// It took too many steps, because the definition is exponential.
    TooLong,
}

/// The most steps of one resolution.
const STEPS: usize = 100_000;

impl<'v> NaiveLock<'v> {
    pub(crate) fn new(lock: &'v Value) -> Self {
        let nodes = lock["nodes"].as_object().unwrap();
        let inputs = nodes.values().filter_map(|node| node["inputs"].as_object());
        let follows = inputs.flat_map(Map::values).filter(|target| target.is_array()).count();
        Self { nodes, root: lock["root"].as_str().unwrap(), follows }
    }

    /// Every input: node key, name, target.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = (&'v str, &'v str, &'v Value)> {
        self.nodes.iter().flat_map(|(key, node)| {
            let inputs = node.get("inputs").and_then(Value::as_object).into_iter().flatten();
            inputs.map(move |(name, target)| (key.as_str(), name.as_str(), target))
        })
    }

    /// Where an input's target ends.
    pub(crate) fn end(&self, target: &'v Value) -> NaiveEnd<'v> {
        self.follow(target, 0, &mut STEPS.clone()).map_or_else(|broken| broken, NaiveEnd::Node)
    }

    /// `find(path)`, at a depth of so many nested follows.
    fn find(
        &self,
        path: &'v [Value],
        depth: usize,
        steps: &mut usize,
    ) -> Result<&'v str, NaiveEnd<'v>> {
        if depth > self.follows {
            return Err(NaiveEnd::Cycle);
        }
        let mut node = self.root;
        for name in path {
            *steps = steps.checked_sub(1).ok_or(NaiveEnd::TooLong)?;
            let inputs = self.nodes[node].get("inputs");
            let target = inputs.and_then(|inputs| inputs.get(name.as_str().unwrap()));
            node = self.follow(target.ok_or(NaiveEnd::Dangling)?, depth, steps)?;
        }
        Ok(node)
    }

    fn follow(
        &self,
        target: &'v Value,
        depth: usize,
        steps: &mut usize,
    ) -> Result<&'v str, NaiveEnd<'v>> {
        match target {
            Value::String(key) => {
                self.nodes.get_key_value(key).map(|(key, _)| key.as_str()).ok_or(NaiveEnd::Dangling)
            }
            Value::Array(path) => self.find(path, depth + 1, steps),
            other => panic!("not a target: {other}"),
        }
    }

    /// The owner path of every reachable node: the shortest of all paths along direct inputs, and
    /// bytewise the first of those. Relaxed until nothing improves.
    pub(crate) fn owner_paths(&self) -> BTreeMap<&'v str, Vec<&'v str>> {
        let mut best: BTreeMap<&str, Vec<&str>> = BTreeMap::from([(self.root, Vec::new())]);
        loop {
            let mut better = false;
            for (holder, name, target) in self.inputs() {
                let (Some(above), Some(key)) = (best.get(holder), target.as_str()) else {
                    continue;
                };
                let path = [above.as_slice(), &[name]].concat();
                let rank = |path: &Vec<&'v str>| (path.len(), path.clone());
                if best.get(key).is_none_or(|known| rank(&path) < rank(known)) {
                    best.insert(key, path);
                    better = true;
                }
            }
            if !better {
                return best;
            }
        }
    }
}
