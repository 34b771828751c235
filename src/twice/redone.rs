//! Evaluates the flake again, with its dependencies built from another instance of nixpkgs.
//!
//! Nix turns each node of a lock into a value by calling `outputs` with the values of its inputs
//! (`call-flake.nix` in Nix's `src/libflake`). The same is repeated here, in the Nix language, for
//! every flake of the lock except the root's own nixpkgs and wrappers, with one instance in place
//! of each nixpkgs.
//!
//! That instance has to serve flakes that take `legacyPackages` and those that `import` it as a
//! source: for the latter it is a folder, in Nix's store like any other source, whose `default.nix`
//! returns the instance, whatever settings it is called with; overlays are applied to it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::instance::{Analysis, Role, Slot};
use crate::lock::NodeId;
use crate::text::{AttrPath, NixString};

/// How the flakes of a lock are called again.
#[derive(Debug)]
pub(super) struct Redone {
    flakes: Vec<CalledAgain>,
    /// The root's inputs that are called again.
    root: Vec<(String, usize)>,
}

/// A flake that is called again.
#[derive(Debug)]
struct CalledAgain {
    /// Owner path of its node.
    path: Vec<String>,
    /// Its inputs that get the instance.
    slots: Vec<String>,
    /// Its inputs that are called again, too.
    flakes: Vec<(String, usize)>,
}

/// An instance of nixpkgs, as an expression in which `flake` and `system` are bound.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InstanceExpression(pub(super) String);

impl Redone {
    /// Which flakes of a lock are called again. Flakes whose path is too long to be shown are left
    /// out.
    pub(super) fn of(analysis: &Analysis<'_, '_, '_>) -> Self {
        let graph = analysis.graph();
        let lock = graph.lock();
        let flakes: Vec<NodeId> = graph
            .reachable()
            .iter()
            .copied()
            .filter(|node| analysis.role(*node) == Role::Flake)
            .filter(|node| graph.owner_path(*node).whole().is_some())
            .collect();
        let numbers: BTreeMap<NodeId, usize> = flakes.iter().copied().zip(0..).collect();
        let again = |holder: NodeId| -> Vec<(String, usize)> {
            graph
                .inputs_of(holder)
                .filter_map(|input| {
                    let number = numbers.get(&graph.end(input)?)?;
                    Some((lock.input(input).name.to_owned(), *number))
                })
                .collect()
        };
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let flakes = flakes.iter().map(|&node| CalledAgain {
            path: owned(graph.owner_path(node).names()),
            slots: graph
                .inputs_of(node)
                .filter(|input| analysis.slot(*input) != Slot::No)
                .map(|input| lock.input(input).name.to_owned())
                .collect(),
            flakes: again(node),
        });
        Self { flakes: flakes.collect(), root: again(lock.root()) }
    }

    /// The root's inputs that are called again.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.root.iter().map(|(name, _)| name.as_str())
    }

    /// The text of a file whose value is a set of flakes: `all`, the root with all dependencies
    /// called again, and `only.NAME`, with just this one. A folder `instance` is beside it.
    pub(super) fn text(&self, flake: &str, system: &str, instance: &InstanceExpression) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "let\n  flake = builtins.getFlake {};\n  system = {};\n  instance = {};\n{CALL}",
            NixString(flake),
            NixString(system),
            instance.0
        );
        for (number, again) in self.flakes.iter().enumerate() {
            let inputs = again.path.iter().flat_map(|name| ["inputs", name]);
            let path: Vec<&str> = std::iter::once("flake").chain(inputs).collect();
            let _ = write!(text, "  n{number} = call {} {{ ", AttrPath(&path));
            for slot in &again.slots {
                let from: Vec<&str> = path.iter().copied().chain(["inputs", slot]).collect();
                let _ = write!(text, "{} = given {}; ", AttrPath(&[slot]), AttrPath(&from));
            }
            for (name, number) in &again.flakes {
                let _ = write!(text, "{} = n{number}; ", AttrPath(&[name]));
            }
            text += "};\n";
        }
        text += "in {\n  all = call flake { ";
        for (name, number) in &self.root {
            let _ = write!(text, "{} = n{number}; ", AttrPath(&[name]));
        }
        text += "};\n";
        for (name, number) in &self.root {
            let only = AttrPath(&["only", name]).to_string();
            let _ =
                writeln!(text, "  {only} = call flake {{ {} = n{number}; }};", AttrPath(&[name]));
        }
        text += "}\n";
        text
    }

    /// The text of `instance/default.nix`.
    pub(super) fn importable(flake: &str, system: &str, instance: &InstanceExpression) -> String {
        format!(
            "{{ overlays ? [ ], ... }}:\nlet\n  flake = builtins.getFlake {};\n  system = {};\n  \
             instance = {};\nin\nif overlays == [ ] then instance\nelse if instance ? \
             appendOverlays then instance.appendOverlays overlays\nelse builtins.foldl' (set: \
             overlay: let all = set // overlay all set; in all) instance overlays\n",
            NixString(flake),
            NixString(system),
            instance.0
        )
    }
}

/// `call` calls a flake again with other inputs; `given` puts the instance in place of nixpkgs.
const CALL: &str = r#"  call = old: changed: let
    inputs = old.inputs // changed;
    outputs = (import (old.outPath + "/flake.nix")).outputs (inputs // { inherit self; });
    self = outputs // (old.sourceInfo or { }) // {
      inherit (old) outPath;
      inherit inputs outputs;
      sourceInfo = old.sourceInfo or { };
      _type = "flake";
    };
  in self;
  given = plain: plain // {
    legacyPackages = (plain.legacyPackages or { }) // { ${system} = instance; };
    lib = plain.lib or instance.lib;
    outPath = toString ./instance;
  };"#;
