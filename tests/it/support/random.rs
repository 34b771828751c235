//! Random locks that look like real ones.
//!
//! A lock is grown from a recipe: first the tree of direct inputs, then follows. A follows leads to
//! an existing node or input, so that it ends somewhere and in no circle, unless the [`Shape`] asks
//! for trouble.

use proptest::prelude::*;
use proptest::sample::Index;

use super::builder::{LockBuilder, Made, MadeInput, ROOT};
use super::source::{Source, Spelling};

/// What a random lock may contain besides what Nix would write.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Follows that end nowhere.
    pub(crate) dangling: bool,
    /// Follows in circles.
    pub(crate) cycles: bool,
    /// Nodes with several owners, some of them in loops.
    pub(crate) shared: bool,
    /// Names that no person would choose.
    pub(crate) odd_names: bool,
}

impl Shape {
    /// Everything at once.
    pub(crate) const WILD: Self =
        Self { dangling: true, cycles: true, shared: true, odd_names: true };
}

/// Random locks.
pub(crate) fn locks(shape: Shape) -> impl Strategy<Value = LockBuilder> {
    let nodes = prop::collection::vec(node_recipe(), 0..16);
    let follows = prop::collection::vec(follows_recipe(), 0..24);
    let head = (prop::bool::weighted(0.8), prop::bool::weighted(0.75));
    (head, nodes, follows).prop_map(move |((nixpkgs, wrapper), nodes, follows)| {
        let mut growing = Growing { lock: LockBuilder::new(), inputs: Vec::new(), shape };
        if nixpkgs {
            growing.add(ROOT, "nixpkgs", Source::NIXPKGS);
        }
        if wrapper {
            let made = growing.add(ROOT, "nixpkgs-gpu", Source::Acme("nixpkgs-gpu"));
            if nixpkgs {
                growing.follow(made, "nixpkgs", vec!["nixpkgs".into()], Some(1));
            }
        }
        nodes.iter().for_each(|recipe| growing.node(recipe));
        growing.all_follows(&follows);
        growing.lock
    })
}

#[derive(Debug, Clone)]
struct NodeRecipe {
    holder: Index,
    kind: Kind,
    name: Index,
    flake: bool,
}

/// The kind of a node, which determines its source and the names of its input.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Nixpkgs(Spelling),
    Lib,
    Wrapper,
    Consumer,
    Known,
    Utils,
    Blank,
}

fn node_recipe() -> impl Strategy<Value = NodeRecipe> {
    use Spelling::{
        Branch, Channel, Devenv, FlakeHub, Fork, Git, Github, LowerCase, Registry, StorePath,
    };
    let spellings = [
        Github,
        Github,
        LowerCase,
        Branch("nixos-24.11"),
        Fork,
        Channel,
        FlakeHub,
        Registry,
        Git,
        Devenv,
        StorePath,
    ];
    let kind = prop_oneof![
        5 => prop::sample::select(spellings.to_vec()).prop_map(Kind::Nixpkgs),
        1 => Just(Kind::Lib),
        2 => Just(Kind::Wrapper),
        6 => Just(Kind::Consumer),
        1 => Just(Kind::Known),
        1 => Just(Kind::Utils),
        1 => Just(Kind::Blank),
    ];
    (any::<Index>(), kind, any::<Index>(), prop::bool::weighted(0.93))
        .prop_map(|(holder, kind, name, flake)| NodeRecipe { holder, kind, name, flake })
}

#[derive(Debug, Clone)]
struct FollowsRecipe {
    holder: Index,
    name: Index,
    to: To,
}

/// Where a follows leads.
#[derive(Debug, Clone)]
enum To {
    /// To a node, by its owner path.
    Node(Index),
    /// To an input of the root.
    RootInput(Index),
    /// To any input, itself a follows or not.
    Input(Index),
    /// Through an input to one of the node where it ends.
    Behind(Index, Index),
    /// `[]`.
    Root,
    /// `follows = ""` in the holder, or in a node some levels above it.
    Above(usize),
    /// To something that does not exist.
    Missing(Index),
    /// To a follows that comes later, or to itself.
    Later(Index),
    /// No follows: a second owner for a node.
    Shared(Index),
}

fn follows_recipe() -> impl Strategy<Value = FollowsRecipe> {
    let to = prop_oneof![
        4 => any::<Index>().prop_map(To::Node),
        6 => any::<Index>().prop_map(To::RootInput),
        6 => any::<Index>().prop_map(To::Input),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(input, then)| To::Behind(input, then)),
        1 => Just(To::Root),
        1 => (0..3_usize).prop_map(To::Above),
        1 => any::<Index>().prop_map(To::Missing),
        2 => any::<Index>().prop_map(To::Later),
        1 => any::<Index>().prop_map(To::Shared),
    ];
    (any::<Index>(), any::<Index>(), to).prop_map(|(holder, name, to)| FollowsRecipe {
        holder,
        name,
        to,
    })
}

