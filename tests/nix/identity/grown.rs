//! A flake with its dependencies, grown at random: each flake.nix, and the lock that Nix would have
//! written.

mod written;

use std::collections::BTreeMap;
use std::slice::from_ref;

use super::dice::Dice;
use super::nar;
use super::pair::{Files, named};
use super::reference::Reference;

const ROOT: usize = 0;

/// A flake and everything that it depends on.
#[derive(Debug)]
pub(super) struct Grown {
    nodes: Vec<Node>,
    /// Every input, in the order of growth: the node that has it, and its name.
    edges: Vec<(usize, String)>,
    /// The first number of its revisions.
    first: usize,
}

#[derive(Debug)]
struct Node {
    path: Vec<String>,
    reference: Option<Reference>,
    is_flake: bool,
    /// Its folder in the root's source, if it is there; empty for the root itself.
    folder: Option<String>,
    /// For a relative path, the input path of the flake that has it.
    parent: Option<Vec<String>>,
    /// Whether the root declares it, instead of the flake that has it.
    is_overridden: bool,
    inputs: BTreeMap<String, Edge>,
}

#[derive(Debug, Clone)]
struct Edge {
    to: To,
    /// The node where it ends.
    end: usize,
}

#[derive(Debug, Clone)]
enum To {
    Direct,
    /// A path, and the flake that declares it: the one that has the input, or one above.
    Follows(Vec<String>, usize),
}

/// What a random flake may contain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) nodes: usize,
    pub(super) follows: usize,
    /// Includes what only Nix 2.30 and later lock: overrides of any depth, flakes in folders of the
    /// root's source.
    pub(super) recent: bool,
    /// Includes the sources of everything that it depends on. Without them Nix could not read again
    /// what has follows of its own.
    pub(super) sources: bool,
}

const CONSUMERS: [&str; 10] =
    ["a", "b", "c", "dep", "toolkit", "root", "hls-2.10", "in", "a b", "ü\"$"];
const FOLLOWERS: [&str; 8] =
    ["nixpkgs", "nixpkgs", "nixpkgs", "nixpkgs-stable", "utils", "pkgs", "a", "nixpkgs_2"];

impl Grown {
    pub(super) fn new(dice: &mut Dice, shape: Shape, first: usize) -> Self {
        let root = Node {
            path: Vec::new(),
            reference: None,
            is_flake: true,
            folder: Some(String::new()),
            parent: None,
            is_overridden: false,
            inputs: BTreeMap::new(),
        };
        let mut grown = Self { nodes: vec![root], edges: Vec::new(), first };
        let has_nixpkgs = dice.percent(85);
        if has_nixpkgs {
            let reference = Reference::nixpkgs(dice, grown.number());
            grown.add(ROOT, "nixpkgs", reference);
        }
        if dice.percent(85) {
            grown.wrapper(dice, shape, has_nixpkgs);
        }
        for _ in 0..dice.below(shape.nodes + 1) {
            grown.node(dice, shape);
        }
        for _ in 0..dice.below(shape.follows + 1) {
            grown.follows(dice, shape);
        }
        if !shape.sources {
            grown.settle(ROOT, &[ROOT]);
        }
        grown
    }

    /// The sources of dependencies with inputs. Afterwards the lock has their hashes.
    pub(super) fn sources(&mut self, dice: &mut Dice) -> Vec<Files> {
        let mut sources = Vec::new();
        for node in 1..self.nodes.len() {
            let Some(reference) = self.source(node) else { continue };
            let folder = reference.locked["dir"].as_str().unwrap_or_default().to_owned();
            let mut files = Files::new();
            let mut open = vec![(folder, node)];
            while let Some((folder, node)) = open.pop() {
                let flake = self.flake(dice, node);
                files.insert(named(&folder, "flake.nix"), flake.text(dice));
                for edge in self.nodes[node].inputs.values() {
                    let end = &self.nodes[edge.end];
                    let path = end.reference.as_ref().and_then(|it| it.original["path"].as_str());
                    let path = path.and_then(|path| path.strip_prefix("./"));
                    if let (To::Direct, Some(path)) = (&edge.to, path) {
                        open.push((named(&folder, path), edge.end));
                    }
                }
            }
            let hash = nar::hash(&files);
            self.nodes[node].reference.as_mut().unwrap().locked["narHash"] = hash.into();
            sources.push(files);
        }
        sources
    }

    /// The reference of a flake with inputs that has a source of its own.
    fn source(&self, node: usize) -> Option<&Reference> {
        let node = &self.nodes[node];
        let reference = node.reference.as_ref()?;
        let is_folder =
            reference.original["path"].as_str().is_some_and(|path| !path.starts_with('/'));
        (node.is_flake && !is_folder && !node.inputs.is_empty()).then_some(reference)
    }

    fn number(&self) -> usize {
        self.first + self.nodes.len()
    }

