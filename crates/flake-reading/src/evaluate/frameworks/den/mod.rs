//! den: hosts, users and homes are data, and are configured by aspects: sets with a module for each
//! class (`nixos`, `homeManager`), which include each other, or functions of what they configure.
//!
//! An aspect gets `{ host }`, `{ host, user }` or `{ home }`. One that needs another of these is
//! left out, and one that needs more is reported as not known. The aspects of den itself
//! (`den.provides`) configure no packages.

mod aspects;

use super::folders::{BY_DEFAULT, at, home, later_host, later_mac, list_of, main_input, set_of};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{
    Definition, Function, Path, Segment, SetAttr, Value, attr, last, named,
};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;
use aspects::{Entity, Resolved};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["vic/den", "denful/den"],
    source: "nix/lib/{types,home-env,namespace}.nix, modules/{outputs,context}/*.nix, 2026-11",
    marks: &[],
    arity: |function| if matches!(function, NAMESPACE | HOST | HOME) { 2 } else { 1 },
    call,
};

/// `den.namespace NAME sources`: aspects in a namespace of their own.
const NAMESPACE: &str = "namespace";
/// The function that makes the outputs, a host and a home, when they are needed.
const OUTPUTS: &str = "den";
const HOST: &str = "den host";
const HOME: &str = "den home";
/// The most aspects of one host.
const MOST: usize = 2_000;

/// The module: the argument `den` of modules, and the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    path: &Path,
    place: Option<Place>,
) -> Option<Value> {
    let argument: Name = match path.first().and_then(Segment::name)? {
        "flakeModule" | "flakeModules" | "modules" => OUTPUTS.into(),
        NAMESPACE => last(path)?.into(),
        _ => return None,
    };
    // Several modules import it.
    if evaluator.is_bound(class, &argument) {
        return Some(Value::no_attrs());
    }
    evaluator.bind_argument(class, &argument, Value::Config(class, [argument.clone()].into()));
    let declared = set_of(evaluator, vec![(argument.clone(), Value::no_attrs())]);
    let mut module = vec![("options".into(), declared)];
    if &*argument == OUTPUTS {
        let config = evaluator.done(Value::Config(class, [].into()));
        let make = Value::native(Function::Framework(slot, path_of(&[OUTPUTS])), Vec::new());
        let flake = evaluator.call_thunk_at(&make, vec![config], place);
        module.push(("config".into(), Value::set(vec![attr("flake", flake)], None, false)));
    }
    Some(set_of(evaluator, module))
}

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let first = evaluator.force(call.arg(0)?);
    let den = |class| Den { slot: call.slot, class, place: call.place };
    match (call.function, first) {
        (NAMESPACE, Value::Text(name)) => {
            let path = named(&path_of(&[NAMESPACE]), &name);
            Some(Value::Unread(call.slot, path, call.place))
        }
        (OUTPUTS, Value::Config(class, _)) => Some(den(class).outputs(evaluator)),
        (HOST, Value::Config(class, path)) => {
            let [.., system, name] = &*path else { return None };
            Some(den(class).host(evaluator, system, name))
        }
        (HOME, Value::Config(class, path)) => {
            let [.., system, name] = &*path else { return None };
            Some(den(class).home(evaluator, system, name))
        }
        _ => None,
    }
}

/// An evaluation of den's modules.
struct Den {
    slot: FlakeInput,
    class: ClassId,
    place: Option<Place>,
}

impl Den {
    fn path(&self, names: &[&str]) -> Value {
        Value::Config(self.class, names.iter().map(|name| Name::from(*name)).collect())
    }

    fn option(&self, evaluator: &mut Evaluator<'_>, names: &[&str]) -> Option<Value> {
        at(evaluator, &Value::Config(self.class, [].into()), names)
    }

    /// The names below an option.
    fn names(&self, evaluator: &mut Evaluator<'_>, value: Option<Value>) -> Vec<Name> {
        let mut sets = Vec::new();
        sets_of(&value.unwrap_or_else(Value::no_attrs), &mut sets);
        let names = sets.iter().flat_map(|set| set.attrs.iter().map(|attr| attr.name.clone()));
        let mut names: Vec<Name> = names.collect();
        names.sort();
        names.dedup();
        names.truncate(if evaluator.budget.step() { MOST } else { 0 });
        names
    }

