//! flakelight: a flake that is a module, with `nixpkgs.config` and outputs of packages.

use super::folders::{at, channel, main_input, one_system, set_of};
use super::{Call, Framework};
use crate::evaluate::by_name::Giver;
use crate::evaluate::machine::Machine;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/flakelight", "accelbread/flakelight"],
    source: "default.nix, builtinModules/{core,nixpkgs}.nix, 2026-11",
    marks: &[],
    arity: |function| if matches!(function, "" | "mkFlake") { 2 } else { 1 },
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    let module = machine.force_known(call.arg(1)?);
    let flake = call.slot.flake;
    let module = match &module {
        Value::Function(..) => machine.call_by_name(&module, &Giver::Nobody),
        _ => module,
    };
    let config = at(machine, &module, &["nixpkgs", "config"]);
    let overlays = at(machine, &module, &["withOverlays"]);
    let input = main_input(machine, flake)?;
    let packages = channel(machine, input, config, overlays, call.place);
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
        let Some(value) = at(machine, &module, &[option]) else { continue };
        let value = match (option, &value) {
            ("package" | "packages" | "app" | "apps" | "checks" | "devShells", Value::Set(set)) => {
                let set = set.clone();
                let mut all = Vec::new();
                for attr in &set.attrs {
                    let inner = machine.force_known(attr.thunk);
                    let inner = match (&inner, option) {
                        (Value::Function(..), _) | (Value::Set(_), "devShells") => {
                            given_packages(machine, inner, &packages, call)
                        }
                        _ => inner,
                    };
                    all.push((attr.name.clone(), inner));
                }
                set_of(machine, all)
            }
            _ => given_packages(machine, value, &packages, call),
        };
        let value =
            if option == output { value } else { set_of(machine, vec![("default".into(), value)]) };
        outputs.push((output.into(), one_system(machine, value)));
    }
    for output in ["nixosConfigurations", "homeConfigurations", "outputs", "flake"] {
        if let Some(value) = at(machine, &module, &[output]) {
            outputs.push((output.into(), value));
        }
    }
    Some(set_of(machine, outputs))
}

/// A value of an option, or what a function makes of packages.
fn given_packages(
    machine: &mut Machine<'_>,
    value: Value,
    packages: &Value,
    call: &Call<'_>,
) -> Value {
    let Value::Function(code, _) = value else {
        return match &value {
            Value::Set(set) => {
                let set = set.clone();
                let mut all = Vec::new();
                for attr in &set.attrs {
                    let inner = machine.force_known(attr.thunk);
                    let inner = match inner {
                        Value::Function(..) => given_packages(machine, inner, packages, call),
                        // `devShell.packages = pkgs: [ … ]`: a shell of these packages.
                        inner => inner,
                    };
                    all.push((attr.name.clone(), inner));
                }
                let of = set_of(machine, all);
                let of = machine.done(of);
                match machine.instance_of(packages) {
                    Some(maker) => machine.shell_of(maker, of, call.place),
                    None => machine.force(of),
                }
            }
            _ => value,
        };
    };
    match machine.formals(code) {
        None => machine.apply_to(&value, packages.clone(), call.place),
        Some(formals) => {
            let of = machine.done(packages.clone());
            let mut attrs = vec![attr("pkgs", of)];
            for (name, _) in formals {
                if &*name != "pkgs" {
                    let member = crate::evaluate::heap::State::Member(of, name.clone());
                    let thunk = machine.thunk(member);
                    attrs.push(attr(name, thunk));
                }
            }
            machine.apply_to(&value, Value::set(attrs, None, true), call.place)
        }
    }
}
