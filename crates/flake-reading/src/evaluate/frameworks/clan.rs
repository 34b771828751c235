//! clan: machines by options and from a folder, as a function (`lib.clan`) and as a module of
//! flake-parts. The modules of its services are not read.

use super::folders::{Folder, arguments, at, later_host, later_mac, main_input, set_of, special};
use super::{Framework, FrameworkCall, one};
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::value::{Function, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["clan-lol/clan-core"],
    source: "lib/clan/default.nix, flakeModules/clan.nix, modules/clan/module.nix, \
             nixosModules/machineModules/forName.nix, 2026-12",
    marks: &["modules/clan/module.nix", "lib/clan/default.nix"],
    arity: one,
    call,
};

/// The names of the functions that make outputs from the options of flake-parts when they are needed.
const OUTPUTS: [&str; 2] = ["nixosConfigurations", "darwinConfigurations"];
/// Files of a machine that are among its modules.
const FILES: [&str; 3] = ["configuration.nix", "hardware-configuration.nix", "disko.nix"];

/// The module of flake-parts: the option `clan`, which is `flake.clan` too, and the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    place: Option<Place>,
) -> Value {
    let options = evaluator.done(Value::Config(class, [].into()));
    let mut outputs = Vec::new();
    for output in OUTPUTS {
        let make = Value::native(Function::Framework(slot, path_of(&[output])), Vec::new());
        outputs.push(attr(output, evaluator.call_thunk_at(&make, vec![options], place)));
    }
    let flake = evaluator.done(Value::set(outputs, None, false));
    let config = evaluator.done(Value::set(vec![attr("flake", flake)], None, false));
    let declared = set_of(evaluator, vec![("clan".into(), Value::no_attrs())]);
    let declared = evaluator.done(declared);
    Value::set(vec![attr("config", config), attr("options", declared)], None, false)
}

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let arg = call.arg(0)?;
    if let Some(output) = OUTPUTS.into_iter().find(|output| *output == call.function) {
        let Value::Config(parts, _) = evaluator.force(arg) else { return None };
        let mut modules = Vec::new();
        for path in [&["clan"][..], &["flake", "clan"]] {
            let path: Vec<Name> = path.iter().copied().map(Name::from).collect();
            let defined = evaluator.all_definitions(parts, &path).into_iter();
            modules.extend(defined.map(|defined| defined.value));
        }
        let clan = Clan::new(evaluator, call, modules);
        let made = clan.machines(evaluator);
        return at(evaluator, &made, &[output]);
    }
    if !matches!(call.function, "clan" | "buildClan") {
        return None;
    }
    let module = evaluator.force(arg);
    let clan = Clan::new(evaluator, call, vec![module]);
    let made = clan.machines(evaluator);
    let config = evaluator.done(made.clone());
    Some(evaluator.update(made, Value::set(vec![attr("config", config)], None, true)))
}

/// A clan, by its options.
struct Clan {
    class: ClassId,
    slot: FlakeInput,
    flake: FlakeId,
    place: Option<Place>,
}

impl Clan {
    fn new(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>, modules: Vec<Value>) -> Self {
        let class = evaluator.new_class(ModuleKind::Other, call.place);
        for module in modules {
            evaluator.collect(class, &module);
        }
        Self { class, slot: call.slot, flake: call.slot.flake, place: call.place }
    }

    fn get(&self, evaluator: &mut Evaluator<'_>, path: &[&str]) -> Option<Value> {
        let value = at(evaluator, &Value::Config(self.class, [].into()), path)?;
        let value = evaluator.resolve(value);
        (!value.is_unknown()).then_some(value)
    }

    /// `nixosConfigurations` and `darwinConfigurations`.
    fn machines(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let folder = self.folder(evaluator);
        let mut names: Vec<Name> = Vec::new();
        for path in [&["machines"][..], &["inventory", "machines"]] {
            let path: Vec<Name> = path.iter().copied().map(Name::from).collect();
            let set = evaluator.names_at(self.class, &path);
            names.extend(set.into_iter().map(|(name, _)| name));
        }
        if let Some(folder) = &folder {
            names.extend(folder.folders(evaluator).into_iter().map(Name::from));
        }
        names.sort();
        names.dedup();
        let shared = self.service_modules(evaluator);
        let (mut linux, mut macs) = (Vec::new(), Vec::new());
        for name in names {
            let class = self.get(evaluator, &["inventory", "machines", &name, "machineClass"]);
            let is_mac = matches!(class, Some(Value::Text(class)) if &*class == "darwin");
            let path = ["machines".into(), name.clone()];
            let defined = evaluator.all_definitions(self.class, &path).into_iter();
            let mut modules: Vec<Value> = defined.map(|defined| defined.value).collect();
            if let Some(of) = folder.as_ref().and_then(|of| of.below(evaluator, &name)) {
                for file in FILES {
                    let Some(path) = of.path.child(file) else { continue };
                    if evaluator.kind_of(of.flake, &path) == PathKind::File {
                        modules.push(Value::Path(of.flake, path));
                    }
                }
            }
            modules.extend(shared.iter().cloned());
            let kind = if is_mac { "darwinModules" } else { "nixosModules" };
            let core = path_of(&[kind, "clanCore"]);
            modules.push(Value::Unread(self.slot, core, self.place));
            let mut given = special(evaluator, self.flake);
            given.retain(|of| &*of.name == "self");
            given.push(attr("clan-core", evaluator.done(Value::Flake(self.slot, self.place))));
            let options = Value::Config(self.class, [].into());
            given.extend(arguments(evaluator, &options, &["specialArgs"]));
            let nixpkgs = main_input(evaluator, self.flake);
            match nixpkgs.filter(|_| !is_mac) {
                Some(nixpkgs) => {
                    let host = later_host(evaluator, None, nixpkgs, modules, given, self.place);
                    linux.push(attr(name, host));
                }
                None => {
                    let host = later_mac(evaluator, self.flake, modules, given, self.place);
                    macs.push(attr(name, host));
                }
            }
        }
        let made = OUTPUTS.into_iter().zip([linux, macs]);
        let made = made.map(|(output, all)| (output.into(), Value::set(all, None, false)));
        set_of(evaluator, made.collect())
    }

    /// Modules that services give to machines: which one gets them is not looked at, nor what the
    /// flake's own services make.
    fn service_modules(&self, evaluator: &mut Evaluator<'_>) -> Vec<Value> {
        let mut found = Vec::new();
        let instances = ["inventory", "instances"].map(Name::from);
        for (name, _) in evaluator.names_at(self.class, &instances) {
            let roles = ["inventory", "instances", &name, "roles"];
            let names: Vec<Name> = roles.into_iter().map(Name::from).collect();
            for (role, _) in evaluator.names_at(self.class, &names) {
                let path = [&roles[..], &[&role, "extraModules"]].concat();
                found.extend(self.get(evaluator, &path).map(Value::conditional));
            }
        }
        if !evaluator.names_at(self.class, &["modules".into()]).is_empty() {
            found.push(Value::outside());
        }
        found
    }

    /// The folder of machines: in `directory`, which is the flake itself if nothing says otherwise.
    fn folder(&self, evaluator: &mut Evaluator<'_>) -> Option<Folder> {
        let own = Folder::of_flake(evaluator, self.flake)?;
        let folder = match self.get(evaluator, &["directory"]) {
            Some(Value::Path(flake, path)) => Folder { flake, path },
            _ => own,
        };
        folder.below(evaluator, "machines")
    }
}
