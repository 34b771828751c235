//! Functions called by code that is not read, with what it would give them: package sets to
//! overlays and `withPackages`, and otherwise what goes by the names of their arguments.

use super::facts::Place;
use super::machine::Machine;
use super::value::{Base, SetAttr, Value, longer};
use super::visit::Giver;
use crate::source::syntax::{Expr, ExprId, Name, Param};

impl Machine<'_> {
    /// Calls a function with what its caller would give it.
    pub(super) fn call_by_name(&mut self, function: &Value, giver: Giver, place: Place) -> Value {
        let Value::Function(code, scope) = function else { return Value::outside() };
        let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
        let Expr::Lambda(param, body) = file.expr(code.expr) else { return Value::outside() };
        let arg = match param {
            Param::Ident(name) => {
                let value = match &giver {
                    Giver::Packages(instance) => {
                        Value::Package(*instance, self.no_names.clone(), place)
                    }
                    Giver::Below(instance, path) => Value::Package(*instance, path.clone(), place),
                    Giver::Module(..) if !matches!(&**name, "pkgs" | "final" | "prev" | "lib") => {
                        Value::condition()
                    }
                    _ => self.by_name(name, &giver, place),
                };
                self.done(value)
            }
            Param::Pattern { formals, .. } => {
                let given = formals.iter().map(|(name, default)| {
                    let value = match &giver {
                        Giver::Below(instance, _) | Giver::Module(_, Some(instance))
                            if self.is_package_name(name, formals) =>
                        {
                            let path = match &giver {
                                Giver::Below(_, path) => path.clone(),
                                _ => self.no_names.clone(),
                            };
                            Value::Package(*instance, longer(&path, name), place)
                        }
                        _ => self.by_name(name, &giver, place),
                    };
                    let thunk = match (&value, default) {
                        // A default stands for what nobody gives.
                        (Value::Unknown(_), Some(_)) => return None,
                        _ => self.done(value),
                    };
                    Some(SetAttr { name: name.clone(), thunk, place: None, conditional: false })
                });
                let given: Vec<_> = given.collect();
                let set = Value::set(given.into_iter().flatten().collect(), None, true);
                self.done(set)
            }
        };
        let (code, scope, body) = (*code, *scope, *body);
        self.call_function(code, scope, body, arg)
    }

    /// Whether a function that takes these arguments is one for `callPackage`.
    fn is_package_name(&self, name: &str, formals: &[(Name, Option<ExprId>)]) -> bool {
        let is_package = formals.iter().any(|(name, _)| {
            matches!(
                &**name,
                "stdenv"
                    | "stdenvNoCC"
                    | "mkShell"
                    | "buildPythonPackage"
                    | "callPackage"
                    | "fetchurl"
                    | "fetchFromGitHub"
                    | "runCommand"
                    | "writeShellScriptBin"
                    | "writeShellApplication"
                    | "symlinkJoin"
                    | "rustPlatform"
                    | "python3Packages"
                    | "python3"
                    | "buildGoModule"
            )
        });
        is_package
            && !matches!(name, "inputs" | "self" | "lib" | "pkgs" | "system" | "config" | "options")
    }

    /// What an argument of this name usually is.
    pub(super) fn by_name(&mut self, name: &Name, giver: &Giver, place: Place) -> Value {
        match &**name {
            "inputs" => Value::Inputs,
            "inputs'" => Value::SystemInputs,
            "self" if !matches!(giver, Giver::Packages(_)) => Value::Itself,
            "self'" => Value::SystemItself,
            "lib" => Value::Library(None, self.no_names.clone()),
            "config" | "options" | "cfg" | "osConfig" | "system" | "hostname" => Value::condition(),
            "pkgs" | "final" | "prev" | "super" => match giver {
                Giver::Packages(instance) | Giver::Module(_, Some(instance)) => {
                    Value::Package(*instance, self.no_names.clone(), place)
                }
                _ => Value::Package(self.callers(), self.no_names.clone(), place),
            },
            "flake" if !self.input_names.contains_key("flake") => Value::Itself,
            "perSystem" if !self.input_names.contains_key("perSystem") => self.per_system(),
            "modulesPath" => Value::Source(Base::Other, "/nixos/modules".into(), place),
            _ => match giver {
                Giver::Packages(_) | Giver::Below(..) | Giver::Callers => Value::outside(),
                Giver::Module(kind, instance) => {
                    match self.class_argument(*kind, *instance, name) {
                        Some(value) => value,
                        None => self.input_named(name, Some(place)),
                    }
                }
                _ => self.input_named(name, Some(place)),
            },
        }
    }
}
