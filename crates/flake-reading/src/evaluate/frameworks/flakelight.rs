//! flakelight: a flake that is a module, with `nixpkgs.config` and outputs of packages.

use super::folders::{at, channel, main_input, one_system, set_of};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/flakelight", "accelbread/flakelight"],
    source: "default.nix, builtinModules/{core,nixpkgs}.nix, 2026-11",
    marks: &[],
    arity: |function| if matches!(function, "" | "mkFlake") { 2 } else { 1 },
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let module = evaluator.force_known(call.arg(1)?);
    let flake = call.slot.flake;
    let module = match &module {
        Value::Function(..) => evaluator.guess_arguments(&module, &Caller::Nobody),
        _ => module,
    };
    let config = at(evaluator, &module, &["nixpkgs", "config"]);
    let overlays = at(evaluator, &module, &["withOverlays"]);
    let input = main_input(evaluator, flake)?;
    let packages = channel(evaluator, input, config, overlays, call.place);
    let mut outputs: Vec<(Name, Value)> = Vec::new();
    for (option, output) in [
        ("package", "packages"),
        ("packages", "packages"),
        ("devShell", "devShells"),
        ("devShells", "devShells"),
        ("app", "apps"),
        ("apps", "apps"),
        ("checks", "checks"),
    ] {
        let Some(value) = at(evaluator, &module, &[option]) else { continue };
        let value = match (option, &value) {
            ("package" | "packages" | "app" | "apps" | "checks" | "devShells", Value::Set(set)) => {
                let set = set.clone();
                let mut all = Vec::new();
                for attr in &set.attrs {
                    let inner = evaluator.force_known(attr.thunk);
                    let inner = match (&inner, option) {
                        (Value::Function(..), _) | (Value::Set(_), "devShells") => {
                            given_packages(evaluator, inner, &packages, call)
                        }
                        _ => inner,
                    };
                    all.push((attr.name.clone(), inner));
                }
                set_of(evaluator, all)
            }
            _ => given_packages(evaluator, value, &packages, call),
        };
        let value = if option == output {
            value
        } else {
            set_of(evaluator, vec![("default".into(), value)])
        };
        outputs.push((output.into(), one_system(evaluator, value)));
    }
    for output in ["nixosConfigurations", "homeConfigurations", "outputs", "flake"] {
        if let Some(value) = at(evaluator, &module, &[output]) {
            outputs.push((output.into(), value));
        }
    }
    Some(set_of(evaluator, outputs))
}

/// A value of an option, or what a function makes of packages.
fn given_packages(
    evaluator: &mut Evaluator<'_>,
    value: Value,
    packages: &Value,
    call: &FrameworkCall<'_>,
) -> Value {
    let Value::Function(code, _) = value else {
        return match &value {
            Value::Set(set) => {
                let set = set.clone();
                let mut all = Vec::new();
                for attr in &set.attrs {
                    let inner = evaluator.force_known(attr.thunk);
                    let inner = match inner {
                        Value::Function(..) => given_packages(evaluator, inner, packages, call),
                        // `devShell.packages = pkgs: [ … ]`: a shell of these packages.
                        inner => inner,
                    };
                    all.push((attr.name.clone(), inner));
                }
                let of = set_of(evaluator, all);
                let of = evaluator.done(of);
                match evaluator.instance_of(packages) {
                    Some(maker) => evaluator.shell_of(maker, of, call.place),
                    None => evaluator.force(of),
                }
            }
            _ => value,
        };
    };
    match evaluator.formals(code) {
        None => evaluator.apply_to(&value, packages.clone(), call.place),
        Some(formals) => {
            let of = evaluator.done(packages.clone());
            let mut attrs = vec![attr("pkgs", of)];
            for (name, _) in formals {
                if &*name != "pkgs" {
                    let member = crate::evaluate::heap::State::Member(of, name.clone());
                    let thunk = evaluator.thunk(member);
                    attrs.push(attr(name, thunk));
                }
            }
            evaluator.apply_to(&value, Value::set(attrs, None, true), call.place)
        }
    }
}
