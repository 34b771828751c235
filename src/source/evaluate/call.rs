//! Calls of functions.

use std::rc::Rc;

use super::facts::Place;
use super::library;
use super::machine::Machine;
use super::value::{Function, Partial, Thunk, Value};
use super::visit::Giver;
use crate::source::syntax::{Expr, Name};

/// Functions of package sets that call a file with packages.
const CALLS_FILES: [&str; 5] =
    ["callPackage", "callPackages", "callPackageWith", "newScope", "haskellSrc2nix"];

impl Machine<'_> {
    /// `function arg`, the argument not yet computed.
    pub(super) fn apply_lazily(&mut self, function: &Value, arg: Thunk, place: Place) -> Value {
        match function {
            Value::Function(code, scope) => {
                let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
                match file.expr(code.expr) {
                    Expr::Lambda(_, body) => self.call_function(*code, *scope, *body, arg),
                    _ => Value::outside(),
                }
            }
            Value::Config(..) => match self.resolve(function.clone()) {
                Value::Config(..) | Value::Unknown(_) => {
                    self.visit_thunk(arg, Giver::Outside);
                    Value::outside()
                }
                function => self.apply_lazily(&function, arg, place),
            },
            Value::Unknown(_) => {
                self.visit_thunk(arg, Giver::Outside);
                Value::outside()
            }
            _ => {
                let arg = self.force(arg);
                self.apply(function, arg, place)
            }
        }
    }

    /// `function arg`
    pub(super) fn apply(&mut self, function: &Value, arg: Value, place: Place) -> Value {
        self.deeper(|machine| machine.call(function, arg, place))
    }

    fn call(&mut self, function: &Value, arg: Value, place: Place) -> Value {
        match function {
            Value::Function(..) => {
                let arg = self.done(arg);
                self.apply_lazily(function, arg, place)
            }
            Value::Library(input, path) => {
                let Some(name) = path.last() else { return Value::outside() };
                let function = Function::Library(*input, name.clone());
                self.extend(function, &[], arg, place)
            }
            Value::Partial(partial) => {
                self.extend(partial.function.clone(), &partial.args, arg, place)
            }
            Value::Input(input, path, _) => {
                let function = Function::Framework(*input, path.clone());
                self.extend(function, &[], arg, place)
            }
            Value::Package(instance, path, at) => {
                let (instance, path, at) = (*instance, path.clone(), *at);
                self.call_package(instance, &path, at, arg, place)
            }
            Value::Imported(base, path, _) => {
                let (base, path) = (*base, path.clone());
                self.instantiate(base, &path, arg, place)
            }
            Value::Config(..) => match self.resolve(function.clone()) {
                Value::Config(..) | Value::Unknown(_) => {
                    self.visit(arg, Giver::Outside);
                    Value::outside()
                }
                function => self.apply(&function, arg, place),
            },
            Value::Conditional(inner) => self.apply(inner, arg, place).conditional(),
            Value::Either(all) => {
                let all: Vec<_> =
                    all.iter().map(|one| self.apply(one, arg.clone(), place)).collect();
                let known: Vec<_> =
                    all.into_iter().filter(|v| !matches!(v, Value::Unknown(_))).collect();
                Value::either(known)
            }
            Value::Set(set) => match set.get("__functor") {
                Some(functor) => {
                    let functor = self.force(functor.thunk);
                    let bound = self.apply(&functor, function.clone(), place);
                    self.apply(&bound, arg, place)
                }
                None => {
                    self.visit(arg, Giver::Outside);
                    Value::outside()
                }
            },
            other => {
                self.visit(other.clone(), Giver::Outside);
                self.visit(arg, Giver::Outside);
                Value::outside()
            }
        }
    }

    /// One more argument for a function that is known by its name.
    fn extend(&mut self, function: Function, before: &[Value], arg: Value, place: Place) -> Value {
        let mut args = before.to_vec();
        args.push(arg);
        let arity = match &function {
            Function::Library(_, name) => library::arity(name),
            Function::Framework(_, path) => super::framework::arity(path),
        };
        if args.len() < arity {
            return Value::Partial(Rc::new(Partial { function, args, place }));
        }
        match function {
            Function::Library(input, name) => self.library(input, &name, args, place),
            Function::Framework(input, path) => self.framework(input, &path, args, place),
        }
    }

    /// A call of something in a package set.
    fn call_package(
        &mut self,
        instance: super::value::InstanceId,
        path: &super::value::Names,
        at: Place,
        arg: Value,
        place: Place,
    ) -> Value {
        let last = path.last().map(|name| name.to_string()).unwrap_or_default();
        let above: super::value::Names =
            path.iter().take(path.len().saturating_sub(1)).cloned().collect();
        match &*last {
            name if CALLS_FILES.contains(&name) => {
                let file = match &arg {
                    Value::Path(_) | Value::AnyPath(_) => self.import(&arg, place),
                    _ => arg,
                };
                // The next argument overrides what the package set gives.
                let called = Partial {
                    function: Function::Library(None, Name::from("‹callPackage›")),
                    args: vec![Value::Package(instance, above, at), file],
                    place,
                };
                Value::Partial(Rc::new(called))
            }
            "extend" | "appendOverlays" | "overrideScope" | "overrideScope'" | "makeScope" => {
                self.visit(arg, Giver::Packages(instance));
                Value::Package(instance, above, place)
            }
            "override"
            | "overrideAttrs"
            | "overrideDerivation"
            | "overridePythonAttrs"
            | "overrideAttrs'" => {
                self.visit(arg, Giver::Below(instance, above.clone()));
                Value::Package(instance, above, place)
            }
            "applyPatches" => match &arg {
                Value::Set(set) => {
                    let source = set.get("src").map(|attr| attr.thunk);
                    let source = source.map(|thunk| self.force(thunk));
                    self.record_package(instance, path, place);
                    match source {
                        Some(Value::Input(input, inner, at)) if inner.is_empty() => {
                            Value::Source(super::value::Base::Input(input), "".into(), at)
                        }
                        Some(source @ Value::Source(..)) => source,
                        _ => {
                            self.visit(arg, Giver::Nobody);
                            Value::outside()
                        }
                    }
                }
                _ => Value::outside(),
            },
            "nixos" | "nixosSystem" => {
                self.nixos_of(super::value::Base::Instance(instance), arg, place)
            }
            "withPackages" | "buildEnv" | "withPlugins" | "buildFHSEnv" | "ghcWithPackages" => {
                self.record_package(instance, path, place);
                self.visit(arg, Giver::Below(instance, above.clone()));
                Value::Package(instance, above, place)
            }
            // Overrides of a whole package set keep being one.
            "pkgsCuda" | "pkgsRocm" | "pkgsForCudaArch" => Value::Package(instance, above, place),
            _ => {
                // A builder: what it is given is built, and what it gives is a derivation.
                self.record_package(instance, path, place);
                let below: super::value::Names =
                    if path.len() > 1 { above } else { self.no_names.clone() };
                self.visit(arg, Giver::Below(instance, below));
                Value::outside()
            }
        }
    }

    /// `callPackage file overrides`: the file's function gets packages by their names.
    pub(super) fn call_file(
        &mut self,
        packages: &Value,
        file: Value,
        given: Value,
        place: Place,
    ) -> Value {
        let Value::Package(instance, above, _) = packages else { return Value::outside() };
        match &file {
            Value::Function(code, scope) => {
                let Some(parsed) = self.file(code.file).cloned() else { return Value::outside() };
                let Expr::Lambda(param, body) = parsed.expr(code.expr) else {
                    return Value::outside();
                };
                let formals = match param {
                    crate::source::syntax::Param::Pattern { formals, .. } => formals.as_slice(),
                    crate::source::syntax::Param::Ident(_) => &[],
                };
                let mut attrs = Vec::with_capacity(formals.len());
                for (name, default) in formals {
                    let given = match &given {
                        Value::Set(set) => set.get(name).map(|attr| attr.thunk),
                        _ => None,
                    };
                    let thunk = match (given, default) {
                        (Some(given), _) => given,
                        (None, Some(_)) if is_flag(name) => continue,
                        (None, _) => {
                            let member = self.member(packages, name, Some(place));
                            self.done(member)
                        }
                    };
                    let name = name.clone();
                    attrs.push(super::value::SetAttr {
                        name,
                        thunk,
                        place: None,
                        conditional: false,
                    });
                }
                let arg = Value::set(attrs, None, true);
                let arg = self.done(arg);
                let (code, scope, body) = (*code, *scope, *body);
                self.call_function(code, scope, body, arg)
            }
            Value::Either(all) => {
                let all: Vec<_> = all
                    .iter()
                    .map(|one| self.call_file(packages, one.clone(), given.clone(), place))
                    .collect();
                Value::either(all)
            }
            Value::Conditional(inner) => self.call_file(packages, (**inner).clone(), given, place),
            _ => {
                self.visit(file.clone(), Giver::Below(*instance, above.clone()));
                self.visit(given, Giver::Below(*instance, above.clone()));
                Value::outside()
            }
        }
    }
}

/// Whether an argument with a default is a flag of the package, and no package.
fn is_flag(name: &str) -> bool {
    name.ends_with("Support")
        || name.starts_with("enable")
        || name.starts_with("with")
        || name.starts_with("use")
}
