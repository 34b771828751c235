//! easy-hosts: hosts by options of flake-parts (`easy-hosts`), and from a folder.

use super::folders::{
    Folder, arguments, at, later_host, later_mac, main_input, platform_module, set_of, special,
};
use super::{Framework, FrameworkCall, one};
use crate::PathKind;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Function, Segment, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["tgirlcloud/easy-hosts", "isabelroses/easy-hosts"],
    source: "flake-module.nix, lib.nix, 2026-12",
    marks: &[],
    arity: one,
    call,
};

/// The name of its options, and of the function that makes the outputs from them when they are needed.
const OPTIONS: &str = "easy-hosts";

/// The module: the options, and the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    place: Option<Place>,
) -> Value {
    let options = evaluator.done(Value::Config(class, [].into()));
    let make = Value::native(Function::Framework(slot, path_of(&[OPTIONS])), Vec::new());
    let flake = evaluator.call_thunk_at(&make, vec![options], place);
    let config = evaluator.done(Value::set(vec![attr("flake", flake)], None, false));
    let declared = set_of(evaluator, vec![(OPTIONS.into(), Value::no_attrs())]);
    let declared = evaluator.done(declared);
    Value::set(vec![attr("config", config), attr("options", declared)], None, false)
}

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != OPTIONS {
        return None;
    }
    let Value::Config(class, _) = evaluator.force(call.arg(0)?) else { return None };
    let options = Value::Config(class, [OPTIONS.into()].into());
    let easy = EasyHosts { options, flake: call.slot.flake, place: call.place };
    let mut hosts = easy.in_folder(evaluator);
    for (name, _) in evaluator.names_at(class, &[OPTIONS.into(), "hosts".into()]) {
        if hosts.iter().all(|host| host.name != name) {
            hosts.push(Host { name, arch: None, class: None, path: None });
        }
    }
    let (mut linux, mut macs) = (Vec::new(), Vec::new());
    for host in hosts {
        let is_mac = &*easy.class(evaluator, &host).1 == "darwin";
        let name = host.name.clone();
        let made = easy.host(evaluator, host)?;
        if is_mac { &mut macs } else { &mut linux }.push(attr(name, made));
    }
    let mut outputs = Vec::new();
    for (output, all) in [("nixosConfigurations", linux), ("darwinConfigurations", macs)] {
        if !all.is_empty() {
            outputs.push((output.into(), Value::set(all, None, false)));
        }
    }
    Some(set_of(evaluator, outputs))
}

/// A host, with what its folder says.
struct Host {
    name: Name,
    arch: Option<Name>,
    class: Option<Name>,
    path: Option<Value>,
}

struct EasyHosts {
    options: Value,
    flake: FlakeId,
    place: Option<Place>,
}

impl EasyHosts {
    fn get(&self, evaluator: &mut Evaluator<'_>, path: &[&str]) -> Option<Value> {
        let value = at(evaluator, &self.options, path)?;
        let value = evaluator.resolve(value);
        (!value.is_unknown()).then_some(value)
    }