    fn add(&mut self, holder: usize, name: &str, reference: Reference) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            path: [&*self.nodes[holder].path, &[name.to_owned()]].concat(),
            reference: Some(reference),
            is_flake: true,
            folder: None,
            parent: None,
            is_overridden: false,
            inputs: BTreeMap::new(),
        });
        self.edge(holder, name, Edge { to: To::Direct, end: node });
        node
    }

    fn edge(&mut self, holder: usize, name: &str, edge: Edge) {
        let before = self.nodes[holder].inputs.insert(name.to_owned(), edge);
        assert!(before.is_none(), "{name} is there twice");
        self.edges.push((holder, name.to_owned()));
    }

    fn wrapper(&mut self, dice: &mut Dice, shape: Shape, has_nixpkgs: bool) {
        let wrapper = if shape.recent && dice.percent(25) {
            self.folder(dice, ROOT, "nixpkgs-gpu")
        } else {
            let number = self.number();
            self.add(ROOT, "nixpkgs-gpu", Reference::github("acme", "nixpkgs-gpu", None, number))
        };
        if has_nixpkgs && dice.percent(70) {
            let end = self.nodes[ROOT].inputs["nixpkgs"].end;
            let to = To::Follows(vec!["nixpkgs".into()], ROOT);
            self.edge(wrapper, "nixpkgs", Edge { to, end });
        } else {
            let reference = Reference::nixpkgs(dice, self.number());
            self.add(wrapper, "nixpkgs", reference);
        }
    }

    /// A flake in a folder, below an existing one.
    fn folder(&mut self, dice: &mut Dice, holder: usize, name: &str) -> usize {
        let above = self.nodes[holder].folder.clone().expect("a flake in a folder");
        let name_of_folder = format!("f{}", self.nodes.len());
        // As a path literal it loses the dot.
        let dot = if dice.percent(70) { "./" } else { "" };
        let (folder, written) = match above.rsplit_once('/') {
            Some((beside, _)) if dice.percent(50) => {
                (format!("{beside}/{name_of_folder}"), format!("../{name_of_folder}"))
            }
            None if !above.is_empty() && dice.percent(50) => {
                (name_of_folder.clone(), format!("../{name_of_folder}"))
            }
            None if above.is_empty() => (name_of_folder.clone(), format!("{dot}{name_of_folder}")),
            _ => (format!("{above}/{name_of_folder}"), format!("{dot}{name_of_folder}")),
        };
        let node = self.add(holder, name, Reference::folder(&written));
        self.nodes[node].folder = Some(folder);
        self.nodes[node].parent = Some(self.nodes[holder].path.clone());
        node
    }

    fn free_name(&self, dice: &mut Dice, holder: usize, names: &[&str]) -> String {
        let name = *dice.pick(names).unwrap();
        let taken = |name: &str| self.nodes[holder].inputs.contains_key(name);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        [name.to_owned()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap()
    }

    fn is_consumer(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        let last = node.path.last();
        node.is_flake && last.is_none_or(|name| !name.starts_with("nixpkgs"))
    }

    fn node(&mut self, dice: &mut Dice, shape: Shape) {
        let holders: Vec<_> = (0..self.nodes.len())
            .filter(|&node| self.is_consumer(node) && self.nodes[node].path.len() < 5)
            .collect();
        let holder = if dice.percent(35) { ROOT } else { *dice.pick(&holders).unwrap() };
        let number = self.number();
        match dice.below(20) {
            0..7 => {
                let name = self.free_name(dice, holder, &["nixpkgs", "nixpkgs-stable", "pkgs"]);
                let reference = Reference::nixpkgs(dice, number);
                let node = self.add(holder, &name, reference);
                self.nodes[node].is_overridden = shape.recent && holder != ROOT && dice.percent(10);
            }
            7 => {
                let name = self.free_name(dice, holder, &["data"]);
                let reference = Reference::file(dice, number);
                let node = self.add(holder, &name, reference);
                self.nodes[node].is_flake = false;
            }
            8 => {
                // An input without a reference.
                let name = self.free_name(dice, holder, &["utils", "systems"]);
                self.add(holder, &name, Reference::registry(&name, None, number));
            }
            9..12 if shape.recent && self.nodes[holder].folder.is_some() => {
                let name = self.free_name(dice, holder, &["part", "sub"]);
                let node = self.folder(dice, holder, &name);
                if dice.percent(10) {
                    self.nodes[node].is_flake = false;
                } else {
                    self.slot(dice, shape, node);
                }
            }
            9 if self.nodes[holder].folder.is_none() && shape.recent => {
                // A folder of a dependency, which nobody can see.
                let name = self.free_name(dice, holder, &["part", "sub"]);
                let path = format!("./{name}");
                let node = self.add(holder, &name, Reference::folder(&path));
                self.nodes[node].parent = Some(self.nodes[holder].path.clone());
                if shape.sources {
                    self.slot(dice, shape, node);
                }
            }
            _ => {
                let name = self.free_name(dice, holder, &CONSUMERS);
                let reference =
                    Reference::acme(dice, if is_followable(&name) { &name } else { "odd" }, number);
                let node = self.add(holder, &name, reference);
                self.nodes[node].is_overridden = shape.recent && holder != ROOT && dice.percent(5);
                self.slot(dice, shape, node);
            }
        }
    }

    /// A nixpkgs for a flake: one of its own, or the root's.
    fn slot(&mut self, dice: &mut Dice, shape: Shape, node: usize) {
        let can_follow = shape.recent || self.nodes[node].path.len() == 1;
        match self.nodes[ROOT].inputs.get("nixpkgs") {
            _ if dice.percent(25) => {}
            Some(edge) if can_follow && dice.percent(50) => {
                let edge = Edge { to: To::Follows(vec!["nixpkgs".into()], ROOT), end: edge.end };
                self.edge(node, "nixpkgs", edge);
            }
            _ => {
                let reference = Reference::nixpkgs(dice, self.number());
                self.add(node, "nixpkgs", reference);
            }
        }
    }

    /// The flakes above a node, the root first, and the node itself.
    fn line(&self, node: usize) -> Vec<usize> {
        let mut line = vec![ROOT];
        let mut at = ROOT;
        for name in &self.nodes[node].path {
            at = self.nodes[at].inputs[name].end;
            line.push(at);
        }
        line
    }

    fn follows(&mut self, dice: &mut Dice, shape: Shape) {
        let holders: Vec<_> = (0..self.nodes.len()).filter(|&n| self.is_consumer(n)).collect();
        let holder = *dice.pick(&holders).unwrap();
        let line = self.line(holder);
        let by = if dice.percent(60) { ROOT } else { *dice.pick(&line).unwrap() };
        if by == ROOT && line.len() > 2 && !shape.recent {
            return;
        }
        let name = self.free_name(dice, holder, &FOLLOWERS);
        let above = self.nodes[by].path.clone();
        let (path, end) = if dice.percent(6) {
            (above, by)
        } else {
            let targets = self.targets(by);
            let Some((mut path, mut end)) = dice.pick(&targets).cloned() else { return };
            // After it, through what it follows itself.
            while dice.percent(15) {
                let inputs: Vec<_> = self.nodes[end].inputs.iter().collect();
                let Some((name, edge)) = dice.pick(&inputs) else { break };
                if !is_followable(name) {
                    break;
                }
                path.push((*name).clone());
                end = edge.end;
            }
            (path, end)
        };
        self.edge(holder, &name, Edge { to: To::Follows(path, by), end });
    }

    /// What a flake can make its inputs follow: everything below it with names that can be
    /// followed.
    fn targets(&self, by: usize) -> Vec<(Vec<String>, usize)> {
        let above = &self.nodes[by].path;
        let edges = self.edges.iter().filter_map(|(holder, name)| {
            let path = [&*self.nodes[*holder].path, from_ref(name)].concat();
            let rest = path.strip_prefix(&**above)?;
            let is_sayable = rest.iter().all(|name| is_followable(name));
            is_sayable.then(|| (path.clone(), self.nodes[*holder].inputs[name].end))
        });
        edges.collect()
    }

    /// Without its source, Nix trusts what a direct dependency follows only if a flake in `readers`
    /// declares it, whose flake.nix it has read. So the root declares it.
    fn settle(&mut self, flake: usize, readers: &[usize]) {
        let children: Vec<_> = self.nodes[flake].inputs.values().cloned().collect();
        for child in children.into_iter().filter(|child| matches!(child.to, To::Direct)) {
            let child = child.end;
            let own: Vec<_> = self.nodes[child]
                .inputs
                .iter()
                .filter(|(_, edge)| matches!(edge.to, To::Follows(_, by) if !readers.contains(&by)))
                .map(|(name, _)| name.clone())
                .collect();
            if own.is_empty() {
                continue;
            }
            if self.nodes[child].folder.is_some() {
                self.settle(child, &[readers, &[child]].concat());
                continue;
            }
            for name in own {
                // It may have been removed with another.
                let Some(edge) = self.nodes[child].inputs.get_mut(&name) else { continue };
                let To::Follows(path, by) = &mut edge.to else { continue };
                if path.iter().all(|name| is_followable(name)) {
                    *by = ROOT;
                } else {
                    self.drop_edge(child, &name);
                }
            }
        }
    }

    /// Removes an input, and whatever follows through it.
    fn drop_edge(&mut self, holder: usize, name: &str) {
        let mut open = vec![(holder, name.to_owned())];
        while let Some((holder, name)) = open.pop() {
            if self.nodes[holder].inputs.remove(&name).is_none() {
                continue;
            }
            self.edges.retain(|edge| *edge != (holder, name.clone()));
            for (holder, name) in &self.edges {
                let To::Follows(path, _) = &self.nodes[*holder].inputs[name].to else { continue };
                if !self.leads(path) {
                    open.push((*holder, name.clone()));
                }
            }
        }
    }

    fn leads(&self, path: &[String]) -> bool {
        let mut at = ROOT;
        path.iter().all(|name| match self.nodes[at].inputs.get(name) {
            Some(edge) => {
                at = edge.end;
                true
            }
            None => false,
        })
    }
}

/// Whether a follows can name it (`flakeIdRegex` in Nix).
pub(super) fn is_followable(name: &str) -> bool {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_word && name.starts_with(|first: char| first.is_ascii_alphabetic())
}
