//! The results of functions of package sets: derivations, made and overridden.
//!
//! Source: nixpkgs `lib/customisation.nix`, `pkgs/build-support`.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::{InstanceId, Place};
use super::packages::CALLS_FILES;
use super::value::{Base, Derivation, Function, How, Path, Thunk, Value, above, attr, last, named};
use crate::syntax::Name;

/// Functions of a package set that extend it.
const EXTENDS: [&str; 3] = ["extend", "overrideScope", "overrideScope'"];

impl Evaluator<'_> {
    /// A call of something in a package set.
    pub(super) fn call_package(
        &mut self,
        instance: InstanceId,
        path: &Path,
        arg: Thunk,
        place: Option<Place>,
    ) -> Value {
        let upper = above(path);
        match last(path).unwrap_or_default() {
            // A `callPackage` of the set with more in it (nixpkgs `pkgs/top-level/splice.nix`).
            "newScope" => {
                Value::native(Function::CallPackage(instance, upper, Some(arg)), Vec::new())
            }
            name if CALLS_FILES.contains(&name) => {
                Value::native(Function::CallPackage(instance, upper, None), vec![arg])
            }
            "extend" | "appendOverlays" if upper.is_empty() => {
                self.extend_packages(instance, arg, place)
            }
            name if Self::override_function(name) => {
                self.overridden(instance, upper, vec![arg], place)
            }
            "makeScopeWithSplicing'" => {
                let opener = named(&upper, &Name::from("newScope"));
                let opener = Value::Package(instance, opener, place);
                let opener = self.done(opener);
                let function = self.member_thunk(arg, "f");
                self.scope(opener, function)
            }
            name if EXTENDS.contains(&name) => self.overridden(instance, upper, vec![arg], place),
            "applyPatches" => {
                let args = self.force_known(arg);
                let source = self.member(&args, &Name::from("src"), None);
                match self.resolve(source) {
                    Value::Flake(slot, _) if self.is_packages(slot) => {
                        Value::Source(Base::Input(slot), "".into(), place)
                    }
                    source @ Value::Source(..) => source,
                    _ => self.built(instance, path.clone(), vec![arg], place),
                }
            }
            "nixos" | "nixosSystem" => {
                // `pkgs.nixos` gets a module, or a list of them.
                let arg = match self.force_known(arg) {
                    Value::Set(_) if last(path) == Some("nixos") => {
                        self.done(Value::set(vec![attr("modules", arg)], None, false))
                    }
                    _ => arg,
                };
                let system = self.nixos_of(Base::Instance(instance), arg, place);
                self.inherit_settings(&system);
                system
            }
            _ => self.built(instance, path.clone(), vec![arg], place),
        }
    }

    /// A shell made by an instance, with its packages.
    pub(super) fn shell_of(
        &mut self,
        maker: InstanceId,
        given: Thunk,
        place: Option<Place>,
    ) -> Value {
        self.built(maker, named(&[].into(), &Name::from("mkShell")), vec![given], place)
    }

    /// The result of a function of a package set.
    pub(super) fn built(
        &mut self,
        maker: InstanceId,
        path: Path,
        given: Vec<Thunk>,
        place: Option<Place>,
    ) -> Value {
        derivation(maker, path, given, false, place)
    }

    /// A called or overridden function of a package set, called with one more argument.
    pub(super) fn made_of_more(
        &mut self,
        made: &Derivation,
        arg: Thunk,
        place: Option<Place>,
    ) -> Value {
        let (maker, path) = (made.maker, made.path.clone());
        if made.is_override && last(&path).is_some_and(|name| CALLS_FILES.contains(&name)) {
            return self.call_package(maker, &path, arg, place);
        }
        let given = made.given.iter().copied().chain([arg]).collect();
        // A set that is extended once more.
        if made.is_override && last(&path).is_some_and(|name| EXTENDS.contains(&name)) {
            return self.overridden(maker, above(&path), given, made.place);
        }
        self.built(maker, path, given, made.place)
    }

    /// A package of a set with other arguments.
    pub(super) fn overridden(
        &mut self,
        maker: InstanceId,
        path: Path,
        given: Vec<Thunk>,
        place: Option<Place>,
    ) -> Value {
        derivation(maker, path, given, true, place)
    }

    /// A derivation with other arguments; the first is the derivation itself.
    pub(super) fn override_made(
        &mut self,
        function: &str,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let [made, given, ..] = args else { return Value::outside() };
        match self.force(*made) {
            Value::Derivation(made) => {
                if let Some(again) = self.remade(&made, function, *given, place) {
                    return again;
                }
                let given = made.given.iter().copied().chain([*given]).collect();
                Value::Derivation(Rc::new(Derivation { given, ..(*made).clone() }))
            }
            other => {
                let other = self.done(other);
                Value::woven(How::Handed, vec![other, *given], place)
            }
        }
    }
}

fn derivation(
    maker: InstanceId,
    path: Path,
    given: Vec<Thunk>,
    is_override: bool,
    place: Option<Place>,
) -> Value {
    let made = Derivation {
        maker,
        path,
        given,
        is_override,
        reads: None,
        offer: None,
        called: None,
        place,
    };
    Value::Derivation(Rc::new(made))
}
