//! flakelight: a flake that is a module, whose options are also read of the files of a folder.

mod folder;
mod packages;
mod systems;

use super::folders::{at, channel, main_input, one_system, set_of};
use super::{Call, Framework};
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::machine::Machine;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Function, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, Slot};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/flakelight", "accelbread/flakelight"],
    source: "default.nix, builtinModules/*.nix, 2026-11",
    marks: &[],
    arity: |function| match function {
        "" | "mkFlake" | GENERATE => 2,
        OVERLAY => 3,
        _ => 1,
    },
    call,
};

/// What modules call to have something for each system.
const GENERATE: &str = "genSystems";
/// The overlay that has the flake's own packages.
const OVERLAY: &str = "packageOverlay";
/// The packages of the flake, for any system.
const PACKAGES: &str = "pkgsFor";

/// Options that become outputs of the same name, with what stands for their `default`.
const OUTPUTS: [(&str, Option<&str>); 13] = [
    ("packages", Some("package")),
    ("devShells", Some("devShell")),
    ("apps", Some("app")),
    ("checks", None),
    ("legacyPackages", None),
    ("nixosConfigurations", None),
    ("homeConfigurations", None),
    ("nixosModules", Some("nixosModule")),
    ("homeModules", Some("homeModule")),
    ("flakelightModules", Some("flakelightModule")),
    ("overlays", Some("overlay")),
    ("lib", None),
    ("templates", Some("template")),
];
/// Other options.
const OTHERS: [&str; 18] = [
    "inputs",
    "systems",
    "outputs",
    "perSystem",
    "nixpkgs",
    "withOverlays",
    "nixDir",
    "nixDirAliases",
    "nixDirPathAttrs",
    "pname",
    "description",
    "license",
    "flakelight",
    "formatter",
    "formatters",
    "functor",
    "bundler",
    "bundlers",
];
fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    let first = machine.force(call.arg(0)?);
    let Value::Config(class, _) = first else {
        return matches!(call.function, "" | "mkFlake").then(|| outputs(machine, call, first));
    };
    let flake = Flake { slot: call.slot, class, place: call.place };
    match (call.function, call.args) {
        (GENERATE, [_, function]) => {
            let packages = flake.packages(machine);
            let function = machine.force_known(*function);
            let made = machine.apply_to(&function, packages, call.place);
            Some(one_system(machine, made))
        }
        (OVERLAY, [_, last, _]) => {
            let last = machine.force(*last);
            Some(flake.own_packages(machine, &last))
        }
        (PACKAGES, [_]) => Some(flake.packages(machine)),
        (output, [_]) => Some(flake.output(machine, output)),
        _ => None,
    }
}

/// `flakelight source module`
fn outputs(machine: &mut Machine<'_>, call: &Call<'_>, source: Value) -> Value {
    let own = machine.recorder.flake_at(call.place).unwrap_or(FlakeId::ROOT);
    let class = machine.new_class(ModuleKind::Parts, call.place);
    let flake = Flake { slot: call.slot, class, place: call.place };
    machine.parts.insert(own, class);
    let packages = flake.later(machine, PACKAGES);
    for (name, value) in [
        ("src", source.clone()),
        ("flakelight", Value::Flake(call.slot, call.place)),
        ("outputs", Value::Itself(own)),
        ("pkgsFor", Value::set(Vec::new(), Some(packages), true)),
        (GENERATE, flake.function(machine, GENERATE)),
    ] {
        machine.bind_argument(class, name, value);
    }
    // What is set beside these, modules make something of that are not read.
    let options = OUTPUTS.into_iter().flat_map(|(name, single)| [Some(name), single]).flatten();
    let options = options.chain(OTHERS).map(|name| (name.into(), Value::no_attrs())).collect();
    let options = set_of(machine, options);
    let declared = set_of(machine, vec![("options".into(), options)]);
    machine.collect(class, &declared);
    if let Some(module) = call.arg(1) {
        let module = machine.force(module);
        machine.collect(class, &module);
    }
    let read = flake.in_folder(machine, own, source);
    machine.collect(class, &read);
    if let Some(inputs) = flake.option(machine, &["inputs"]) {
        machine.bind_argument(class, "inputs", inputs);
    }
    let mut made = Vec::new();
    for (name, single) in OUTPUTS {
        let options = [Some(name), single].into_iter().flatten().map(|name| [Name::from(name)]);
        let options: Vec<_> = options.collect();
        if options.iter().any(|option| !machine.all_definitions(class, option).is_empty()) {
            let thunk = flake.later(machine, name);
            made.push(attr(name, thunk));
        }
    }
    let mut all = Value::set(made, None, false);
    for value in flake.defined(machine, "perSystem") {
        let packages = flake.packages(machine);
        let made = machine.apply_to(&value, packages, call.place);
        let made = for_one_system(machine, &made);
        all = machine.merge(all, made, 0);
    }
    for value in flake.defined(machine, "outputs") {
        let made = flake.called(machine, value);
        all = machine.merge(all, made, 0);
    }
    all
}

/// What is in a set, for one system each.
fn for_one_system(machine: &mut Machine<'_>, made: &Value) -> Value {
    let mut sets = Vec::new();
    sets_of(made, &mut sets);
    let mut all = Vec::new();
    for output in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = machine.force(output.thunk);
        all.push((output.name, one_system(machine, value)));
    }
    set_of(machine, all)
}

/// An evaluation of flakelight's modules.
struct Flake {
    /// The input that is flakelight.
    slot: Slot,
    class: ClassId,
    place: Option<Place>,
}

