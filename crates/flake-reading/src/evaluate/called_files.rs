//! Files that are called with packages by the names of their arguments: `callPackage`.
//!
//! Source: nixpkgs `lib/customisation.nix`, `callPackageWith`, `makeOverridable`.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::{InstanceId, Place};
use super::heap::State;
use super::settings_named::{NamedSetting, named_in, read_by, read_in};
use super::value::{
    Code, Derivation, FileId, PackageCall, Path, SetAttr, Thunk, Value, attr, last, named,
};
use crate::gpu_packages::{self, Gpu};
use crate::syntax::{Expr, Name, Param};

impl Evaluator<'_> {
    /// The result of `callPackage` with other arguments: its function is called again.
    ///
    /// Source: nixpkgs `lib/customisation.nix`, `makeOverridable`.
    pub(super) fn call_again(&mut self, args: &[Thunk], place: Option<Place>) -> Value {
        let [made, given, ..] = args else { return Value::outside() };
        let Value::Derivation(before) = self.force(*made) else {
            return self.override_made("override", args, place);
        };
        let Some(call) = before.called.clone() else {
            return self.override_made("override", args, place);
        };
        let old = self.force(call.given);
        let new = match self.force_known(*given) {
            function @ Value::Function(..) => self.apply_to(&function, old.clone(), place),
            new => new,
        };
        let both = self.update(old, new);
        let both = self.done(both);
        let set = (&call.path, &call.packages);
        let again = self.call_with_packages(call.instance, set, call.function.clone(), both, place);
        match again {
            Value::Derivation(again) => {
                let offer = before.offer.clone();
                Value::Derivation(Rc::new(Derivation { offer, ..(*again).clone() }))
            }
            Value::Unknown(_) => self.override_made("override", args, place),
            again => again,
        }
    }

    /// `callPackage file overrides`: the function in the file gets packages by their names.
    pub(super) fn call_package_file(
        &mut self,
        instance: InstanceId,
        path: &Path,
        set: Option<Thunk>,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let [file, given, ..] = args else { return Value::outside() };
        let set = match set {
            Some(set) => match self.force(set) {
                more @ Value::Set(_) => {
                    self.update(Value::Package(instance, path.clone(), place), more)
                }
                whole => whole,
            },
            None => Value::Package(instance, path.clone(), place),
        };
        let file = self.force_known(*file);
        let file = match &file {
            Value::Path(..) | Value::AnyPath(_) | Value::Flake(..) | Value::Itself(_) => {
                self.import(&file, place)
            }
            _ => file,
        };
        self.call_with_packages(instance, (path, &set), file, *given, place)
    }

    /// The arguments of a function, each with its default.
    fn defaults(&self, code: Code) -> Option<Vec<(Name, Option<FormalDefault>)>> {
        let file = self.loaded.look_at(code)?;
        let Expr::Lambda(Param::Pattern { formals, .. }, _) = file.expr(code.expr) else {
            return None;
        };
        let formals = formals.iter().map(|(name, default)| {
            (name.clone(), default.map(|default| FormalDefault::of(file.expr(default))))
        });
        Some(formals.collect())
    }

    /// The GPU settings that a function reads which gets packages by their names, except for
    /// arguments that its caller gives.
    fn settings_read(&mut self, code: Code, given: &Value) -> Option<Gpu> {
        // Most functions take neither; then the file is not searched.
        let takes = |(name, _): &(Name, bool)| matches!(&**name, "config" | "pkgs");
        if !self.formals(code)?.iter().any(takes) {
            return None;
        }
        let named = self.settings_named(code.file)?;
        let file = self.loaded.look_into(code)?;
        let given = match given.unconditional().0 {
            Value::Set(set) => Some(set),
            _ => None,
        };
        let is_given = |name: &str| given.is_some_and(|given| given.get(name).is_some());
        read_by(&named, file, code.expr, is_given)
    }

    /// The GPU settings that the code of a derivation reads: code in the file that was called, or
    /// in the call.
    pub(super) fn settings_read_for(&mut self, made: &Derivation) -> Option<Gpu> {
        if made.is_override || made.reads.is_some() {
            return made.reads;
        }
        // What a shell prints when it is entered is not a package.
        if last(&made.path).is_some_and(|name| name.starts_with("mkShell") || name == "devShell") {
            return None;
        }
        let call = made.place?;
        self.loaded.look_within(call);
        read_in(&self.settings_named(call.file)?, call.span())
    }

    /// The GPU settings that a file names, searched once.
    fn settings_named(&mut self, file: FileId) -> Option<Rc<[NamedSetting]>> {
        if let Some(known) = self.loaded.settings_named.get(&file) {
            return Some(known.clone());
        }
        let read = self.loaded.file(file).cloned()?;
        let named: Rc<[_]> =
            if self.budget.weigh(read.len()) { [].into() } else { named_in(&read).into() };
        self.loaded.settings_named.insert(file, named.clone());
        Some(named)
    }

    fn call_with_packages(
        &mut self,
        instance: InstanceId,
        (path, packages): (&Path, &Value),
        file: Value,
        given: Thunk,
        place: Option<Place>,
    ) -> Value {
        match &file {
            Value::Function(code, scope) => {
                let Some(formals) = self.defaults(*code) else {
                    // It takes the whole set.
                    return self.apply_to(&file, packages.clone(), place);
                };
                let all = Value::Package(instance, [].into(), place);
                let overrides = self.force_known(given);
                let is_open =
                    !matches!(&overrides, Value::Set(set) if !set.open && set.rest.is_none());
                let mut attrs: Vec<SetAttr> = Vec::with_capacity(formals.len());
                for (name, default) in formals {
                    let own = match overrides.unconditional().0 {
                        Value::Set(set) => set.get(&name).map(|attr| attr.thunk),
                        _ => None,
                    };
                    let thunk = match own {
                        Some(own) => own,
                        // A flag that is not given has its default: no package has its name.
                        None if default.is_some_and(|default| default.is_of_flag(&name))
                            && !is_added(packages, &name) =>
                        {
                            continue;
                        }
                        None => {
                            // Names that the set does not have come from the whole of nixpkgs.
                            let is_of_all = is_of_all(&name) && !is_added(packages, &name);
                            let of = if is_of_all { &all } else { packages };
                            let of = self.done(of.clone());
                            let package = self.thunk(State::Member(of, name.clone()));
                            match default {
                                // nixpkgs may have no such package.
                                Some(FormalDefault::Null)
                                    if !is_in_nixpkgs(&name) && !is_added(packages, &name) =>
                                {
                                    let null = self.done(Value::Null);
                                    self.thunk(State::Either(package, null))
                                }
                                _ => package,
                            }
                        }
                    };
                    attrs.push(attr(name, thunk));
                }
                let (code, scope) = (*code, *scope);
                let arg = self.done(Value::set(attrs, None, is_open));
                let made = self.call_function(code, scope, arg);
                let reads = self.settings_read(code, &overrides);
                let call = PackageCall {
                    instance,
                    path: path.clone(),
                    packages: packages.clone(),
                    function: file.clone(),
                    given,
                };
                called(made, &Rc::new(call), reads)
            }
            Value::Either(all) | Value::Further(all) => {
                let all: Vec<_> = all
                    .iter()
                    .map(|one| {
                        self.call_with_packages(
                            instance,
                            (path, packages),
                            one.clone(),
                            given,
                            place,
                        )
                    })
                    .collect();
                Value::either(all)
            }
            Value::Conditional(inner) => {
                let inner = (**inner).clone();
                self.call_with_packages(instance, (path, packages), inner, given, place)
                    .conditional()
            }
            _ => {
                let file = self.done(file);
                let path = named(path, &Name::from("callPackage"));
                self.built(instance, path, vec![file, given], place)
            }
        }
    }
}

