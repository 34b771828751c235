//! Flakes that load folders by convention, and configure nixpkgs by an argument of theirs.
//!
//! Source, as of 2026-11: numtide/blueprint `lib/default.nix`; snowfall-lib `snowfall-lib/flake`
//! and `channels`; flake-utils-plus `lib/mkFlake.nix`; digga `src/mkFlake`; flakelight
//! `builtinModules/{core,nixpkgs}.nix`; std `src/grow.nix`.

use std::rc::Rc;

use super::facts::Place;
use super::framework::output_sets;
use super::machine::Machine;
use super::modules::ModuleKind;
use super::value::{Base, Function, InstanceId, Partial, Set, SetAttr, Thunk, Value};
use super::visit::Giver;
use crate::source::syntax::Name;
use crate::source::{Kind, TreePath};

/// Folders of packages and the like, each entry a function of packages.
const PACKAGES: [&str; 7] =
    ["packages", "devshells", "shells", "checks", "apps", "overlays", "lib"];
/// Single files of that kind.
const PACKAGE_FILES: [&str; 4] = ["devshell.nix", "formatter.nix", "package.nix", "shell.nix"];
/// Files that make a host of a folder.
const HOST_FILES: [&str; 3] = ["configuration.nix", "darwin-configuration.nix", "default.nix"];

fn attr(name: &str, thunk: Thunk) -> SetAttr {
    SetAttr { name: name.into(), thunk, place: None, conditional: false }
}

