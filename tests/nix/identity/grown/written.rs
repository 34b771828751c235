//! The files of grown flakes: each flake.nix, and the lock.

use std::collections::BTreeMap;
use std::slice::from_ref;

use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::canonical;
use serde_json::{Map, Value, json};

use super::super::declared::{Flake, Input};
use super::super::dice::Dice;
use super::{Grown, ROOT, Reference, Shape, To};

impl Grown {
    /// The flake.nix in each folder; the root's is in the folder without a name.
    pub(in super::super) fn flakes(
        &self,
        dice: &mut Dice,
        shape: Shape,
    ) -> BTreeMap<String, Flake> {
        let folders = (0..self.nodes.len()).filter(|&node| self.nodes[node].is_flake);
        let folders = folders.filter_map(|node| Some((self.nodes[node].folder.clone()?, node)));
        let folders: Vec<_> = folders.collect();
        let flakes = folders.into_iter().map(|(folder, node)| {
            let mut flake = self.flake(dice, node);
            if shape.recent && dice.percent(15) {
                self.say_for_nothing(dice, node, &mut flake);
            }
            (folder, flake)
        });
        flakes.collect()
    }

    /// Overrides that have no effect: of a missing input, or one that a flake above overrides, or
    /// one below a follows.
    fn say_for_nothing(&self, dice: &mut Dice, flake: usize, said: &mut Flake) {
        let above = &self.nodes[flake].path;
        let targets = self.targets(flake);
        let Some((target, _)) = dice.pick(&targets) else { return };
        let slots: Vec<_> = self.edges.iter().filter(|(holder, _)| *holder != flake).collect();
        let Some((holder, name)) = dice.pick(&slots) else { return };
        let mut path = [&*self.nodes[*holder].path, from_ref(name)].concat();
        let by = match &self.nodes[*holder].inputs[name].to {
            To::Follows(_, by) => *by,
            To::Direct if self.nodes[self.nodes[*holder].inputs[name].end].is_overridden => ROOT,
            To::Direct => *holder,
        };
        let is_overruled = by != flake && self.line(flake).contains(&by);
        if !is_overruled {
            path.push("nothing".into());
        }
        if let Some(path) = path.strip_prefix(&**above).filter(|path| path.len() > 1) {
            let target = target[above.len()..].to_vec();
            said.at(path).follows = Some(target);
        }
    }

    pub(super) fn flake(&self, dice: &mut Dice, flake: usize) -> Flake {
        let mut said = Flake::default();
        let above = &self.nodes[flake].path;
        let below = |path: &[String]| path.strip_prefix(&**above).map(<[String]>::to_vec);
        for (holder, node) in self.nodes.iter().enumerate() {
            let Some(rest) = below(&node.path) else { continue };
            for (name, edge) in &node.inputs {
                let path = [&*rest, from_ref(name)].concat();
                let is_own = holder == flake;
                match &edge.to {
                    To::Follows(to, by) if *by == flake => {
                        said.at(&path).follows = Some(below(to).expect("what is below it"));
                    }
                    // Others have the last word, but the input has to exist.
                    To::Follows(..) if is_own => *said.at(&path) = elsewhere(dice, name),
                    To::Follows(..) => {}
                    To::Direct => {
                        let end = &self.nodes[edge.end];
                        let original = &end.reference.as_ref().unwrap().original;
                        let by = if end.is_overridden { ROOT } else { holder };
                        if by == flake {
                            let input = said.at(&path);
                            let is_name = *original == json!({ "type": "indirect", "id": name });
                            input.reference = (!is_name).then(|| original.clone());
                            input.is_source = !end.is_flake && is_own;
                        } else if is_own {
                            *said.at(&path) = elsewhere(dice, name);
                        }
                    }
                }
            }
        }
        said
    }

    /// The lock.
    pub(in super::super) fn lock(&self, dice: &mut Dice) -> String {
        let mut nodes = Map::new();
        let key = |node: usize| if node == ROOT { "root".into() } else { format!("n{node}") };
        for (number, node) in self.nodes.iter().enumerate() {
            let mut written = Map::new();
            let inputs: Map<_, _> = node
                .inputs
                .iter()
                .map(|(name, edge)| {
                    let to = match &edge.to {
                        To::Direct => Value::from(key(edge.end)),
                        To::Follows(path, _) => Value::from(path.as_slice()),
                    };
                    (name.clone(), to)
                })
                .collect();
            if !inputs.is_empty() {
                written.insert("inputs".into(), inputs.into());
            }
            if let Some(reference) = &node.reference {
                written.insert("locked".into(), reference.locked.clone());
                written.insert("original".into(), reference.original.clone());
            }
            if !node.is_flake {
                written.insert("flake".into(), false.into());
            }
            if let Some(parent) = &node.parent {
                written.insert("parent".into(), parent.as_slice().into());
            }
            nodes.insert(key(number), written.into());
        }
        let mut lock = json!({ "nodes": nodes, "root": "root", "version": 7 });
        match dice.below(10) {
            // In the format of other programs.
            0 => lock.to_string(),
            1 => {
                lock["nodes"]["orphan"] = json!({ "inputs": { "a": "n9" } });
                serde_json::to_string_pretty(&lock).unwrap()
            }
            _ => {
                let (text, unescaped) = (lock.to_string(), Unescaped::new());
                canonical(&Lock::parse(text.as_bytes(), &unescaped).unwrap())
            }
        }
    }

    /// Paths that can be followed, including the path of this flake itself.
    pub(in super::super) fn followable(&self) -> Vec<Vec<String>> {
        let mut paths: Vec<_> = self.targets(ROOT).into_iter().map(|(path, _)| path).collect();
        paths.push(Vec::new());
        paths
    }

    /// The paths of all inputs that are not the root's.
    pub(in super::super) fn overridable(&self) -> Vec<Vec<String>> {
        let deep = self.edges.iter().filter(|(holder, _)| *holder != ROOT);
        deep.map(|(holder, name)| [&*self.nodes[*holder].path, from_ref(name)].concat()).collect()
    }
}

/// Something unused, because a flake above overrides it.
fn elsewhere(dice: &mut Dice, name: &str) -> Input {
    let reference = Reference::acme(dice, "elsewhere", 0).original;
    let is_name = name == "nixpkgs" && dice.percent(50);
    Input { reference: (!is_name).then_some(reference), ..Input::default() }
}