impl Flake {
    /// A function of this file, with this evaluation as its first argument.
    fn function(&self, machine: &mut Machine<'_>, name: &str) -> Value {
        let config = machine.done(Value::Config(self.class, [].into()));
        Value::native(Function::Framework(self.slot, path_of(&[name])), vec![config])
    }

    /// What one makes that takes nothing else, once somebody asks: modules may name the outputs.
    fn later(&self, machine: &mut Machine<'_>, name: &str) -> Thunk {
        let config = machine.done(Value::Config(self.class, [].into()));
        let make = Value::native(Function::Framework(self.slot, path_of(&[name])), Vec::new());
        machine.call_thunk_at(&make, vec![config], self.place)
    }

    fn option(&self, machine: &mut Machine<'_>, path: &[&str]) -> Option<Value> {
        at(machine, &Value::Config(self.class, [].into()), path)
    }

    /// What modules set an option to.
    fn defined(&self, machine: &mut Machine<'_>, option: &str) -> Vec<Value> {
        let defined = machine.all_definitions(self.class, &[Name::from(option)]).into_iter();
        let value = |of: crate::evaluate::modules::Defined| {
            if of.conditional { of.value.conditional() } else { of.value }
        };
        defined.map(value).collect()
    }

    /// A value that may be a function of what modules are given.
    fn called(&self, machine: &mut Machine<'_>, value: Value) -> Value {
        match value.unconditional() {
            (Value::Function(code, scope), false) => machine.call_module(self.class, *code, *scope),
            (Value::Function(code, scope), true) => {
                machine.call_module(self.class, *code, *scope).conditional()
            }
            _ => value,
        }
    }

    /// The packages of the flake: of its own nixpkgs, else of flakelight's.
    fn packages(&self, machine: &mut Machine<'_>) -> Value {
        let Some(input) = self.nixpkgs(machine) else { return Value::outside() };
        let config = self.option(machine, &["nixpkgs", "config"]);
        let overlays = self.overlays(machine, true);
        channel(machine, input, config, overlays, self.place)
    }

    fn nixpkgs(&self, machine: &Machine<'_>) -> Option<Slot> {
        let own = machine.recorder.flake_at(self.place).unwrap_or(FlakeId::ROOT);
        let theirs = machine.world.target(self.slot);
        main_input(machine, own).or_else(|| main_input(machine, theirs?))
    }

    /// The overlays of its packages; hosts are handed fewer.
    fn overlays(&self, machine: &mut Machine<'_>, all: bool) -> Option<Value> {
        let mut found = self.defined(machine, "withOverlays");
        for value in &mut found {
            // A function of what modules are given, and no overlay.
            if let Value::Function(code, _) = value
                && machine.formals(*code).is_some()
            {
                *value = self.called(machine, value.clone());
            }
        }
        if all {
            found.extend(self.option(machine, &["nixpkgs", "overlays"]));
        }
        for option in ["package", "packages"] {
            if !machine.all_definitions(self.class, &[Name::from(option)]).is_empty() {
                found.push(self.function(machine, OVERLAY));
                break;
            }
        }
        let items: Vec<Thunk> = found.into_iter().map(|value| machine.done(value)).collect();
        (!items.is_empty()).then(|| Value::list(items, false))
    }

    /// An output, by the options of its name.
    fn output(&self, machine: &mut Machine<'_>, output: &str) -> Value {
        let mut all = Value::no_attrs();
        for (name, single) in OUTPUTS.into_iter().filter(|(name, _)| *name == output) {
            for value in self.defined(machine, name) {
                // What is made for a system is given its packages.
                let value = match (name, value.unconditional().0) {
                    ("apps" | "checks" | "legacyPackages", Value::Function(..)) => {
                        let packages = self.packages(machine);
                        machine.apply_to(&value, packages, self.place)
                    }
                    _ => self.called(machine, value),
                };
                let made = self.made(machine, name, &value);
                all = machine.merge(all, made, 0);
            }
            for value in single.map(|name| self.defined(machine, name)).unwrap_or_default() {
                let one = set_of(machine, vec![("default".into(), value)]);
                let made = self.made(machine, name, &one);
                all = machine.merge(all, made, 0);
            }
        }
        let of_systems =
            matches!(output, "packages" | "devShells" | "apps" | "checks" | "legacyPackages");
        if of_systems { one_system(machine, all) } else { all }
    }

    /// What is made of the values of an option.
    fn made(&self, machine: &mut Machine<'_>, output: &str, all: &Value) -> Value {
        if !matches!(
            output,
            "packages"
                | "devShells"
                | "apps"
                | "checks"
                | "nixosConfigurations"
                | "homeConfigurations"
        ) {
            return all.clone();
        }
        let (mut sets, mut others) = (Vec::new(), Vec::new());
        sets_of(all, &mut sets);
        others_of(all, &mut others);
        if all.is_unknown() {
            others.push(all.clone());
        }
        let mut made = Vec::new();
        for of in sets.iter().flat_map(|set| &set.attrs) {
            let value = machine.force_known(of.thunk);
            let thunk = match output {
                "packages" => {
                    let packages = self.packages(machine);
                    self.package(machine, &of.name, value, &packages)
                }
                "devShells" => {
                    let shell = self.shell(machine, value);
                    machine.done(shell)
                }
                "apps" | "checks" => {
                    let packages = self.packages(machine);
                    let value = match value {
                        Value::Function(..) => machine.apply_to(&value, packages, self.place),
                        value => value,
                    };
                    machine.done(value)
                }
                _ => self.system(machine, &of.name, value, output == "nixosConfigurations"),
            };
            made.push(SetAttr { thunk, ..of.clone() });
        }
        let made = Value::set(made, None, false);
        others.into_iter().fold(made, |made, other| machine.update(made, other))
    }
}