    /// All hosts and homes, each made when it is needed.
    fn outputs(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let mut outputs: Vec<(Name, Vec<SetAttr>)> = Vec::new();
        for (option, function) in [("hosts", HOST), ("homes", HOME)] {
            let all = self.option(evaluator, &["den", option]);
            for system in self.names(evaluator, all) {
                let all = self.option(evaluator, &["den", option, &system]);
                for name in self.names(evaluator, all) {
                    let path = self.path(&["den", option, &system, &name]);
                    let class = at(evaluator, &path, &["class"]);
                    let into = at(evaluator, &path, &["intoAttr"]);
                    let into = into.map(|into| evaluator.texts(&into)).unwrap_or_default();
                    let (output, own) = match (into.as_slice(), class) {
                        ([output, .., own], _) => (output.clone(), own.clone()),
                        _ if option == "homes" => ("homeConfigurations".into(), name),
                        (_, Some(Value::Text(class))) => {
                            (format!("{class}Configurations").as_str().into(), name)
                        }
                        _ if system.ends_with("darwin") => ("darwinConfigurations".into(), name),
                        _ => ("nixosConfigurations".into(), name),
                    };
                    let function = Function::Framework(self.slot, path_of(&[function]));
                    let args = vec![evaluator.done(path), evaluator.done(Value::Null)];
                    let make = Value::native(function, Vec::new());
                    let made = evaluator.call_thunk_at(&make, args, self.place);
                    match outputs.iter_mut().find(|(of, _)| *of == output) {
                        Some((_, attrs)) => attrs.push(attr(own, made)),
                        None => outputs.push((output, vec![attr(own, made)])),
                    }
                }
            }
        }
        let outputs = outputs.into_iter();
        let outputs = outputs.map(|(name, attrs)| (name, Value::set(attrs, None, false))).collect();
        set_of(evaluator, outputs)
    }

