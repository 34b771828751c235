//! Functions that unread code calls, with the arguments it would give them: package sets to
//! overlays and `withPackages`, otherwise by the names of the arguments.

use super::evaluator::Evaluator;
use super::facts::{InstanceId, Place};
use super::frameworks::ONE_SYSTEM;
use super::heap::State;
use super::modules::ClassId;
use super::value::{Base, Path, Segment, Value, attr, longer};
use super::world::FlakeId;
use crate::syntax::Name;

/// The caller of such a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// Unknown code.
    Nobody,
    /// A function of a package set, with packages: `python3.withPackages`.
    Packages(InstanceId, Path),
    /// A module system, for values of its options: `pkgs` and similar arguments are those of the
    /// modules.
    Modules(ClassId),
}

impl Evaluator<'_> {
    /// Calls a function with the arguments that its caller would give it.
    pub(super) fn guess_arguments(&mut self, function: &Value, caller: &Caller) -> Value {
        let Value::Function(code, scope) = function else { return Value::outside() };
        let (code, scope) = (*code, *scope);
        let place = self.place(code);
        let flake = self.recorder.flake_of(code.file);
        let arg = match self.formals(code) {
            None => match caller {
                Caller::Packages(instance, path) => {
                    let set = self.parameter(code).and_then(|name| set_called(&name));
                    let path = match set.filter(|_| path.is_empty()) {
                        Some(PackageSet::Other(name)) => [Segment::Named(name)].into(),
                        _ => path.clone(),
                    };
                    Value::Package(*instance, path, place)
                }
                // `programs.x.extraPackages = ps: [ ps.y ]`: some package set.
                Caller::Modules(class) => match self.packages_of(*class) {
                    Some(packages) => {
                        let set = self.parameter(code).and_then(|name| set_called(&name));
                        let set = match set {
                            Some(PackageSet::Python) => Segment::Named("python3Packages".into()),
                            Some(PackageSet::Other(name)) => Segment::Named(name),
                            None => Segment::Any,
                        };
                        Value::Package(packages, [set].into(), place)
                    }
                    None => Value::outside(),
                },
                // `dep.overrideAttrs (old: { … })`: only said of that package.
                Caller::Nobody if self.parameter(code).is_some_and(|name| is_of_before(&name)) => {
                    Value::condition()
                }
                Caller::Nobody => Value::outside(),
            },
            Some(formals) => {
                let is_package = formals.iter().any(|(name, _)| is_package_argument(name));
                let mut attrs = Vec::with_capacity(formals.len());
                for (name, has_default) in formals {
                    let value = match caller {
                        Caller::Packages(instance, path) if is_package && !is_special(&name) => {
                            self.in_packages(*instance, path, &name, place)
                        }
                        Caller::Modules(class) if is_package && !is_special(&name) => {
                            match self.packages_of(*class) {
                                Some(packages) => {
                                    self.in_packages(packages, &[].into(), &name, place)
                                }
                                None => Value::outside(),
                            }
                        }
                        Caller::Modules(class) => self.argument(*class, &name),
                        _ => self.guess_argument(&name, flake, caller, place),
                    };
                    // An unknown argument keeps its default.
                    if value.is_unknown() && has_default {
                        continue;
                    }
                    let thunk = self.done(value);
                    attrs.push(attr(name, thunk));
                }
                Value::set(attrs, None, true)
            }
        };
        let arg = self.done(arg);
        self.call_function(code, scope, arg)
    }

    /// The usual value of an argument of this name.
    pub(super) fn guess_argument(
        &mut self,
        name: &Name,
        flake: FlakeId,
        caller: &Caller,
        place: Option<Place>,
    ) -> Value {
        match &**name {
            "inputs" => Value::Inputs(flake),
            "inputs'" => Value::SystemInputs(flake, Segment::Named(ONE_SYSTEM.into())),
            "self" => Value::Itself(flake),
            "self'" => Value::SystemItself(flake, Segment::Named(ONE_SYSTEM.into())),
            "lib" => Value::Library(None, [].into()),
            "config" => match caller {
                Caller::Packages(instance, _) => Value::Settings(*instance),
                _ => Value::condition(),
            },
            "options" | "cfg" | "osConfig" | "system" | "hostname" => Value::condition(),
            "pkgs" | "final" | "prev" | "super" => match caller {
                Caller::Packages(instance, _) => Value::Package(*instance, [].into(), place),
                Caller::Modules(_) | Caller::Nobody => {
                    let callers = self.callers();
                    Value::Package(callers, [].into(), place)
                }
            },
            "flake" if self.world.input_named(flake, "flake").is_none() => Value::Itself(flake),
            "perSystem" if self.world.input_named(flake, "perSystem").is_none() => {
                self.per_system(flake)
            }
            "modulesPath" => Value::Source(Base::Other, "/nixos/modules".into(), None),
            _ => match caller {
                Caller::Packages(..) => Value::outside(),
                _ => self.input_named(flake, name, place),
            },
        }
    }

    /// blueprint's `perSystem`: for each input, and the flake itself, its packages for one system.
    pub(super) fn per_system(&mut self, flake: FlakeId) -> Value {
        let mut attrs = Vec::new();
        for (name, slot) in self.inputs_of(flake) {
            let input = Value::Flake(slot, None);
            let packages = self.member(&input, &Name::from("packages"), None);
            let packages = match packages {
                Value::Unread(slot, path, place) => {
                    Value::Unread(slot, longer(&path, Segment::Any), place)
                }
                packages if self.has(&packages, ONE_SYSTEM) == Some(true) => {
                    self.member(&packages, &Name::from(ONE_SYSTEM), None)
                }
                packages => self.any_member(&packages, None),
            };
            let thunk = self.done(packages);
            attrs.push(attr(name, thunk));
        }
        // Its own packages, which may not be made yet.
        let own = self.done(Value::Itself(flake));
        let packages = self.thunk(State::Member(own, "packages".into()));
        let own = self.thunk(State::Member(packages, ONE_SYSTEM.into()));
        attrs.push(attr("self", own));
        Value::set(attrs, None, true)
    }
}

/// A package set that is given to a function, by the name that its author chose.
enum PackageSet {
    Python,
    /// That of another language or program: its names mean other things than those of nixpkgs.
    Other(Name),
}

/// The set that a parameter of this name most likely is; `None` for nixpkgs itself, and for what is no
/// package set.
fn set_called(name: &Name) -> Option<PackageSet> {
    match &**name {
        "ps" | "py" | "pp" | "p" | "pyPkgs" | "python" | "python3" => Some(PackageSet::Python),
        "epkgs" | "ep" | "epkg" | "emacsPackages" | "hp" | "hs" | "hpkgs" | "haskellPackages"
        | "tpkgs" | "rpkgs" | "luaPackages" | "perlPackages" | "exts" | "plugins" => {
            Some(PackageSet::Other(name.clone()))
        }
        _ => None,
    }
}

/// Names that people give to the attributes of a package that they override.
fn is_of_before(name: &str) -> bool {
    name.starts_with("old") || matches!(name, "prevAttrs" | "previousAttrs" | "finalAttrs")
}

/// Argument names that show that a function is meant for `callPackage`.
pub(super) fn is_package_argument(name: &str) -> bool {
    matches!(
        name,
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
}

/// Argument names that are no packages.
fn is_special(name: &str) -> bool {
    matches!(name, "inputs" | "self" | "lib" | "pkgs" | "system" | "config" | "options")
}
