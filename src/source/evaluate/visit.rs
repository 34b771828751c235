//! Looking through what flows into code that is not read.
//!
//! Whatever a value holds counts as used. Functions are called with what such code would give
//! them: package sets to overlays and `withPackages`, and by the names of their arguments
//! otherwise. It goes by a list of what is still to be looked through, so it does not nest.

use std::rc::Rc;

use super::facts::{Place, Taken, Use};
use super::machine::{Machine, ScopeNode, State};
use super::modules::ModuleKind;
use super::value::{Base, InputIndex, InstanceId, Names, SetAttr, Thunk, Value};
use crate::source::TreePath;
use crate::source::syntax::{Expr, Name, Param};

/// Who calls the functions that are looked through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Giver {
    /// Data: nobody in particular.
    Nobody,
    /// Code of an input that is not read.
    Outside,
    /// A set of packages, for overlays: every argument is that set.
    Packages(InstanceId),
    /// Something in a set of packages, such as `python3.withPackages`.
    Below(InstanceId, Names),
    /// Packages of whoever uses the code.
    Callers,
    /// A module system, for values of options: `pkgs` and the like are those of the modules.
    Module(ModuleKind, Option<InstanceId>),
}

/// Something to be looked through.
pub(super) struct Visit {
    what: What,
    giver: Giver,
    own: bool,
}

enum What {
    Value(Value),
    Thunk(Thunk),
}

/// Calls of one function that are looked through with different scopes.
const MOST_CALLS: u32 = 24;
/// How many calls may lead to one, by how often the function was called: recursion that is lazy
/// does not nest.
fn longest_lineage(made: u32) -> u32 {
    match made {
        0..200 => u32::MAX,
        200..1_000 => 24,
        1_000..4_000 => 16,
        _ => 10,
    }
}

/// How often a function may be called within itself, by how often it was called.
fn deepest_recursion(made: u32) -> u32 {
    match made {
        0..100 => 64,
        100..1_000 => 4,
        1_000..4_000 => 2,
        _ => 1,
    }
}

