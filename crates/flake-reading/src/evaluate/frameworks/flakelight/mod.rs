//! flakelight: a flake that is a module, whose options are also read from the files of a folder.

mod folder;
mod packages;
mod systems;

use super::folders::{ONE_SYSTEM, at, channel, main_input, one_system, set_of};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Function, Segment, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/flakelight", "accelbread/flakelight"],
    source: "default.nix, builtinModules/*.nix, 2026-11",
    marks: &[],
    arity: |function| match function {
        "" | "mkFlake" | GENERATE => 2,
        OVERLAY | BUILT_IN => 3,
        _ => 1,
    },
    call,
};

/// The function for modules that makes something for each system.
const GENERATE: &str = "genSystems";
/// The overlay that has the flake's own packages.
const OVERLAY: &str = "packageOverlay";
/// The overlay with the flake's inputs and outputs.
const BUILT_IN: &str = "builtinOverlay";
/// The packages of the flake, for any system.
const PACKAGES: &str = "pkgsFor";

/// Options that become outputs of the same name, with the option that sets their `default`.
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
fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let first = evaluator.force(call.arg(0)?);
    let Value::Config(class, _) = first else {
        return matches!(call.function, "" | "mkFlake").then(|| outputs(evaluator, call, first));
    };
    let flake = Flake { slot: call.slot, class, place: call.place };
    match (call.function, call.args) {
        (GENERATE, [_, function]) => {
            let packages = flake.packages(evaluator);
            let function = evaluator.force_known(*function);
            let made = evaluator.apply_to(&function, packages, call.place);
            Some(one_system(evaluator, made))
        }
        (OVERLAY, [_, last, _]) => {
            let last = evaluator.force(*last);
            Some(flake.own_packages(evaluator, &last))
        }
        (BUILT_IN, [_, _, _]) => Some(flake.inputs_and_outputs(evaluator)),
        (PACKAGES, [_]) => Some(flake.packages(evaluator)),
        (output, [_]) => Some(flake.output(evaluator, output)),
        _ => None,
    }
}

/// `flakelight source module`
fn outputs(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>, source: Value) -> Value {
    let own = evaluator.recorder.flake_at(call.place).unwrap_or(FlakeId::ROOT);
    let class = evaluator.new_class(ModuleKind::Parts, call.place);
    let flake = Flake { slot: call.slot, class, place: call.place };
    evaluator.parts.insert(own, class);
    let packages = flake.later(evaluator, PACKAGES);
    for (name, value) in [
        ("src", source.clone()),
        ("flakelight", Value::Flake(call.slot, call.place)),
        ("outputs", Value::Itself(own)),
        ("pkgsFor", Value::set(Vec::new(), Some(packages), true)),
        (GENERATE, flake.function(evaluator, GENERATE)),
    ] {
        evaluator.bind_argument(class, name, value);
    }
    // Modules that are not read make something of any other option.
    let options = OUTPUTS.into_iter().flat_map(|(name, single)| [Some(name), single]).flatten();
    let options = options.chain(OTHERS).map(|name| (name.into(), Value::no_attrs())).collect();
    let options = set_of(evaluator, options);
    let declared = set_of(evaluator, vec![("options".into(), options)]);
    evaluator.collect(class, &declared);
    if let Some(module) = call.arg(1) {
        let module = evaluator.force(module);
        evaluator.collect(class, &module);
    }
    let read = flake.in_folder(evaluator, own, source);
    evaluator.collect(class, &read);
    if let Some(inputs) = flake.option(evaluator, &["inputs"]) {
        evaluator.bind_argument(class, "inputs", inputs);
    }
    let mut made = Vec::new();
    for (name, single) in OUTPUTS {
        let options = [Some(name), single].into_iter().flatten().map(|name| [Name::from(name)]);
        let options: Vec<_> = options.collect();
        if options.iter().any(|option| !evaluator.all_definitions(class, option).is_empty()) {
            let thunk = flake.later(evaluator, name);
            made.push(attr(name, thunk));
        }
    }
    let mut all = Value::set(made, None, false);
    for value in flake.defined(evaluator, "perSystem") {
        let packages = flake.packages(evaluator);
        let made = evaluator.apply_to(&value, packages, call.place);
        let made = for_one_system(evaluator, &made);
        all = evaluator.merge(all, made, 0);
    }
    for value in flake.defined(evaluator, "outputs") {
        let made = flake.called(evaluator, value);
        all = evaluator.merge(all, made, 0);
    }
    all
}

/// The contents of a set, each for one system.
fn for_one_system(evaluator: &mut Evaluator<'_>, made: &Value) -> Value {
    let mut sets = Vec::new();
    sets_of(made, &mut sets);
    let mut all = Vec::new();
    for output in sets.iter().flat_map(|set| set.attrs.clone()) {
        let value = evaluator.force(output.thunk);
        all.push((output.name, one_system(evaluator, value)));
    }
    set_of(evaluator, all)
}

/// An evaluation of flakelight's modules.
struct Flake {
    /// The input that is flakelight.
    slot: FlakeInput,
    class: ClassId,
    place: Option<Place>,
}