    /// A host, user or home as an argument of aspects: its own data, the options that its schema
    /// declares, and den's defaults.
    fn entity(
        &self,
        evaluator: &mut Evaluator<'_>,
        kind: &str,
        defaults: &[(&str, &str)],
        said: Value,
        given: Vec<(&'static str, Value)>,
    ) -> Value {
        let class = evaluator.new_class(ModuleKind::Sub, self.place);
        evaluator.place_within(class, self.class);
        for (name, value) in given {
            evaluator.bind_argument(class, name, value);
        }
        let mut attrs = Vec::new();
        for (name, value) in defaults {
            let value = evaluator.done(Value::text(*value));
            let by_default = Definition::Override(BY_DEFAULT, value);
            attrs.push(((*name).into(), Value::Definition(std::rc::Rc::new(by_default))));
        }
        let defaults = set_of(evaluator, attrs);
        evaluator.collect(class, &defaults);
        for schema in ["conf", kind] {
            for schema in self.defined(evaluator, &self.path(&["den", "schema", schema])) {
                evaluator.collect(class, &schema);
            }
        }
        for said in self.defined(evaluator, &said) {
            evaluator.collect(class, &said);
        }
        Value::Config(class, [].into())
    }

    /// The definitions of an option, one by one.
    fn defined(&self, evaluator: &mut Evaluator<'_>, option: &Value) -> Vec<Value> {
        let Value::Config(class, path) = option else { return vec![option.clone()] };
        let defined = evaluator.all_definitions(*class, path).into_iter();
        let value = |of: crate::evaluate::modules::OptionDefinition| {
            if of.conditional { of.value.conditional() } else { of.value }
        };
        defined.map(value).collect()
    }

    /// `den.aspects.NAME.settings`: options of a host, `host.settings.NAME`.
    fn declare_settings(&self, evaluator: &mut Evaluator<'_>, host: &Value) {
        let Value::Config(class, _) = host else { return };
        let aspects = self.path(&["den", "aspects"]);
        let known = evaluator.resolve(aspects.clone());
        let mut declared = Vec::new();
        for name in self.names(evaluator, Some(known)) {
            if let Some(settings @ Value::Set(_)) = at(evaluator, &aspects, &[&name, "settings"]) {
                declared.push((name, settings));
            }
        }
        if !declared.is_empty() {
            let settings = set_of(evaluator, declared);
            let options = set_of(evaluator, vec![("settings".into(), settings)]);
            let module = set_of(evaluator, vec![("options".into(), options)]);
            evaluator.collect(*class, &module);
        }
    }

    fn host(&self, evaluator: &mut Evaluator<'_>, system: &Name, name: &Name) -> Value {
        let path = self.path(&["den", "hosts", system, name]);
        let is_mac = system.ends_with("darwin");
        let class = if is_mac { "darwin" } else { "nixos" };
        let defaults =
            [("name", &**name), ("hostName", name), ("system", system), ("class", class)];
        let host = self.entity(evaluator, "host", &defaults, path, Vec::new());
        self.declare_settings(evaluator, &host);
        let entity = Entity { given: vec![("host", host.clone())] };
        let mut of_host = Resolved::default();
        self.resolve_entity(evaluator, &host, name, "host", &entity, &mut of_host);
        let mut modules = Vec::new();
        let mut homes = Vec::new();
        let mut accounts = Vec::new();
        let users = at(evaluator, &host, &["users"]);
        for user_name in self.names(evaluator, users) {
            let said = match &host {
                Value::Config(class, _) => {
                    Value::Config(*class, ["users".into(), user_name.clone()].into())
                }
                _ => Value::no_attrs(),
            };
            let defaults = [("name", &*user_name), ("userName", &*user_name)];
            let given = vec![("host", host.clone())];
            let user = self.entity(evaluator, "user", &defaults, said, given);
            let given = vec![("host", host.clone()), ("user", user.clone())];
            let entity = Entity { given };
            let mut of_user = Resolved::default();
            self.resolve_entity(evaluator, &user, &user_name, "user", &entity, &mut of_user);
            for provided in std::mem::take(&mut of_user.provided) {
                for to in ["to-hosts", name] {
                    if let Some(aspect) = at(evaluator, &provided, &[to]) {
                        self.resolve(evaluator, aspect, &entity, &mut of_user);
                    }
                }
            }
            for provided in of_host.provided.clone() {
                for to in ["to-users", &user_name] {
                    if let Some(aspect) = at(evaluator, &provided, &[to]) {
                        self.resolve(evaluator, aspect, &entity, &mut of_user);
                    }
                }
            }
            modules.append(&mut of_user.system);
            if of_user.has_those_of_host {
                of_user.home.extend(of_host.home.iter().cloned());
            }
            if !of_user.home.is_empty() {
                let imports = list_of(evaluator, of_user.home);
                let imports = set_of(evaluator, vec![("imports".into(), imports)]);
                homes.push((user_name.clone(), imports));
            }
            accounts.extend(of_user.user.into_iter().map(|of| (user_name.clone(), of)));
        }
        if !homes.is_empty() {
            let of_homes = self.path(&["den", "ctx", "hm-host"]);
            let entity = Entity { given: vec![("host", host.clone())] };
            self.resolve(evaluator, of_homes, &entity, &mut of_host);
        }
        modules.extend(of_host.system);
        let special: Vec<SetAttr> = vec![attr("host", evaluator.done(host.clone()))];
        if !homes.is_empty() {
            let users = set_of(evaluator, homes);
            let given = Value::set(special.clone(), None, true);
            let options = vec![("users".into(), users), ("extraSpecialArgs".into(), given)];
            let options = set_of(evaluator, options);
            modules.push(set_of(evaluator, vec![("home-manager".into(), options)]));
        }
        for (user, account) in accounts {
            let account = set_of(evaluator, vec![(user, account)]);
            let users = set_of(evaluator, vec![("users".into(), account)]);
            modules.push(set_of(evaluator, vec![("users".into(), users)]));
        }
        let host_name = set_of(evaluator, vec![("hostName".into(), Value::Text(name.clone()))]);
        modules.push(set_of(evaluator, vec![("networking".into(), host_name)]));
        let flake = self.flake(evaluator);
        let made = match (at(evaluator, &host, &["instantiate"]), main_input(evaluator, flake)) {
            (Some(make), _) => {
                let modules = list_of(evaluator, modules);
                let special = Value::set(special, None, true);
                let args = vec![("modules".into(), modules), ("specialArgs".into(), special)];
                let args = set_of(evaluator, args);
                return evaluator.apply_to(&make, args, self.place);
            }
            (None, Some(input)) if !is_mac => {
                later_host(evaluator, None, input, modules, special, self.place)
            }
            _ => later_mac(evaluator, flake, modules, special, self.place),
        };
        evaluator.force(made)
    }

    fn home(&self, evaluator: &mut Evaluator<'_>, system: &Name, name: &Name) -> Value {
        let path = self.path(&["den", "homes", system, name]);
        let user_name = name.split('@').next().unwrap_or(name);
        let defaults = [
            ("name", user_name),
            ("userName", user_name),
            ("system", system),
            ("class", "homeManager"),
        ];
        let of_home = self.entity(evaluator, "home", &defaults, path, Vec::new());
        let entity = Entity { given: vec![("home", of_home.clone())] };
        let mut resolved = Resolved::default();
        let user_name = Name::from(user_name);
        self.resolve_entity(evaluator, &of_home, &user_name, "home", &entity, &mut resolved);
        let packages = match at(evaluator, &of_home, &["pkgs"]) {
            Some(packages) => packages,
            None => match main_input(evaluator, self.flake(evaluator)) {
                Some(input) => evaluator.legacy(input, None, self.place),
                None => Value::outside(),
            },
        };
        let special = vec![attr("home", evaluator.done(of_home))];
        home(evaluator, Some(&packages), resolved.home, special, self.place)
    }

    /// The flake of the modules.
    fn flake(&self, evaluator: &Evaluator<'_>) -> FlakeId {
        evaluator.class(self.class).map_or(FlakeId::ROOT, |class| class.flake)
    }
}
