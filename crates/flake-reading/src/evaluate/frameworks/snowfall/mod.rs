//! snowfall-lib: outputs from folders, and nixpkgs configured by `channels-config`.

mod library;

use super::folders::{
    Folder, ONE_SYSTEM, arguments, at, called, channel, home, homes_of_host, later_host, later_mac,
    list_of, main_input, one_system, other_outputs, platform_module, set_of, settings_module,
};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Function, SetAttr, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;
use library::{OWN_LIBRARY, given, of_files, own_functions, own_library};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["snowfallorg/lib"],
    source: "snowfall-lib/{default,flake,fs,system,home,package,shell}, 2026-12",
    marks: &["snowfall-lib/system/default.nix", "snowfall-lib/overlay/default.nix"],
    arity: |function| match function {
        OWN_PACKAGES => 3,
        BOUND | OWN_LIBRARY => 2,
        _ => 1,
    },
    call,
};

/// The name of `mkFlake` in a library that already has its arguments.
const BOUND: &str = "mkFlake of a library";
/// The name of the overlay that has the flake's own packages, with the arguments of `mkFlake`.
const OWN_PACKAGES: &str = "packages of the flake";

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        // `mkLib { inputs; src; }` returns a library whose `mkFlake` has these arguments.
        "mkLib" => {
            let arg = evaluator.force_known(call.arg(0)?);
            let bound = evaluator.done(arg);
            let function = Function::Framework(call.slot, path_of(&["lib", BOUND]));
            let make = Value::native(function, vec![bound]);
            let make = evaluator.done(make);
            let mut own = vec![attr("mkFlake", make), attr("snowfall", bound)];
            let arg = evaluator.force(bound);
            if let Some(library) = own_library(evaluator, call, &arg) {
                own.push(library);
            }
            Some(Value::set(own, None, true))
        }
        "mkFlake" => {
            let arg = evaluator.force_known(call.arg(0)?);
            flake(evaluator, call, &arg)
        }
        BOUND => {
            let (bound, arg) = (call.arg(0)?, call.arg(1)?);
            let (bound, arg) = (evaluator.force_known(bound), evaluator.force_known(arg));
            let arg = evaluator.update(bound, arg);
            flake(evaluator, call, &arg)
        }
        OWN_LIBRARY => own_functions(evaluator, call),
        OWN_PACKAGES => {
            let (arg, last) = (call.arg(0)?, call.arg(1)?);
            let (arg, last) = (evaluator.force_known(arg), evaluator.force_known(last));
            let root = root(evaluator, call.slot.flake, &arg)?;
            let Value::Text(name) = namespace(evaluator, &arg) else { return None };
            let given = given(evaluator, call, &arg, &root);
            let folder = root.below(evaluator, "packages")?;
            let files = folder.defaults_below(evaluator);
            let given = with_packages(evaluator, given, &last);
            let own = called(evaluator, files, &last, &given);
            Some(set_of(evaluator, vec![(name, own)]))
        }
        function => of_files(evaluator, call, function),
    }
}

/// The same for files that are called with packages.
fn with_packages(
    evaluator: &mut Evaluator<'_>,
    mut given: Vec<SetAttr>,
    packages: &Value,
) -> Vec<SetAttr> {
    given.push(attr("pkgs", evaluator.done(packages.clone())));
    given.push(attr("system", evaluator.done(Value::text(ONE_SYSTEM))));
    given
}

/// The folder with all others.
fn root(evaluator: &mut Evaluator<'_>, flake: FlakeId, arg: &Value) -> Option<Folder> {
    let root = Folder::named_by(evaluator, flake, arg, &["src"])?;
    Some(root.below(evaluator, "nix").unwrap_or(root))
}

fn namespace(evaluator: &mut Evaluator<'_>, arg: &Value) -> Value {
    let namespace = at(evaluator, arg, &["snowfall", "namespace"]);
    namespace.unwrap_or_else(|| Value::text("internal"))
}

/// The arguments of `mkFlake` that are not outputs.
const OPTIONS: [&str; 22] = [
    "inputs",
    "src",
    "self",
    "systems",
    "modules",
    "overlays",
    "packages",
    "outputs-builder",
    "outputsBuilder",
    "packagesPrefix",
    "hosts",
    "homes",
    "channels-config",
    "channelsConfig",
    "channels",
    "sharedOverlays",
    "supportedSystems",
    "templates",
    "checks",
    "alias",
    "snowfall",
    "extra-exported-overlays",
];

