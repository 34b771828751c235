//! flake-utils: outputs for each system.

use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["numtide/flake-utils"],
    source: "lib.nix, 2026-11",
    marks: &[],
    arity: |function| match function {
        "eachSystem" | "eachSystemMap" | "eachSystemPassThrough" | "meld" => 2,
        _ => 1,
    },
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let systems = |evaluator: &mut Evaluator<'_>| evaluator.default_systems();
    Some(match call.function {
        "eachDefaultSystem" => {
            let systems = systems(evaluator);
            evaluator.each_system(&systems, call.arg(0)?)
        }
        "eachSystem" => {
            let systems = given_systems(evaluator, call)?;
            evaluator.each_system(&systems, call.arg(1)?)
        }
        "eachDefaultSystemPassThrough" => {
            let systems = systems(evaluator);
            evaluator.pass_through(&systems, call.arg(0)?)
        }
        "eachSystemPassThrough" => {
            let systems = given_systems(evaluator, call)?;
            evaluator.pass_through(&systems, call.arg(1)?)
        }
        "eachDefaultSystemMap" => {
            let systems = systems(evaluator);
            let function = evaluator.force(call.arg(0)?);
            evaluator.generate(&systems, &function)
        }
        "eachSystemMap" => {
            let systems = given_systems(evaluator, call)?;
            let function = evaluator.force(call.arg(1)?);
            evaluator.generate(&systems, &function)
        }
        "simpleFlake" => simple_flake(evaluator, call)?,
        "mkApp" => app(evaluator, call.arg(0)?),
        "filterPackages" | "flattenTree" => evaluator.force(call.arg(0)?),
        "meld" => meld(evaluator, call)?,
        _ => return None,
    })
}

/// `mkApp { drv; }` is an app that runs a program of that package.
fn app(evaluator: &mut Evaluator<'_>, given: Thunk) -> Value {
    let set = evaluator.force_known(given);
    let Value::Set(of) = &set else { return set };
    let Some(drv) = of.get("drv") else { return set };
    let kind = evaluator.done(Value::text("app"));
    Value::set(vec![attr("program", drv.thunk), attr("type", kind)], None, false)
}

/// The systems in a call; `allSystems` and similar are the usual ones.
fn given_systems(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let systems = evaluator.force_known(call.arg(0)?);
    Some(match systems {
        Value::Unread(..) | Value::Unknown(_) => evaluator.default_systems(),
        systems => systems,
    })
}

impl Evaluator<'_> {
    /// The systems of a list.
    fn system_names(&mut self, systems: &Value) -> Vec<(Option<Name>, Thunk)> {
        let mut items = Vec::new();
        let open = self.items_into(systems, &mut items);
        let mut names: Vec<(Option<Name>, Thunk)> = Vec::new();
        for item in items {
            match self.force_known(item).unconditional().0 {
                Value::Text(name) => names.push((Some(name.clone()), item)),
                _ => names.push((None, item)),
            }
        }
        if names.is_empty() && open {
            let unknown = self.done(Value::condition());
            names.push((None, unknown));
        }
        names
    }

    /// `{ packages.default = … }` for each system becomes `{ packages.SYSTEM.default = … }`.
    pub(super) fn each_system(&mut self, systems: &Value, function: Thunk) -> Value {
        let function = self.force(function);
        let mut outputs: Vec<(Name, Vec<SetAttr>, Option<Thunk>)> = Vec::new();
        for (system, item) in self.system_names(systems) {
            let result = self.apply(&function, item, None);
            let result = self.resolve(result);
            let mut sets = Vec::new();
            sets_of(&result, &mut sets);
            if sets.is_empty() && !result.is_plain() {
                return result;
            }
            for output in sets.iter().flat_map(|set| &set.attrs) {
                let at = match outputs.iter().position(|(name, ..)| *name == output.name) {
                    Some(at) => at,
                    None => {
                        outputs.push((output.name.clone(), Vec::new(), None));
                        outputs.len() - 1
                    }
                };
                let Some((_, attrs, rest)) = outputs.get_mut(at) else { continue };
                match &system {
                    Some(system) => {
                        let conditional = output.conditional;
                        let (thunk, place) = (output.thunk, output.place);
                        let name = system.clone();
                        attrs.push(SetAttr { name, thunk, place, conditional });
                    }
                    None => *rest = Some(output.thunk),
                }
            }
        }
        let attrs = outputs.into_iter().map(|(name, attrs, rest)| {
            let open = rest.is_some();
            let thunk = self.done(Value::set(attrs, rest, open));
            attr(name, thunk)
        });
        let attrs = attrs.collect();
        Value::set(attrs, None, false)
    }

    /// The results of a function for each system, merged unchanged.
    fn pass_through(&mut self, systems: &Value, function: Thunk) -> Value {
        let function = self.force(function);
        let mut all = Value::no_attrs();
        for (_, item) in self.system_names(systems) {
            let result = self.apply(&function, item, None);
            all = self.merge(all, result, 0);
        }
        all
    }
}

/// `meld inputs [ ./a.nix ./b.nix ]`: the outputs of files that are functions of the inputs, merged at
/// any depth.
fn meld(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let inputs = call.arg(0)?;
    let files = evaluator.force_known(call.arg(1)?);
    let mut items = Vec::new();
    let open = evaluator.items_into(&files, &mut items);
    let mut all = Value::set(Vec::new(), None, open);
    for item in items {
        let file = evaluator.force_known(item);
        let function = evaluator.import(&file, call.place);
        let outputs = evaluator.apply(&function, inputs, call.place);
        all = evaluator.merge(all, outputs, 0);
    }
    Some(all)
}

/// `simpleFlake`: packages of an overlay on `import nixpkgs { config, overlays }`.
fn simple_flake(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let args = evaluator.force_known(call.arg(0)?);
    let nixpkgs = evaluator.member(&args, &Name::from("nixpkgs"), call.place);
    let import = evaluator.import(&nixpkgs, call.place);
    let given = evaluator.member(&args, &Name::from("config"), None);
    let given = evaluator.done(given);
    let overlay = evaluator.member(&args, &Name::from("overlay"), None);
    let overlay = evaluator.done(overlay);
    let overlays = evaluator.done(Value::list(vec![overlay], false));
    let arg = Value::set(vec![attr("config", given), attr("overlays", overlays)], None, false);
    let packages = evaluator.apply_to(&import, arg, call.place);
    let name = evaluator.member(&args, &Name::from("name"), None);
    let package = match name {
        Value::Text(name) => evaluator.member(&packages, &name, call.place),
        _ => Value::outside(),
    };
    let shell = evaluator.member(&args, &Name::from("shell"), None);
    let shell =
        if shell.is_unknown() { shell } else { evaluator.apply_to(&shell, packages, call.place) };
    let both = [("packages", package), ("devShells", shell)].map(|(name, value)| {
        let thunk = evaluator.done(value);
        let one = evaluator.done(Value::set(vec![attr("default", thunk)], None, false));
        let set = evaluator.done(Value::set(vec![attr("x86_64-linux", one)], None, true));
        attr(name, set)
    });
    Some(Value::set(both.into(), None, true))
}