impl Machine<'_> {
    /// An attribute of a set, by a path; `None` where it is not there.
    fn at(&mut self, set: &Value, path: &[&str]) -> Option<Value> {
        let mut value = set.clone();
        for name in path {
            value = match self.member(&value, &Name::from(*name), None) {
                Value::Unknown(_) => return None,
                value => value,
            };
        }
        Some(value)
    }

    /// The packages of an input with a `config` and overlays, or with its defaults.
    fn channel(
        &mut self,
        input: u32,
        config: Option<Value>,
        overlays: Option<Value>,
        place: Place,
    ) -> InstanceId {
        let named = [("config", config), ("overlays", overlays)];
        let mut attrs = Vec::new();
        for (name, value) in named {
            if let Some(value) = value {
                let thunk = self.done(value);
                attrs.push(attr(name, thunk));
            }
        }
        if attrs.is_empty() {
            return self.legacy_instance(input);
        }
        let args = Value::set(attrs, None, false);
        let made = self.instantiate(Base::Input(input), "", args, place);
        self.instance_of(&made).unwrap_or_else(|| self.legacy_instance(input))
    }

    fn main_input(&self) -> Option<u32> {
        self.input_names.get("nixpkgs").copied()
    }

    /// A loader that takes its settings of nixpkgs at some path of its argument.
    pub(super) fn configured_loader(&mut self, repository: &str, arg: &Value, place: Place) {
        let (config, overlays): (&[&str], &[&str]) = match repository {
            "blueprint" => (&["nixpkgs", "config"], &["nixpkgs", "overlays"]),
            "snowfall-lib" | "lib" => (&["channels-config"], &["overlays"]),
            "flakelight" => (&["nixpkgs", "config"], &["withOverlays"]),
            _ => (&["nixpkgsConfig"], &["nixpkgsOverlays"]),
        };
        let (config, overlays) = (self.at(arg, config), self.at(arg, overlays));
        let Some(input) = self.main_input() else { return };
        let instance = self.channel(input, config, overlays, place);
        self.record_package(instance, &[], place);
        self.visit(arg.clone(), Giver::Module(ModuleKind::Other, Some(instance)));
        if matches!(repository, "blueprint" | "snowfall-lib" | "lib") {
            let root = self.loader_root(arg);
            self.conventional(&root, instance, arg, place);
        }
    }

    /// The folder that a loader starts from.
    fn loader_root(&mut self, arg: &Value) -> TreePath {
        let flake = self.files.flake().clone();
        for name in ["prefix", "src", "root"] {
            let below = match self.at(arg, &[name]) {
                Some(Value::Path(path)) => Some(path),
                Some(Value::Text(text)) => self.files.tree().join(&flake, &text),
                _ => None,
            };
            if let Some(below) = below {
                let nix = below.child("nix");
                let nix = nix.filter(|_| self.files.tree().kind(&below) != Kind::Folder);
                return nix.unwrap_or(below);
            }
        }
        flake
    }

    /// What stands in folders by convention: packages, modules, hosts.
    fn conventional(&mut self, root: &TreePath, instance: InstanceId, arg: &Value, place: Place) {
        let giver = Giver::Module(ModuleKind::Other, Some(instance));
        for name in PACKAGE_FILES {
            if let Some(path) = root.child(name).filter(|p| self.files.tree().kind(p) == Kind::File)
            {
                self.live(&path, giver.clone());
            }
        }
        for folder in PACKAGES {
            for path in self.entries_of(root, folder) {
                self.live(&path, giver.clone());
            }
        }
        let mut hosts = self.hosts_below(root, "hosts");
        for systems in self.folders_below(root, "systems") {
            hosts.extend(self.hosts_below(root, &format!("systems/{systems}")));
        }
        let mut shared: Vec<Value> = Vec::new();
        // snowfall-lib gives its modules to all hosts.
        for kind in ["nixos", "darwin"] {
            let folder = self.files.tree().join(root, &format!("modules/{kind}"));
            if let Some(folder) = folder.filter(|_| self.is_folder(root, "systems")) {
                let all = self.files_in(&folder);
                let all = all.iter().filter(|path| path.name() == Some("default.nix"));
                shared.extend(all.cloned().map(Value::Path));
            }
            shared.extend(self.at(arg, &["systems", "modules", kind]));
        }
        for host in hosts {
            let mut modules = vec![Value::Path(host)];
            modules.extend(shared.iter().cloned());
            self.host(Base::Instance(instance), modules, place);
        }
        for folder in self.folders_below(root, "modules") {
            for path in self.entries_of(root, &format!("modules/{folder}")) {
                self.outside_modules(&Value::Path(path));
            }
        }
        let mut users: Vec<Value> = Vec::new();
        for systems in self.folders_below(root, "homes") {
            users.extend(
                self.entries_of(root, &format!("homes/{systems}")).into_iter().map(Value::Path),
            );
        }
        if !users.is_empty() {
            users.extend(self.at(arg, &["homes", "modules"]));
            self.modules((ModuleKind::Home, Some(instance)), users, place);
        }
    }

    /// A NixOS of an instance or input with these modules.
    fn host(&mut self, base: Base, modules: Vec<Value>, place: Place) {
        let items = modules.into_iter().map(|module| self.done(module)).collect();
        let modules = self.done(Value::list(items, false));
        let args = Value::set(vec![attr("modules", modules)], None, false);
        self.nixos_of(base, args, place);
    }

    fn is_folder(&self, root: &TreePath, folder: &str) -> bool {
        let path = self.files.tree().join(root, folder);
        path.is_some_and(|path| self.files.tree().kind(&path) == Kind::Folder)
    }

    fn folders_below(&mut self, root: &TreePath, folder: &str) -> Vec<String> {
        let Some(path) = self.files.tree().join(root, folder) else { return Vec::new() };
        let entries = self.folder(&path).into_iter();
        entries.filter(|(_, kind)| *kind == Kind::Folder).map(|(name, _)| name).collect()
    }

    /// `folder/x.nix` and `folder/x/default.nix`.
    fn entries_of(&mut self, root: &TreePath, folder: &str) -> Vec<TreePath> {
        let Some(path) = self.files.tree().join(root, folder) else { return Vec::new() };
        let entries = self.folder(&path).into_iter().filter_map(|(name, kind)| {
            let entry = path.child(&name)?;
            match kind {
                Kind::File if name.ends_with(".nix") => Some(entry),
                Kind::Folder => self.files.imported(&entry),
                _ => None,
            }
        });
        entries.collect()
    }

    fn hosts_below(&mut self, root: &TreePath, folder: &str) -> Vec<TreePath> {
        let Some(path) = self.files.tree().join(root, folder) else { return Vec::new() };
        let entries = self.folder(&path).into_iter().filter_map(|(name, _)| {
            let host = path.child(&name)?;
            let files = HOST_FILES.iter().filter_map(|file| host.child(file));
            let mut files = files.filter(|file| self.files.tree().kind(file) == Kind::File);
            files.next()
        });
        entries.collect()
    }

    /// Whether the modules of a flake load folders of their own accord.
    pub(super) fn loads_by_itself(&self, input: u32) -> bool {
        self.info(input).is_some_and(|info| info.repository.ends_with("/nixos-unified"))
    }

    /// nixos-unified's `autoWire`: `configurations/KIND/HOST` and `modules/KIND/NAME`.
    pub(super) fn nixos_unified(&mut self, place: Place) {
        if std::mem::replace(&mut self.wired, true) {
            return;
        }
        let root = self.files.flake().clone();
        let base = self.main_input().map_or(Base::Other, Base::Input);
        for kind in ["nixos", "darwin"] {
            for host in self.entries_of(&root, &format!("configurations/{kind}")) {
                self.host(base, vec![Value::Path(host)], place);
            }
        }
        let homes = self.entries_of(&root, "configurations/home");
        if let (false, Some(input)) = (homes.is_empty(), self.main_input()) {
            let instance = self.legacy_instance(input);
            let homes = homes.into_iter().map(Value::Path).collect();
            self.modules((ModuleKind::Home, Some(instance)), homes, place);
        }
        for kind in ["nixos", "darwin", "home"] {
            for path in self.entries_of(&root, &format!("modules/{kind}")) {
                self.outside_modules(&Value::Path(path));
            }
        }
    }

    /// haumea's `load { src, loader }`: a set like the folder.
    pub(super) fn haumea(&mut self, arg: &Value, place: Place) -> Value {
        let Some(Value::Path(folder)) = self.at(arg, &["src"]) else { return Value::outside() };
        let loader = self.at(arg, &["loader"]);
        let inputs =
            self.at(arg, &["inputs"]).unwrap_or_else(|| Value::set(Vec::new(), None, true));
        self.haumea_folder(&folder, loader.as_ref(), &inputs, place, 0)
    }

    fn haumea_folder(
        &mut self,
        folder: &TreePath,
        loader: Option<&Value>,
        inputs: &Value,
        place: Place,
        depth: u32,
    ) -> Value {
        /// Folders in folders.
        const DEEPEST: u32 = 12;
        let mut attrs = Vec::new();
        for (name, kind) in self.folder(folder) {
            let Some(path) = folder.child(&name).filter(|_| depth < DEEPEST) else { continue };
            let value = match (kind, name.strip_suffix(".nix"), loader) {
                (Kind::Folder, ..) => self.haumea_folder(&path, loader, inputs, place, depth + 1),
                (Kind::File, Some(_), Some(loader)) => {
                    let half = self.apply(loader, inputs.clone(), place);
                    self.apply(&half, Value::Path(path), place)
                }
                (Kind::File, Some(_), None) => {
                    let value = self.imported(&path);
                    match value {
                        Value::Function(..) => self.apply(&value, inputs.clone(), place),
                        value => value,
                    }
                }
                _ => continue,
            };
            let thunk = self.done(value);
            attrs.push(attr(name.strip_suffix(".nix").unwrap_or(&name), thunk));
        }
        // Nearly all transformers lift `default` out of its folder.
        match attrs.iter().find(|attr| &*attr.name == "default").map(|attr| attr.thunk) {
            Some(default) => self.force(default),
            None => Value::set(attrs, None, false),
        }
    }

    /// flake-utils-plus and digga: `channels`, `channelsConfig`, `hosts`, `outputsBuilder`.
    pub(super) fn channels_flake(&mut self, arg: &Value, place: Place) -> Value {
        let common = self.at(arg, &["channelsConfig"]);
        let overlays = self.at(arg, &["sharedOverlays"]);
        let mut sets: Vec<Rc<Set>> = Vec::new();
        if let Some(channels) = self.at(arg, &["channels"]) {
            output_sets(&channels, &mut sets);
        }
        let mut named: Vec<(Name, Value)> = Vec::new();
        for channel in sets.iter().flat_map(|set| set.attrs.clone()) {
            let value = self.force(channel.thunk);
            named.push((channel.name, value));
        }
        if !named.iter().any(|(name, _)| &**name == "nixpkgs") && self.main_input().is_some() {
            named.push((Name::from("nixpkgs"), Value::set(Vec::new(), None, false)));
        }
        let mut instances: Vec<(Name, InstanceId)> = Vec::new();
        for (name, channel) in named {
            let input = match self.at(&channel, &["input"]) {
                Some(Value::Input(input, ..)) => Some(input),
                _ => self.input_names.get(&*name).copied(),
            };
            let Some(input) = input else { continue };
            let config = match (common.clone(), self.at(&channel, &["config"])) {
                (Some(common), Some(own)) => Some(self.merge(common, own, 0)),
                (common, own) => common.or(own),
            };
            let instance = self.channel(input, config, overlays.clone(), place);
            for builder in ["overlaysBuilder", "overlays"] {
                if let Some(overlays) = self.at(&channel, &[builder]) {
                    self.visit(overlays, Giver::Packages(instance));
                }
            }
            instances.push((name, instance));
        }
        let attrs = instances.iter().map(|(name, instance)| {
            let packages = Value::Package(*instance, self.no_names.clone(), place);
            let thunk = self.done(packages);
            attr(name, thunk)
        });
        let attrs = attrs.collect();
        let channels = Value::set(attrs, None, true);
        self.channel_hosts(arg, &instances, place);
        let main = instances.iter().find(|(name, _)| &**name == "nixpkgs").or(instances.first());
        self.visit(
            arg.clone(),
            Giver::Module(ModuleKind::Other, main.map(|(_, instance)| *instance)),
        );
        if let Some(builder) = self.at(arg, &["outputsBuilder"]) {
            let built = self.apply(&builder, channels, place);
            self.visit(built, Giver::Nobody);
        }
        Value::outside()
    }

    fn channel_hosts(&mut self, arg: &Value, instances: &[(Name, InstanceId)], place: Place) {
        for upper in [&[][..], &["nixos"][..]] {
            let path = |name: &'static str| upper.iter().copied().chain([name]).collect::<Vec<_>>();
            let Some(hosts) = self.at(arg, &path("hosts")) else { continue };
            let defaults = self.at(arg, &path("hostDefaults"));
            let shared = defaults.as_ref().and_then(|all| self.at(all, &["modules"]));
            let usual = defaults.as_ref().and_then(|all| self.at(all, &["channelName"]));
            let mut sets = Vec::new();
            output_sets(&hosts, &mut sets);
            for host in sets.iter().flat_map(|set| set.attrs.clone()) {
                let host = self.force(host.thunk);
                let channel = self.at(&host, &["channelName"]).or(usual.clone());
                let channel = match channel {
                    Some(Value::Text(name)) => name,
                    _ => Name::from("nixpkgs"),
                };
                let found = instances.iter().find(|(name, _)| *name == channel);
                let base = found.map_or(Base::Other, |(_, instance)| Base::Instance(*instance));
                let modules = self.at(&host, &["modules"]).into_iter().chain(shared.clone());
                let modules = modules.collect();
                self.host(base, modules, place);
            }
        }
    }

    /// `flakelight ./. { … }`: called with the folder, it waits for the module.
    pub(super) fn flakelight(&mut self, place: Place) -> Value {
        let function = Function::Library(None, Name::from("‹flakelight›"));
        Value::Partial(Rc::new(Partial { function, args: Vec::new(), place }))
    }

    /// blueprint's `perSystem`: packages of inputs, for one system.
    pub(super) fn per_system(&mut self) -> Value {
        let inputs = self.inputs.iter().zip(0u32..);
        let attrs =
            inputs.map(|(info, at)| (Name::from(info.name.as_str()), at)).collect::<Vec<_>>();
        let path: super::value::Names = Rc::from([Name::from("packages"), Name::from("‹any›")]);
        let attrs = attrs.into_iter().map(|(name, at)| {
            let thunk = self.done(Value::Input(at, path.clone(), super::select::nowhere()));
            attr(&name, thunk)
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, true)
    }
}