fn flake(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>, arg: &Value) -> Option<Value> {
    let flake = call.slot.flake;
    let input = main_input(evaluator, flake)?;
    let config = at(evaluator, arg, &["channels-config"]);
    let root = root(evaluator, flake, arg)?;
    let given = given(evaluator, call, arg, &root);
    let flake = Flake { arg, root, input, given: given.clone(), place: call.place };
    let overlays = flake.overlays(evaluator, config.as_ref(), call.slot);
    let (own_config, own_overlays) = (config.clone(), overlays.clone());
    let packages =
        channel(evaluator, input, own_config, own_overlays, Some(ONE_SYSTEM), call.place);
    let given = with_packages(evaluator, given, &packages);
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (folder, output) in
        [("packages", "packages"), ("shells", "devShells"), ("checks", "checks")]
    {
        if let Some(folder) = flake.root.below(evaluator, folder) {
            let files = folder.defaults_below(evaluator);
            let all = called(evaluator, files, &packages, &given);
            outputs.push((output.into(), one_system(evaluator, all)));
        }
    }
    for (kind, output) in
        [("nixos", "nixosModules"), ("darwin", "darwinModules"), ("home", "homeModules")]
    {
        if let Some(folder) = flake.root.below(evaluator, &format!("modules/{kind}")) {
            let modules = folder.entries(evaluator);
            outputs.push((output.into(), set_of(evaluator, modules)));
        }
    }
    let settings = settings_module(evaluator, config, overlays);
    let homes = flake.homes(evaluator);
    outputs.extend(flake.hosts(evaluator, &homes, &settings));
    if !homes.is_empty() {
        let mut made = Vec::new();
        let shared = flake.home_modules(evaluator);
        for found in homes {
            let modules = [found.modules, shared.clone()].concat();
            let given = [flake.given.clone(), found.given].concat();
            let of = home(evaluator, Some(&packages), modules, given, call.place);
            made.push((found.name, of));
        }
        outputs.push(("homeConfigurations".into(), set_of(evaluator, made)));
    }
    // `outputs-builder` makes further outputs from the packages.
    let mut all = set_of(evaluator, outputs);
    for builder in ["outputs-builder", "outputsBuilder"] {
        let Some(builder) = at(evaluator, arg, &[builder]) else { continue };
        let channels = set_of(evaluator, vec![("nixpkgs".into(), packages.clone())]);
        let built = evaluator.apply_to(&builder, channels, call.place);
        let mut sets = Vec::new();
        sets_of(&built, &mut sets);
        let mut more = Vec::new();
        for output in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = evaluator.force(output.thunk);
            more.push((output.name, one_system(evaluator, value)));
        }
        let more = set_of(evaluator, more);
        all = evaluator.merge(all, more, 0);
    }
    Some(other_outputs(evaluator, arg, &OPTIONS, all))
}

/// A home in `homes/SYSTEM/USER[@HOST]`.
struct Home {
    name: Name,
    system: String,
    /// Its file, and what `homes.users.NAME` has of modules and arguments.
    modules: Vec<Value>,
    given: Vec<SetAttr>,
}

impl Home {
    /// It as a module of a host: arguments of homes in a host are the same for all of them.
    fn module(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let imports = list_of(evaluator, self.modules.clone());
        let args = Value::set(self.given.clone(), None, false);
        let args = set_of(evaluator, vec![("args".into(), args)]);
        set_of(evaluator, vec![("imports".into(), imports), ("_module".into(), args)])
    }
}

/// A flake with folders.
struct Flake<'a> {
    arg: &'a Value,
    root: Folder,
    input: FlakeInput,
    /// What files get: `inputs`, `lib` and similar.
    given: Vec<SetAttr>,
    place: Option<Place>,
}