/// Marks the result of a function that was called with packages with that call and the GPU settings
/// that its code reads.
fn called(made: Value, call: &Rc<PackageCall>, reads: Option<Gpu>) -> Value {
    match made {
        Value::Derivation(made) => {
            let reads = if made.is_override { made.reads } else { reads.or(made.reads) };
            let called = Some(call.clone());
            Value::Derivation(Rc::new(Derivation { reads, called, ..(*made).clone() }))
        }
        Value::Either(all) => {
            Value::either(all.iter().map(|one| called(one.clone(), call, reads)).collect())
        }
        Value::Conditional(inner) => called((*inner).clone(), call, reads).conditional(),
        other => other,
    }
}

/// Names that every package set gets from the whole of nixpkgs (nixpkgs `pkgs/top-level/stage.nix`,
/// `lib/customisation.nix`, `makeScope`).
fn is_of_all(name: &str) -> bool {
    matches!(name, "lib" | "config" | "pkgs" | "stdenv" | "system")
}

/// Whether an attribute was added to a package set by code.
fn is_added(packages: &Value, name: &str) -> bool {
    match packages {
        Value::Set(set) => set.get(name).is_some(),
        Value::Update(both) => matches!(&both.1, Value::Set(set) if set.get(name).is_some()),
        _ => false,
    }
}

/// What the default of an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormalDefault {
    Null,
    /// A literal that certainly is no package, so that none of that name is meant.
    Plain,
    Other,
}

impl FormalDefault {
    fn of(expr: &Expr) -> Self {
        match expr {
            Expr::Ident(name) if &**name == "null" => FormalDefault::Null,
            Expr::Ident(name) if matches!(&**name, "true" | "false") => FormalDefault::Plain,
            Expr::Text(_) | Expr::Number(_) | Expr::List(_) | Expr::Set(_) => FormalDefault::Plain,
            _ => FormalDefault::Other,
        }
    }

    /// Whether the argument with this default is a flag of the package, not a package.
    fn is_of_flag(self, name: &str) -> bool {
        self == FormalDefault::Plain || is_flag(name)
    }
}

/// Whether nixpkgs certainly has a package, or a set, of this name.
fn is_in_nixpkgs(name: &str) -> bool {
    let sets = ["cudaPackages", "cudatoolkit", "rocmPackages", "python3"];
    gpu_packages::top_level(name).or(gpu_packages::python(name)).is_some()
        || sets.iter().any(|set| name.starts_with(set))
}

/// Whether an argument has a name that people give to flags.
fn is_flag(name: &str) -> bool {
    name.ends_with("Support")
        || name.starts_with("enable")
        || name.starts_with("with")
        || name.starts_with("use")
}