    fn text(&self, evaluator: &mut Evaluator<'_>, path: &[&str]) -> Option<Name> {
        match self.get(evaluator, path)?.unconditional().0 {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// `PATH/ARCH-CLASS/NAME`, or `PATH/NAME` for one system, if that is asked for.
    fn in_folder(&self, evaluator: &mut Evaluator<'_>) -> Vec<Host> {
        let asked = self.get(evaluator, &["autoConstruct"]);
        let path = self.get(evaluator, &["path"]);
        let (Some(Value::Bool(true)), Some(Value::Path(flake, path))) = (asked, path) else {
            return Vec::new();
        };
        let folder = Folder { flake, path };
        let only = self.text(evaluator, &["onlySystem"]);
        let systems: Vec<(Name, Folder)> = match only {
            Some(system) => vec![(system, folder)],
            None => {
                let names = folder.folders(evaluator).into_iter();
                let below = names.filter_map(|name| {
                    let below = folder.below(evaluator, &name)?;
                    Some((name.into(), below))
                });
                below.collect()
            }
        };
        let mut hosts = Vec::new();
        for (system, folder) in systems {
            let Some((arch, class)) = system.split_once('-') else { continue };
            for (name, kind) in evaluator.entries(folder.flake, &folder.path) {
                let is_module = kind == PathKind::Folder || name.ends_with(".nix");
                let Some(path) = folder.path.child(&name).filter(|_| is_module) else { continue };
                hosts.push(Host {
                    name: name.into(),
                    arch: Some(arch.into()),
                    class: Some(class.into()),
                    path: Some(Value::Path(folder.flake, path)),
                });
            }
        }
        hosts
    }

    /// The class that a host names, and what it stands for: `nixos`, `darwin` or `iso`.
    fn class(&self, evaluator: &mut Evaluator<'_>, host: &Host) -> (Name, Name) {
        let own = self.text(evaluator, &["hosts", &host.name, "class"]);
        let said = own.or_else(|| host.class.clone()).unwrap_or_else(|| "nixos".into());
        let other = self.text(evaluator, &["additionalClasses", &said]);
        let stands_for = match other {
            Some(other) => other,
            None if &*said == "linux" => "nixos".into(),
            None => said.clone(),
        };
        (said, stands_for)
    }

    fn host(&self, evaluator: &mut Evaluator<'_>, host: Host) -> Option<Thunk> {
        let name = host.name.clone();
        let (said, class) = self.class(evaluator, &host);
        let arch = self.text(evaluator, &["hosts", &name, "arch"]).or(host.arch);
        let arch = arch.unwrap_or_else(|| "x86_64".into());
        let kind = if &*class == "darwin" { "darwin" } else { "linux" };
        let system: Name = format!("{arch}-{kind}").into();
        let mut modules = vec![platform_module(evaluator, system.clone())];
        let path = self.get(evaluator, &["hosts", &name, "path"]).or(host.path);
        match path.filter(|path| !matches!(path, Value::Null)) {
            Some(path) => modules.push(path),
            None => modules.extend(self.usual_file(evaluator, &name)),
        }
        let of_system = Segment::Named(system);
        let mut given: Vec<SetAttr> = special(evaluator, self.flake);
        for (name, value) in [
            ("inputs'", Value::SystemInputs(self.flake, of_system.clone())),
            ("self'", Value::SystemItself(self.flake, of_system)),
        ] {
            given.push(attr(name, evaluator.done(value)));
        }
        let mut sources: Vec<Value> = Vec::new();
        sources.extend(at(evaluator, &self.options, &["shared"]));
        sources.extend(at(evaluator, &self.options, &["hosts", &name]));
        let tags = self.get(evaluator, &["hosts", &name, "tags"]);
        let tags = tags.map(|tags| evaluator.texts(&tags)).unwrap_or_default();
        let asked = tags.into_iter().map(|tag| ("perTag", tag));
        for (option, arg) in asked.chain([("perClass", said), ("perArch", arch)]) {
            if let Some(function) = self.get(evaluator, &[option]) {
                sources.push(evaluator.apply_to(&function, Value::Text(arg), self.place));
            }
        }
        for source in &sources {
            modules.extend(at(evaluator, source, &["modules"]));
            given.extend(arguments(evaluator, source, &["specialArgs"]));
        }
        if kind == "darwin" {
            return Some(later_mac(evaluator, self.flake, modules, given, self.place));
        }
        let nixpkgs = match self.get(evaluator, &["hosts", &name, "nixpkgs"]) {
            Some(Value::Flake(slot, _)) => Some(slot),
            _ => main_input(evaluator, self.flake),
        };
        Some(later_host(evaluator, None, nixpkgs?, modules, given, self.place))
    }

    /// The file of a host that names none.
    fn usual_file(&self, evaluator: &mut Evaluator<'_>, name: &str) -> Option<Value> {
        let own = Folder::of_flake(evaluator, self.flake)?;
        ["hosts", "systems"].into_iter().find_map(|folder| {
            let path = format!("{folder}/{name}/default.nix");
            let path = evaluator.path_from(own.flake, &own.path, &path)?;
            let is_file = evaluator.kind_of(own.flake, &path) == PathKind::File;
            is_file.then_some(Value::Path(own.flake, path))
        })
    }
}