impl Flake<'_> {
    /// The overlays of the channel: those of the argument, and functions of the channels in
    /// `overlays/`, and the flake's own packages under the name of its namespace.
    fn overlays(
        &self,
        evaluator: &mut Evaluator<'_>,
        config: Option<&Value>,
        slot: FlakeInput,
    ) -> Option<Value> {
        let mut all: Vec<Value> = at(evaluator, self.arg, &["overlays"]).into_iter().collect();
        if let Some(folder) = self.root.below(evaluator, "overlays") {
            let mut channels = Vec::new();
            for (name, slot) in evaluator.inputs_of(self.root.flake) {
                if evaluator.is_packages(slot) {
                    channels
                        .push((name, channel(evaluator, slot, config.cloned(), None, None, None)));
                }
            }
            let channels = set_of(evaluator, channels);
            let mut given = self.given.clone();
            for (name, slot) in evaluator.inputs_of(self.root.flake) {
                given.push(attr(name, evaluator.done(Value::Flake(slot, None))));
            }
            given.push(attr("channels", evaluator.done(channels)));
            let given = Value::set(given, None, true);
            for (_, _, file) in folder.with_file(evaluator, &["default.nix"]) {
                let function = evaluator.import(&file, None);
                all.push(evaluator.apply_to(&function, given.clone(), None));
            }
        }
        if self.root.below(evaluator, "packages").is_some() {
            let arg = evaluator.done(self.arg.clone());
            let function = Function::Framework(slot, path_of(&["lib", OWN_PACKAGES]));
            all.push(Value::native(function, vec![arg]));
        }
        (!all.is_empty()).then(|| list_of(evaluator, all))
    }

    fn homes(&self, evaluator: &mut Evaluator<'_>) -> Vec<Home> {
        let mut found = Vec::new();
        let Some(homes) = self.root.below(evaluator, "homes") else { return found };
        for system in homes.folders(evaluator) {
            let Some(folder) = homes.below(evaluator, &system) else { continue };
            for (name, _, file) in folder.with_file(evaluator, &["default.nix"]) {
                let own = ["homes", "users", &name];
                let mut modules = vec![file];
                modules.extend(at(evaluator, self.arg, &[&own[..], &["modules"]].concat()));
                let path = [&own[..], &["specialArgs"]].concat();
                let given = arguments(evaluator, self.arg, &path);
                found.push(Home { name, system: system.clone(), modules, given });
            }
        }
        found
    }

    fn home_modules(&self, evaluator: &mut Evaluator<'_>) -> Vec<Value> {
        let folder = self.root.below(evaluator, "modules/home");
        let mut modules = folder
            .map(|folder| folder.modules_below(evaluator, Some("default.nix")))
            .unwrap_or_default();
        modules.extend(at(evaluator, self.arg, &["homes", "modules"]));
        modules
    }

    fn hosts(
        &self,
        evaluator: &mut Evaluator<'_>,
        homes: &[Home],
        settings: &Value,
    ) -> Vec<(Name, Value)> {
        let mut outputs = Vec::new();
        let Some(systems) = self.root.below(evaluator, "systems") else { return outputs };
        let (mut hosts, mut macs) = (Vec::new(), Vec::new());
        for system in systems.folders(evaluator) {
            let kind = if system.ends_with("-darwin") { "darwin" } else { "nixos" };
            let platform = platform_module(evaluator, system.as_str().into());
            let mut shared: Vec<Value> = vec![settings.clone(), platform];
            if let Some(folder) = self.root.below(evaluator, &format!("modules/{kind}")) {
                shared.extend(folder.modules_below(evaluator, Some("default.nix")));
            }
            shared.extend(at(evaluator, self.arg, &["systems", "modules", kind]));
            let Some(folder) = systems.below(evaluator, &system) else { continue };
            for (name, _, file) in folder.with_file(evaluator, &["default.nix"]) {
                let mut modules = vec![file];
                modules.extend(shared.iter().cloned());
                let own = ["systems", "hosts", &name];
                modules.extend(at(evaluator, self.arg, &[&own[..], &["modules"]].concat()));
                let mut given = self.given.clone();
                given.push(attr("host", evaluator.done(Value::Text(name.clone()))));
                let path = [&own[..], &["specialArgs"]].concat();
                given.extend(arguments(evaluator, self.arg, &path));
                let mut users: Vec<(Name, Value)> = Vec::new();
                for of in homes.iter().filter(|of| of.system == system) {
                    let (user, host) = of.name.split_once('@').unwrap_or((&of.name, &name));
                    if *host == *name {
                        users.push((user.into(), of.module(evaluator)));
                    }
                }
                if !users.is_empty() {
                    let shared = self.home_modules(evaluator);
                    modules.push(homes_of_host(evaluator, users, shared, given.clone()));
                }
                if kind == "darwin" {
                    let made = later_mac(evaluator, self.root.flake, modules, given, self.place);
                    macs.push(attr(name, made));
                } else {
                    let made = later_host(evaluator, None, self.input, modules, given, self.place);
                    hosts.push(attr(name, made));
                }
            }
        }
        for (output, all) in [("nixosConfigurations", hosts), ("darwinConfigurations", macs)] {
            if !all.is_empty() {
                outputs.push((output.into(), Value::set(all, None, false)));
            }
        }
        outputs
    }
}