const ODD_NAMES: [&str; 14] = [
    "",
    "a.b",
    "a/b",
    "root",
    "nixpkgs_2",
    "\"quoted\"",
    "back\\slash",
    "line\nbreak",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}gpj.exe",
    "<b>&amp;</b>",
    "${x}",
    "naïve 🐍",
    "\0",
];
const FOLLOWS_NAMES: [&str; 12] = [
    "nixpkgs",
    "nixpkgs",
    "nixpkgs",
    "nixpkgs",
    "nixpkgs-unstable",
    "nixpkgs-stable",
    "nixpkgs-lib",
    "utils",
    "pkgs",
    "nixpkgs-gpu",
    "a",
    "b",
];

/// A lock that grows.
struct Growing {
    lock: LockBuilder,
    /// Every input in the order of growth: holder, name, and the node where it ends if known.
    inputs: Vec<(Made, String, Option<Made>)>,
    shape: Shape,
}

impl Growing {
    fn add(&mut self, holder: Made, name: &str, source: Source) -> Made {
        let node = self.lock.add(holder, name, source);
        self.inputs.push((holder, name.into(), Some(node)));
        node
    }

    fn follow(&mut self, holder: Made, name: &str, path: Vec<String>, end: Option<Made>) {
        self.lock.set(holder, name, MadeInput::Follows(path));
        self.inputs.push((holder, name.into(), end));
    }

    fn node(&mut self, recipe: &NodeRecipe) {
        let holders = self.holders(|source| {
            matches!(
                source,
                None | Some(
                    Source::HomeManager | Source::Acme("dep" | "nixpkgs-gpu" | "gpu-tools")
                )
            )
        });
        let holder = holders[recipe.holder.index(holders.len())];
        let (source, names): (_, &[_]) = match recipe.kind {
            Kind::Nixpkgs(spelling) => {
                let names = &["nixpkgs", "nixpkgs", "nixpkgs", "nixpkgs-unstable", "pkgs", "large"];
                (Source::Nixpkgs(spelling), names)
            }
            Kind::Lib => (Source::NixpkgsLib, &["nixpkgs-lib", "lib", "nixpkgs"]),
            Kind::Wrapper => match recipe.name.index(5) {
                0 => (Source::Unfree, &["nixpkgs-unfree", "nixpkgs", "pkgs"]),
                1 => (Source::Acme("gpu-tools"), &["nixpkgs-cuda", "gpu-tools"]),
                _ => (Source::Acme("nixpkgs-gpu"), &["nixpkgs-gpu", "nixpkgs-rocm", "nixpkgs"]),
            },
            Kind::Consumer => (Source::Acme("dep"), &["a", "b", "c", "dep", "toolkit"]),
            Kind::Known => (Source::HomeManager, &["home-manager", "hm"]),
            Kind::Utils => (Source::Utils, &["utils", "flake-utils"]),
            Kind::Blank => (Source::Blank, &["blank", "nixpkgs"]),
        };
        let name = self.free_name(holder, &recipe.name, names);
        let node = self.add(holder, &name, source);
        if !recipe.flake {
            self.lock.not_a_flake(node);
        }
        // A patched nixpkgs has the original as an input.
        if matches!(recipe.kind, Kind::Nixpkgs(Spelling::Devenv)) {
            let patched = self.add(node, "nixpkgs-src", Source::NIXPKGS);
            self.lock.not_a_flake(patched);
        }
        if matches!(recipe.kind, Kind::Wrapper) {
            match recipe.holder.index(3) {
                0 => drop(self.add(node, "nixpkgs", Source::NIXPKGS)),
                1 => {
                    let to = recipe.name.index(self.inputs.len());
                    let (path, end) = self.to_input(to);
                    self.follow(node, "nixpkgs", path, end);
                }
                // A follows may be added.
                _ => {}
            }
        }
    }

    /// The nodes that take inputs.
    fn holders(&self, fits: impl Fn(Option<Source>) -> bool) -> Vec<Made> {
        let fits = |node: &Made| self.lock.is_flake(*node) && fits(self.lock.source(*node));
        (ROOT..self.lock.len()).filter(fits).collect()
    }