impl Flake {
    /// A function of this file, with this evaluation as its first argument.
    fn function(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Value {
        let config = evaluator.done(Value::Config(self.class, [].into()));
        Value::native(Function::Framework(self.slot, path_of(&[name])), vec![config])
    }

    /// The result of a function without further arguments, made when it is needed: modules may name
    /// the outputs.
    fn later(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Thunk {
        let config = evaluator.done(Value::Config(self.class, [].into()));
        let make = Value::native(Function::Framework(self.slot, path_of(&[name])), Vec::new());
        evaluator.call_thunk_at(&make, vec![config], self.place)
    }

    fn option(&self, evaluator: &mut Evaluator<'_>, path: &[&str]) -> Option<Value> {
        at(evaluator, &Value::Config(self.class, [].into()), path)
    }

    /// The values that modules set an option to.
    fn defined(&self, evaluator: &mut Evaluator<'_>, option: &str) -> Vec<Value> {
        let defined = evaluator.all_definitions(self.class, &[Name::from(option)]).into_iter();
        let value = |of: crate::evaluate::modules::OptionDefinition| {
            if of.conditional { of.value.conditional() } else { of.value }
        };
        defined.map(value).collect()
    }

    /// A value that may be a function of the arguments of modules.
    fn called(&self, evaluator: &mut Evaluator<'_>, value: Value) -> Value {
        match value.unconditional() {
            (Value::Function(code, scope), false) => {
                evaluator.call_module(self.class, *code, *scope)
            }
            (Value::Function(code, scope), true) => {
                evaluator.call_module(self.class, *code, *scope).conditional()
            }
            _ => value,
        }
    }

    /// The packages of the flake, from its own nixpkgs, otherwise from flakelight's.
    fn packages(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let Some(input) = self.nixpkgs(evaluator) else { return Value::outside() };
        let config = self.option(evaluator, &["nixpkgs", "config"]);
        let overlays = self.overlays(evaluator, true);
        channel(evaluator, input, config, overlays, None, self.place)
    }

    fn nixpkgs(&self, evaluator: &Evaluator<'_>) -> Option<FlakeInput> {
        let own = evaluator.recorder.flake_at(self.place).unwrap_or(FlakeId::ROOT);
        let theirs = evaluator.world.target(self.slot);
        main_input(evaluator, own).or_else(|| main_input(evaluator, theirs?))
    }

    /// What flakelight adds to the packages of a flake (`builtinModules/builtinOverlay.nix`).
    fn inputs_and_outputs(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let own = evaluator.recorder.flake_at(self.place).unwrap_or(FlakeId::ROOT);
        let system = Segment::Named(ONE_SYSTEM.into());
        let inputs = self.option(evaluator, &["inputs"]).unwrap_or(Value::Inputs(own));
        let all = vec![
            ("inputs".into(), inputs),
            ("inputs'".into(), Value::SystemInputs(own, system.clone())),
            ("outputs".into(), Value::Itself(own)),
            ("outputs'".into(), Value::SystemItself(own, system)),
        ];
        set_of(evaluator, all)
    }

    /// The overlays of its packages; hosts get fewer.
    fn overlays(&self, evaluator: &mut Evaluator<'_>, all: bool) -> Option<Value> {
        let mut found = vec![self.function(evaluator, BUILT_IN)];
        found.extend(self.defined(evaluator, "withOverlays"));
        for value in &mut found {
            // A function of the arguments of modules, and no overlay.
            if let Value::Function(code, _) = value
                && evaluator.formals(*code).is_some()
            {
                *value = self.called(evaluator, value.clone());
            }
        }
        if all {
            found.extend(self.option(evaluator, &["nixpkgs", "overlays"]));
        }
        for option in ["package", "packages"] {
            if !evaluator.all_definitions(self.class, &[Name::from(option)]).is_empty() {
                found.push(self.function(evaluator, OVERLAY));
                break;
            }
        }
        let items: Vec<Thunk> = found.into_iter().map(|value| evaluator.done(value)).collect();
        (!items.is_empty()).then(|| Value::list(items, false))
    }

    /// An output, from the options of its name.
    fn output(&self, evaluator: &mut Evaluator<'_>, output: &str) -> Value {
        let mut all = Value::no_attrs();
        for (name, single) in OUTPUTS.into_iter().filter(|(name, _)| *name == output) {
            for value in self.defined(evaluator, name) {
                // What is made for one system gets its packages.
                let value = match (name, value.unconditional().0) {
                    ("apps" | "checks" | "legacyPackages", Value::Function(..)) => {
                        let packages = self.packages(evaluator);
                        evaluator.apply_to(&value, packages, self.place)
                    }
                    _ => self.called(evaluator, value),
                };
                let made = self.made(evaluator, name, &value);
                all = evaluator.merge(all, made, 0);
            }
            for value in single.map(|name| self.defined(evaluator, name)).unwrap_or_default() {
                let one = set_of(evaluator, vec![("default".into(), value)]);
                let made = self.made(evaluator, name, &one);
                all = evaluator.merge(all, made, 0);
            }
        }
        let of_systems =
            matches!(output, "packages" | "devShells" | "apps" | "checks" | "legacyPackages");
        if of_systems { one_system(evaluator, all) } else { all }
    }

    /// The output that the values of an option become.
    fn made(&self, evaluator: &mut Evaluator<'_>, output: &str, all: &Value) -> Value {
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
            let value = evaluator.force_known(of.thunk);
            let thunk = match output {
                "packages" => {
                    let packages = self.packages(evaluator);
                    self.package(evaluator, &of.name, value, &packages)
                }
                "devShells" => {
                    let shell = self.shell(evaluator, value);
                    evaluator.done(shell)
                }
                "apps" | "checks" => {
                    let packages = self.packages(evaluator);
                    let value = match value {
                        Value::Function(..) => evaluator.apply_to(&value, packages, self.place),
                        value => value,
                    };
                    evaluator.done(value)
                }
                _ => self.system(evaluator, &of.name, value, output == "nixosConfigurations"),
            };
            made.push(SetAttr { thunk, ..of.clone() });
        }
        let made = Value::set(made, None, false);
        others.into_iter().fold(made, |made, other| evaluator.update(made, other))
    }
}
