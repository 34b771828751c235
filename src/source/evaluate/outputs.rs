//! From `flake.nix` to facts: which outputs there are, and what each of them brings.

use std::collections::BTreeSet;

use super::InputInfo;
use super::facts::{CodeFacts, Exports, Importable, WholeNixpkgs};
use super::{Files, Problem};
use super::framework::output_sets;
use super::machine::Machine;
use super::record::is_modules;
use super::select::nowhere;
use super::value::{SetAttr, Value};
use super::visit::Giver;

/// Which outputs are looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// All of them.
    Everything,
    /// Those that are built: packages, shells, whole systems.
    Built,
    /// Overlays.
    Overlays,
    /// Modules.
    Modules,
    /// Library functions.
    Lib,
    /// None: only what is exported is told.
    Exports,
}

/// What an output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Built,
    Aside,
    Overlays,
    Modules,
    Lib,
    Templates,
}

fn kind(name: &str) -> Kind {
    match name {
        // What is exported whole, and a tool that enters no closure, are not the flake's own use.
        "legacyPackages" | "formatter" => Kind::Aside,
        "overlay" | "overlays" => Kind::Overlays,
        "lib" | "libs" => Kind::Lib,
        "templates" | "defaultTemplate" => Kind::Templates,
        name if is_modules(name) => Kind::Modules,
        _ => Kind::Built,
    }
}

impl Wanted {
    fn includes(self, kind: Kind) -> bool {
        match self {
            Wanted::Everything => kind != Kind::Templates,
            Wanted::Built => matches!(kind, Kind::Built | Kind::Aside),
            Wanted::Overlays => kind == Kind::Overlays,
            Wanted::Modules => kind == Kind::Modules,
            Wanted::Lib => kind == Kind::Lib,
            Wanted::Exports => false,
        }
    }
}

/// What the outputs of a flake do. `inputs` are those of the flake, by what the lock says.
///
/// # Errors
/// Why `flake.nix` cannot be read.
pub fn evaluate(files: &Files, inputs: &[InputInfo], wanted: Wanted) -> Result<CodeFacts, Problem> {
    evaluate_within(files, inputs, wanted, u64::MAX).0
}

/// The same within a budget, and what it has cost. What cost more was cut short somewhere.
pub fn evaluate_within(
    files: &Files,
    inputs: &[InputInfo],
    wanted: Wanted,
    limit: u64,
) -> (Result<CodeFacts, Problem>, u64) {
    let mut machine = Machine::new(files, inputs, limit);
    let facts = machine.read_outputs(wanted);
    let cost = machine.meter.cost();
    (facts.map(|()| machine.finish()), cost)
}