    fn free_name(&self, holder: Made, choice: &Index, names: &[&str]) -> String {
        let odd = self.shape.odd_names && choice.index(8) == 0;
        let names = if odd { &ODD_NAMES } else { names };
        let name = names[choice.index(names.len())];
        let taken = |name: &str| self.lock.inputs(holder).contains_key(name);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        [name.to_owned()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap()
    }

    fn all_follows(&mut self, recipes: &[FollowsRecipe]) {
        let holders = self.holders(|source| {
            matches!(source, None | Some(Source::HomeManager | Source::Acme(_) | Source::Unfree))
        });
        // Holder and name of each are needed first, for circles.
        let mut planned: Vec<(Made, String)> = Vec::new();
        for recipe in recipes {
            let holder = holders[recipe.holder.index(holders.len())];
            let odd = self.shape.odd_names && recipe.name.index(8) == 0;
            let names: &[_] = if odd { &ODD_NAMES } else { &FOLLOWS_NAMES };
            let name = names[recipe.name.index(names.len())];
            let taken = self.lock.inputs(holder).contains_key(name)
                || planned.iter().any(|(at, known)| *at == holder && known == name);
            // An existing input stays; as in real locks most slots are called `nixpkgs`.
            let name = if taken { format!("{name}.{}", planned.len()) } else { name.to_owned() };
            planned.push((holder, name));
        }
        for (recipe, (holder, name)) in recipes.iter().zip(&planned) {
            self.one_follows(&recipe.to, *holder, name, &planned);
        }
    }

    fn one_follows(&mut self, to: &To, holder: Made, name: &str, planned: &[(Made, String)]) {
        let shape = self.shape;
        let (path, end) = match to {
            To::Shared(node) if shape.shared && self.lock.len() > 1 => {
                let node = 1 + node.index(self.lock.len() - 1);
                self.lock.set(holder, name, MadeInput::Direct(node));
                self.inputs.push((holder, name.into(), Some(node)));
                return;
            }
            To::Missing(input) if shape.dangling => {
                let (mut path, _) = self.to_input(input.index(self.inputs.len().max(1)));
                path.push("missing".into());
                (path, None)
            }
            To::Later(other) if shape.cycles => {
                let (holder, name) = &planned[other.index(planned.len())];
                (self.path(*holder, name), None)
            }
            To::Node(node) | To::Missing(node) | To::Later(node) | To::Shared(node) => {
                let node = node.index(self.lock.len());
                (self.lock.path(node).to_vec(), Some(node))
            }
            To::RootInput(input) => {
                let inputs: Vec<_> =
                    (0..self.inputs.len()).filter(|at| self.inputs[*at].0 == ROOT).collect();
                match inputs.get(input.index(inputs.len().max(1))) {
                    Some(at) => self.to_input(*at),
                    None => (Vec::new(), Some(ROOT)),
                }
            }
            To::Input(input) => self.to_input(input.index(self.inputs.len().max(1))),
            To::Behind(input, then) => {
                let has_inputs =
                    |end: &Option<Made>| end.is_some_and(|node| !self.lock.inputs(node).is_empty());
                let through: Vec<_> =
                    (0..self.inputs.len()).filter(|at| has_inputs(&self.inputs[*at].2)).collect();
                match through.get(input.index(through.len().max(1))) {
                    Some(at) => self.behind(*at, then),
                    None => (Vec::new(), Some(ROOT)),
                }
            }
            To::Root => (Vec::new(), Some(ROOT)),
            To::Above(levels) => {
                let path = self.lock.path(holder);
                (path[..path.len().saturating_sub(*levels)].to_vec(), None)
            }
        };
        self.follow(holder, name, path, end);
    }

    /// The path through an input to one of the node where it ends.
    fn behind(&self, at: usize, then: &Index) -> (Vec<String>, Option<Made>) {
        let (mut path, end) = self.to_input(at);
        let behind: Vec<_> =
            self.inputs.iter().filter(|(holder, ..)| Some(*holder) == end).collect();
        match behind.get(then.index(behind.len().max(1))) {
            Some((_, name, further)) => {
                path.push(name.clone());
                (path, *further)
            }
            None => (path, end),
        }
    }

    /// The path to an existing input; `[]` if there is none yet.
    fn to_input(&self, at: usize) -> (Vec<String>, Option<Made>) {
        match self.inputs.get(at) {
            Some((holder, name, end)) => (self.path(*holder, name), *end),
            None => (Vec::new(), Some(ROOT)),
        }
    }

    fn path(&self, holder: Made, name: &str) -> Vec<String> {
        [self.lock.path(holder), &[name.to_owned()]].concat()
    }
}