impl Machine<'_> {
    /// Puts a value on the list.
    pub(super) fn visit(&mut self, value: Value, giver: Giver) {
        if is_plain(&value) {
            return;
        }
        let own = self.own;
        self.pending.push(Visit { what: What::Value(value), giver, own });
    }

    pub(super) fn visit_thunk(&mut self, thunk: Thunk, giver: Giver) {
        let own = self.own;
        self.pending.push(Visit { what: What::Thunk(thunk), giver, own });
    }

    /// Looks through everything on the list, and what that brings.
    pub(super) fn look_through(&mut self) {
        loop {
            self.look_through_pending();
            if !self.look_at_deferred() {
                return;
            }
        }
    }

    fn look_through_pending(&mut self) {
        while let Some(Visit { what, giver, own }) = self.pending.pop() {
            if !self.step() {
                self.pending.clear();
                return;
            }
            let before = std::mem::replace(&mut self.own, own);
            let value = match what {
                What::Value(value) => value,
                What::Thunk(thunk) => self.force(thunk),
            };
            self.look_at(value, giver);
            self.own = before;
        }
    }

    fn look_at(&mut self, value: Value, giver: Giver) {
        match value {
            Value::Set(ref set) => {
                let key = Rc::as_ptr(set).cast::<u8>();
                if self.seen_sets.insert(key) {
                    let set = set.clone();
                    // Kept, so that no other set takes its place in memory.
                    self.kept.push(value);
                    for attr in set.attrs.iter().rev() {
                        self.visit_thunk(attr.thunk, giver.clone());
                    }
                    if let Some(rest) = set.rest {
                        self.visit_thunk(rest, giver);
                    }
                }
            }
            Value::List(ref list) => {
                let key = Rc::as_ptr(list).cast::<u8>();
                if self.seen_sets.insert(key) {
                    let list = list.clone();
                    self.kept.push(value);
                    for item in list.items.iter().rev() {
                        self.visit_thunk(*item, giver.clone());
                    }
                }
            }
            Value::Function(code, scope) => {
                if self.seen_calls.insert((code, scope, giver.clone()), ()).is_some() {
                    return;
                }
                let calls = self.calls_of.entry(code).or_default();
                *calls += 1;
                if *calls > MOST_CALLS {
                    return;
                }
                let place = self.place(code);
                let result = self.call_by_name(&value, giver.clone(), place);
                self.visit(result, giver);
            }
            Value::Input(input, path, place) => {
                if path.is_empty() && giver == Giver::Outside {
                    self.record_use(input, Use::HandedOn, place);
                    if !self.is_nixpkgs(input) {
                        self.record_taken(input, Taken::Unknown, place);
                    }
                } else {
                    self.record_input(input, &path, place);
                }
            }
            Value::Package(instance, path, place) => self.record_package(instance, &path, place),
            Value::Source(base, path, place) => self.record_source(base, &path, place),
            // An archive that somebody fetches is not taken for nixpkgs before it is called.
            Value::Imported(Base::Other, ..) => {}
            Value::Imported(base, path, place) => {
                // Somebody else calls it, with arguments that are not known.
                self.instantiate(base, &path, Value::outside(), place);
            }
            Value::Path(path) => {
                if path.as_str().ends_with(".nix") {
                    self.live(&path, giver);
                }
            }
            Value::AnyPath(any) => {
                for path in self.candidates(&any) {
                    if path.as_str().ends_with(".nix") {
                        self.live(&path, giver.clone());
                    }
                }
            }
            Value::Either(all) => {
                for one in all.iter() {
                    self.visit(one.clone(), giver.clone());
                }
            }
            // What hosts set is looked at where they set it; what makes hosts is looked at here.
            Value::Config((kind, _), _) => {
                if !kind.is_shared() {
                    let value = self.resolve(value);
                    if !matches!(value, Value::Config(..)) {
                        self.visit(value, giver);
                    }
                }
            }
            Value::Conditional(inner) => self.visit((*inner).clone(), giver),
            Value::Update(both) => {
                self.visit(both.0.clone(), giver.clone());
                self.visit(both.1.clone(), giver);
            }
            Value::Partial(partial) => {
                if let super::value::Function::Framework(input, path) = &partial.function {
                    self.record_input(*input, path, partial.place);
                }
                for arg in &partial.args {
                    self.visit(arg.clone(), giver.clone());
                }
            }
            Value::Unknown(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number
            | Value::Text(_)
            | Value::Inputs
            | Value::SystemInputs
            | Value::Itself
            | Value::SystemItself
            | Value::Library(..) => {}
        }
    }

    /// A file that is named, and so loaded by whoever is given its path.
    pub(super) fn live(&mut self, path: &TreePath, giver: Giver) {
        if self.live_by_name.insert(path.clone()) {
            let value = self.imported(path);
            self.visit(value, giver);
        }
    }

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
                        self.module_argument(name, &giver)
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
                            Value::Package(*instance, super::value::longer(&path, name), place)
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
    fn is_package_name(
        &self,
        name: &str,
        formals: &[(Name, Option<crate::source::syntax::ExprId>)],
    ) -> bool {
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

    fn module_argument(&mut self, name: &Name, giver: &Giver) -> Value {
        let _ = (name, giver);
        Value::condition()
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

    /// Calls a function of the source with its one argument.
    pub(super) fn call_function(
        &mut self,
        code: super::value::Code,
        scope: super::value::Scope,
        body: crate::source::syntax::ExprId,
        arg: Thunk,
    ) -> Value {
        let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
        let Expr::Lambda(param, _) = file.expr(code.expr) else { return Value::outside() };
        // The same call gives the same: hosts and packages are made by a few functions.
        let call = self.call_identity(code, scope, arg);
        match self.calls.get(&call) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Value::outside(),
            None => self.calls.insert(call.clone(), None),
        };
        // Recursion whose end depends on what is not known takes both ways at each level.
        let given_by = match self.state_of(arg) {
            Some(State::Code(_, scope)) => self.generation(*scope),
            _ => 0,
        };
        let generation = self.generation(scope).max(given_by) + 1;
        let (active, made) = self.active.entry(code).or_default();
        let ends = *active > deepest_recursion(*made) || generation > longest_lineage(*made);
        *made += 1;
        if ends {
            self.calls.insert(call, Some(Value::outside()));
            return Value::outside();
        }
        *active += 1;
        let inner = match param {
            Param::Ident(name) => {
                let inner =
                    self.scope(ScopeNode::Bound { names: vec![(name.clone(), arg)], outer: scope });
                self.set_generation(inner, generation);
                inner
            }
            Param::Pattern { formals, bound, .. } => {
                let inner = self.scope(ScopeNode::Bound { names: Vec::new(), outer: scope });
                self.set_generation(inner, generation);
                let value = self.force(arg);
                let mut names = Vec::with_capacity(formals.len() + 1);
                for (name, default) in formals {
                    let thunk = self.formal(arg, &value, name, *default, code.file, inner);
                    names.push((name.clone(), thunk));
                }
                if let Some(bound) = bound {
                    names.push((bound.clone(), arg));
                }
                self.bind(inner, names);
                inner
            }
        };
        let value = self.expression(super::value::Code { file: code.file, expr: body }, inner);
        self.calls.insert(call, Some(value.clone()));
        if let Some((active, _)) = self.active.get_mut(&code) {
            *active = active.saturating_sub(1);
        }
        value
    }

    /// What a name in a pattern is bound to.
    fn formal(
        &mut self,
        arg: Thunk,
        value: &Value,
        name: &Name,
        default: Option<crate::source::syntax::ExprId>,
        file: super::value::FileId,
        scope: super::value::Scope,
    ) -> Thunk {
        let (has, surely) = match value {
            Value::Set(set) => match set.get(name) {
                Some(attr) if !attr.conditional => return attr.thunk,
                Some(_) => (true, false),
                None => (set.rest.is_some(), false),
            },
            Value::Unknown(_) => (false, false),
            other => (self.may_have(other, name), true),
        };
        let given = self.thunk(State::Member(arg, name.clone()));
        let Some(default) = default.filter(|_| !(has && surely)) else { return given };
        let default = self.code_thunk(file, default, scope);
        if has {
            return self.thunk(State::Either(given, default));
        }
        let open =
            matches!(value, Value::Set(set) if set.open) || matches!(value, Value::Unknown(_));
        if open { self.thunk(State::Perhaps(default)) } else { default }
    }

    /// Everything that a folder holds is loaded.
    pub(super) fn load_folder(&mut self, folder: &TreePath, giver: Giver) {
        for path in self.files.tree().files_below(folder) {
            if path.name() != Some("flake.nix") {
                self.live(&path, giver.clone());
            }
        }
    }

    /// What `input` gives to code that is not read.
    pub(super) fn hand_to(&mut self, input: InputIndex, path: &Names, arg: Value, place: Place) {
        self.record_input(input, path, place);
        self.visit(arg, Giver::Outside);
    }
}

/// Whether there is nothing to look through.
fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number
            | Value::Text(_)
            | Value::Library(..)
    )
}
