//! Writing down what is found.

use super::facts::{Built, Place, Taken, Use};
use super::machine::Machine;
use super::select::{EVERY, nowhere};
use super::value::{InputIndex, InstanceId};
use crate::source::gpu_packages;
use crate::source::syntax::Name;

impl Machine<'_> {
    pub(super) fn record_taken(&mut self, input: InputIndex, taken: Taken, place: Place) {
        if place != nowhere() {
            self.facts.taken.entry((input, taken)).or_insert(place);
        }
    }

    pub(super) fn record_use(&mut self, input: InputIndex, used: Use, place: Place) {
        if self.is_nixpkgs(input) && place != nowhere() {
            self.facts.uses.entry((input, used)).or_insert(place);
        }
    }

    pub(super) fn record_output(&mut self, input: InputIndex, name: &str, place: Place) {
        if self.is_nixpkgs(input) && place != nowhere() {
            self.facts.outputs_used.entry((input, name.to_owned())).or_insert(place);
        }
    }

    /// Something in an input is used.
    pub(super) fn record_input(&mut self, input: InputIndex, path: &[Name], place: Place) {
        let Some(first) = path.first() else {
            self.record_taken(input, Taken::Source, place);
            return;
        };
        let first = &**first;
        if first == EVERY {
            return self.record_input(input, &[], place);
        }
        // What an input has from its own inputs: `x.inputs.y.packages.…`.
        if let ("inputs", [_, _, below @ ..]) = (first, path)
            && !below.is_empty()
        {
            return self.record_input(input, below, place);
        }
        if self.is_nixpkgs(input) {
            match first {
                "lib" => self.record_use(input, Use::Lib, place),
                "legacyPackages" => self.record_use(input, Use::LegacyPackages, place),
                _ => {}
            }
            if !matches!(
                first,
                "rev" | "shortRev" | "lastModified" | "lastModifiedDate" | "narHash"
            ) {
                self.record_output(input, first, place);
            }
        }
        let taken = match first {
            "packages" | "legacyPackages" | "defaultPackage" | "formatter" | "bundlers" => {
                Taken::Packages
            }
            "apps" | "defaultApp" => Taken::Apps,
            "devShells" | "devShell" => Taken::Shells,
            "checks" | "hydraJobs" => Taken::Checks,
            "overlay" | "overlays" => Taken::Overlays,
            "lib" | "htmlDocs" | "libs" => Taken::Lib,
            "templates" | "defaultTemplate" => Taken::Templates,
            "rev" | "shortRev" | "dirtyRev" | "lastModified" | "lastModifiedDate" | "narHash"
            | "sourceInfo" | "outPath" | "submodules" | "revCount" => Taken::Source,
            name if is_modules(name) => Taken::Modules,
            "‹any›" => Taken::Unknown,
            // Functions that stand beside `lib`: `crane.mkLib`, `haumea.load`.
            name if name.starts_with("mk") => Taken::Lib,
            _ => Taken::Unknown,
        };
        self.record_taken(input, taken, place);
    }

    /// A package, or a set of them, is used.
    pub(super) fn record_package(&mut self, instance: InstanceId, path: &[Name], place: Place) {
        let index = instance.0 as usize;
        let own = self.own;
        let Some(made) = self.facts.instances.get_mut(index) else { return };
        made.used = true;
        made.own |= own;
        let base = made.base;
        let is_legacy = made.made_by == super::facts::MadeBy::Legacy;
        if let (true, Some(input)) = (is_legacy, base) {
            self.record_taken(input, Taken::Packages, place);
            self.record_use(input, Use::LegacyPackages, place);
            self.record_output(input, "legacyPackages", place);
        }
        // An overlay that puts all inputs' packages under one name is used by that name.
        if let [all, input, _, ..] = path
            && &**all == "inputs"
            && let Some(input) = self.input_names.get(&**input).copied()
        {
            self.record_taken(input, Taken::Packages, place);
        }
        if let Some(name) = gpu_package(path) {
            let known = self.facts.built.iter().any(|b| b.instance == instance.0 && b.name == name);
            if !known && place != nowhere() && self.facts.built.len() < 1_000 {
                self.facts.built.push(Built { instance: instance.0, name, place });
            }
        }
    }
}

/// Whether an output holds modules of some module system.
pub(super) fn is_modules(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("modules") || name.ends_with("module")
}

/// The package that a path names, if a GPU setting changes it.
fn gpu_package(path: &[Name]) -> Option<String> {
    let (at, last) = path
        .iter()
        .enumerate()
        .find(|(at, name)| if *at == 0 { gpu_packages::top_level(name) } else { false })
        .or_else(|| {
            // Below an interpreter or a package set of Python.
            let below = path.iter().position(|name| is_python(name))?;
            path.iter().enumerate().skip(below + 1).find(|(_, name)| gpu_packages::python(name))
        })?;
    let shown: Vec<&str> = path.get(..at).unwrap_or_default().iter().map(|n| &**n).collect();
    let shown: Vec<&str> = shown.into_iter().filter(|name| !name.starts_with('‹')).collect();
    let mut name = shown.join(".");
    if !name.is_empty() {
        name.push('.');
    }
    name.push_str(last);
    Some(name)
}

/// `python3Packages`, `python312`, `python3`.
fn is_python(name: &str) -> bool {
    name.starts_with("python")
}