impl Machine<'_> {
    fn read_outputs(&mut self, wanted: Wanted) -> Result<(), Problem> {
        let flake = self.files.flake_file();
        if !self.count_text(&flake) {
            return Ok(());
        }
        self.files.get(&flake)?;
        let exported = self
            .outputs_of(&flake)
            .ok_or_else(|| ("it has no `outputs`, or they are no function".to_owned(), None))?;
        self.everything(&exported, wanted);
        self.facts.exports = self.exports(&exported);
        Ok(())
    }

    /// The value of `outputs`, called with the flake's inputs.
    /// `None` where there is none, or it cannot be one.
    fn outputs_of(&mut self, flake: &crate::source::TreePath) -> Option<Value> {
        let root = self.imported(flake);
        let outputs = match &root {
            Value::Set(set) => self.force(set.get("outputs")?.thunk),
            _ => return None,
        };
        if matches!(
            outputs,
            Value::Bool(_) | Value::Null | Value::Number | Value::Text(_) | Value::List(_)
        ) {
            return None;
        }
        let own = self.thunk(super::machine::State::Call(Box::new((outputs, vec![Value::Inputs]))));
        self.outputs = Some(own);
        Some(self.force(own))
    }

    fn everything(&mut self, outputs: &Value, wanted: Wanted) {
        let mut sets = Vec::new();
        output_sets(outputs, &mut sets);
        if sets.is_empty() && wanted != Wanted::Exports {
            // Made by code that is not read: what it was given was looked at, if it was anything.
            self.visit(outputs.clone(), Giver::Outside);
            self.look_through();
            self.facts.opaque = self.facts.files.len() <= 1;
        }
        let attrs: Vec<SetAttr> = sets.iter().flat_map(|set| set.attrs.iter().cloned()).collect();
        // The flake's own first: what is used by both counts as its own.
        self.own = wanted == Wanted::Everything;
        for attr in attrs.iter().filter(|attr| kind(&attr.name) == Kind::Built) {
            if wanted.includes(Kind::Built) {
                self.output(attr, Kind::Built);
            }
        }
        self.look_through();
        self.own = false;
        for attr in &attrs {
            let kind = kind(&attr.name);
            if kind != Kind::Built && wanted.includes(kind) {
                self.output(attr, kind);
                self.look_through();
            }
        }
        if wanted == Wanted::Everything || wanted == Wanted::Built {
            for rest in sets.iter().filter_map(|set| set.rest) {
                self.visit_thunk(rest, Giver::Nobody);
            }
        }
        self.look_through();
    }

    fn output(&mut self, attr: &SetAttr, kind: Kind) {
        let value = self.force_config(attr.thunk);
        match kind {
            Kind::Overlays => {
                let callers = self.callers();
                self.visit(value, Giver::Packages(callers));
            }
            Kind::Modules => {
                // One module, or a set of them.
                let mut sets = Vec::new();
                if attr.name.ends_with('s') {
                    output_sets(&value, &mut sets);
                }
                if sets.is_empty() {
                    self.outside_modules(&value);
                }
                for set in sets {
                    for member in set.attrs.iter().map(|attr| attr.thunk).chain(set.rest) {
                        let member = self.force(member);
                        self.outside_modules(&member);
                    }
                }
            }
            Kind::Lib => self.visit(value, Giver::Outside),
            Kind::Built if &*attr.name == "colmena" || &*attr.name == "colmenaHive" => {
                self.hive(&value, attr.place.unwrap_or_else(nowhere));
                self.visit(value, Giver::Nobody);
            }
            Kind::Built | Kind::Aside | Kind::Templates => self.visit(value, Giver::Nobody),
        }
    }

    /// What others find in the flake.
    fn exports(&mut self, outputs: &Value) -> Exports {
        let mut sets = Vec::new();
        output_sets(outputs, &mut sets);
        let mut exports = Exports {
            known: !sets.is_empty() && sets.iter().all(|set| !set.open && set.rest.is_none()),
            ..Exports::default()
        };
        exports.import = self.importable();
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            exports.names.insert(attr.name.to_string());
            match &*attr.name {
                "legacyPackages" => {
                    let value = self.force(attr.thunk);
                    exports.whole = self.whole(&value);
                }
                "__toString" => exports.import = Importable::ToString,
                "packages" | "devShells" | "checks" | "apps" | "devShell" | "defaultPackage" => {
                    let value = self.force(attr.thunk);
                    let mut sets = Vec::new();
                    output_sets(&value, &mut sets);
                    for system in sets.iter().flat_map(|set| &set.attrs) {
                        exports.systems.insert(system.name.to_string());
                    }
                }
                _ => {}
            }
        }
        exports
    }

    /// What `import` of the flake gives, as far as its `default.nix` tells.
    fn importable(&self) -> Importable {
        let tree = self.files.tree();
        let text = self.files.flake().child("default.nix").and_then(|file| tree.text(&file).ok());
        self.meter.text(text.as_ref().map_or(0, |text| text.len()));
        match text {
            Some(text) => Importable::DefaultNix { own_lock: text.contains("flake.lock") },
            None => Importable::Fails,
        }
    }

    /// The whole nixpkgs that `legacyPackages` is, if it is one.
    fn whole(&mut self, value: &Value) -> Option<WholeNixpkgs> {
        let mut systems = BTreeSet::new();
        let mut found = None;
        if let Value::Input(input, path, _) = value.unconditional().0
            && path.len() == 1
        {
            let instance = self.legacy_instance(*input);
            return Some(WholeNixpkgs { instance: instance.0, systems: None });
        }
        let mut sets = Vec::new();
        output_sets(value, &mut sets);
        let mut open = false;
        for set in sets {
            open |= set.open || set.rest.is_some();
            for attr in &set.attrs {
                let value = self.force(attr.thunk);
                // Each of them has to be one.
                let instance = self.instance_of(&value)?;
                systems.insert(attr.name.to_string());
                found.get_or_insert(instance);
            }
            if let Some(rest) = set.rest {
                let value = self.force(rest);
                let instance = self.instance_of(&value)?;
                found.get_or_insert(instance);
            }
        }
        let instance = found?.0;
        Some(WholeNixpkgs { instance, systems: (!open).then_some(systems) })
    }

    /// The facts, once nothing more is to be looked at.
    fn finish(mut self) -> CodeFacts {
        self.facts.steps = self.meter.steps();
        self.facts
    }
}
