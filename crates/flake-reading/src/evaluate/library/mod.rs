//! Functions of nixpkgs' library and builtins, as far as they matter.
//!
//! `names.rs` has a table of them; methods implement them, with a file for each kind of thing that
//! functions are about. A function that is not in the table is unknown: its result may be anything
//! made of its arguments.

mod attributes;
mod closures;
mod conditions;
mod data;
mod files;
mod filesets;
mod fixed;
mod folds;
mod lists;
mod modules;
mod names;
mod nested;
mod numbers;
mod order;
mod overridable;
mod picked;
mod sets;
mod texts;
mod versions;

pub(super) use conditions::is_something;

use super::evaluator::Evaluator;
use super::facts::Place;
use super::value::{How, Names, Thunk, Value};
use super::world::FlakeInput;
use crate::syntax::Name;
use names::Does;

/// The sets of functions in the library.
const SETS: [&str; 24] = [
    "attrsets",
    "lists",
    "strings",
    "modules",
    "systems",
    "types",
    "filesystem",
    "platforms",
    "trivial",
    "options",
    "licenses",
    "maintainers",
    "generators",
    "customisation",
    "fixedPoints",
    "debug",
    "meta",
    "versions",
    "asserts",
    "sources",
    "fileset",
    "path",
    "gvariant",
    "derivations",
];

/// Whether there is a library function of this name.
pub(super) fn is_known(name: &str) -> bool {
    names::find("", name).is_some()
}

/// Whether a set in the library, or the library itself, has a function of this name.
pub(super) fn is_known_in(path: &Names, name: &str) -> bool {
    names::find(path.last().map_or("", |set| set), name).is_some()
}

/// Whether a function has this name that modules are written with, and that means the same wherever
/// it comes from: `mkIf`, `mkOption`, `optionals`.
pub(super) fn is_for_modules(name: &str) -> bool {
    (name.starts_with("mk") || name.starts_with("optional"))
        && names::find("", name).is_some_and(|known| {
            matches!(known.does, Does::Definition | Does::Module | Does::OnCondition)
        })
}

/// The name by which a function is known, with its set's name if another set has a function of the
/// same name.
pub(super) fn name_at(path: &Names) -> Option<Name> {
    let name = path.last()?;
    let set = path.iter().rev().nth(1).map_or("", |set| set);
    Some(if names::is_of_set(set, name) { format!("{set}.{name}").into() } else { name.clone() })
}

/// The set of a function, and its name there.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or(("", name))
}

/// Whether this is the name of a set of functions in the library.
pub(super) fn is_set(name: &str) -> bool {
    SETS.contains(&name)
}

pub(super) fn arity(name: &str) -> usize {
    let (set, name) = parts(name);
    names::find_called(set, name).map_or(1, |known| known.arity)
}

/// The most elements of lists and sets that a function is mapped over.
const MOST: usize = 5_000;

/// The arguments of a function. Missing ones are unknown.
struct Args {
    thunks: std::vec::IntoIter<Thunk>,
    place: Option<Place>,
}

impl Args {
    /// The next argument, not computed yet.
    fn thunk(&mut self, evaluator: &mut Evaluator<'_>) -> Thunk {
        self.thunks.next().unwrap_or_else(|| evaluator.done(Value::outside()))
    }

    /// The value of the next argument, with options replaced by their values.
    fn next(&mut self, evaluator: &mut Evaluator<'_>) -> Value {
        let thunk = self.thunk(evaluator);
        evaluator.force_known(thunk)
    }

    /// The value of the argument after the next.
    fn second(&mut self, evaluator: &mut Evaluator<'_>) -> Value {
        self.thunks.next();
        let thunk = self.thunk(evaluator);
        evaluator.force(thunk)
    }

    fn third(&mut self, evaluator: &mut Evaluator<'_>) -> Value {
        self.thunks.next();
        self.second(evaluator)
    }
}

impl Evaluator<'_> {
    /// The first items, up to the limit for mapping; more items count as too expensive.
    fn first<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        self.budget.within(items.len() <= MOST);
        items.truncate(MOST);
        items
    }

    /// A call with all arguments.
    pub(super) fn library(
        &mut self,
        slot: Option<FlakeInput>,
        name: &Name,
        args: Vec<Thunk>,
        place: Option<Place>,
    ) -> Value {
        let (set, plain) = parts(name);
        let Some(known) = names::find_called(set, plain) else {
            let function = Value::Library(slot, [name.clone()].into());
            return self.hand_all(&function, &args, place);
        };
        if known.does == Does::HandsOn {
            return Value::woven(How::Made, args, place);
        }
        let args = &mut Args { thunks: args.into_iter(), place };
        match known.does {
            Does::File => self.file_function(plain, args),
            Does::Data => self.data_function(plain, args),
            Does::Fileset => self.fileset_function(plain, args),
            Does::List => self.list_function(plain, args),
            Does::Attribute => self.attribute_function(plain, args),
            Does::Set => self.set_function(plain, args),
            Does::Fixed => self.fixed_point(slot, plain, args),
            Does::Text => self.text_function(plain, args),
            Does::Test => self.test_function(plain, args),
            Does::Version => self.version_function(plain, args),
            Does::Definition => self.definition_function(plain, args),
            Does::OnCondition => self.on_condition(plain, args),
            Does::Module => match plain {
                "mkAliasOptionModule"
                | "mkAliasOptionModuleMD"
                | "mkRenamedOptionModule"
                | "mkChangedOptionModule" => {
                    let paths = args.thunks.by_ref().collect();
                    Value::native(super::value::Function::Alias, paths)
                }
                "mkRenamedOptionModuleWith" => {
                    let arg = args.thunk(self);
                    let paths = ["from", "to"].map(|name| self.member_thunk(arg, name));
                    Value::native(super::value::Function::Alias, paths.into())
                }
                "mkTransposedPerSystemModule" => {
                    let arg = args.next(self);
                    self.transposing_module(&arg)
                }
                _ => Value::no_attrs(),
            },
            Does::Gives(at) => {
                let given = args.thunks.nth(at);
                given.map_or_else(Value::outside, |given| self.force(given))
            }
            Does::Condition => Value::condition(),
            Does::Number => Value::Number(self.number_function(plain, args)),
            Does::Own => self.function_of_its_own(slot, plain, args),
            Does::HandsOn => Value::outside(),
        }
    }

    /// Functions that belong to no kind.
    fn function_of_its_own(
        &mut self,
        slot: Option<FlakeInput>,
        name: &str,
        args: &mut Args,
    ) -> Value {
        let place = args.place;
        match name {
            "import" => {
                let what = args.next(self);
                self.import(&what, place)
            }
            "scopedImport" => {
                let what = args.second(self);
                self.import(&what, place)
            }
            "fetchTarball" | "fetchGit" | "fetchTree" | "fetchMercurial" | "getFlake" => {
                let given = args.thunk(self);
                let what = self.force_known(given);
                match self.may_be_nixpkgs(&what) {
                    true => Value::Source(super::value::Base::Other, "".into(), place),
                    // It is not a source, but what the source contains.
                    false if name == "getFlake" => Value::woven(How::Handed, vec![given], place),
                    false => Value::Source(super::value::Base::Foreign, "".into(), place),
                }
            }
            "nixosSystem" => {
                let base = slot.map_or(super::value::Base::Other, super::value::Base::Input);
                let arg = args.thunk(self);
                self.nixos_of(base, arg, place)
            }
            "nixosTest" | "runTest" | "evalModules" => {
                let arg = args.next(self);
                self.modules_of_others(slot, &arg, place)
            }
            "toFunction" => {
                let value = args.next(self);
                match value {
                    function @ (Value::Function(..) | Value::Native(_) | Value::Library(..)) => {
                        function
                    }
                    value => self.constant(value),
                }
            }
            "tryEval" => {
                let value = args.thunk(self);
                let success = match self.force_known(value) {
                    Value::Unknown(super::value::Why::Never) => Value::Bool(false),
                    // Packages of nixpkgs may be broken, or names of others that are gone.
                    Value::Derivation(_)
                    | Value::Set(_)
                    | Value::List(_)
                    | Value::Text(_)
                    | Value::Bool(_)
                    | Value::Number(Some(_))
                    | Value::Null => Value::Bool(true),
                    _ => Value::condition(),
                };
                let success = self.done(success);
                let attrs = [("success", success), ("value", value)];
                let attrs = attrs.map(|(name, thunk)| super::value::attr(name, thunk));
                Value::set(attrs.into(), None, false)
            }
            "flip" => {
                let function = args.next(self);
                let (b, a) = (args.thunk(self), args.thunk(self));
                self.apply_both(&function, a, b, place)
            }
            "makeOverridable" => {
                let (function, arg) = (args.thunk(self), args.thunk(self));
                self.overridable(function, arg, place)
            }
            "defaultTo" => {
                let default = args.next(self);
                match args.next(self) {
                    Value::Null => default,
                    value => value,
                }
            }
            "converge" => {
                let function = args.next(self);
                let start = args.thunk(self);
                self.apply(&function, start, place)
            }
            "overrideDerivation" => {
                let (made, given) = (args.thunk(self), args.thunk(self));
                Value::woven(How::Handed, vec![made, given], place)
            }
            "functionArgs" => {
                let function = args.next(self);
                match function {
                    Value::Function(code, _) => {
                        let formals = self.formals(code).unwrap_or_default();
                        let attrs = formals.into_iter().map(|(name, has_default)| {
                            let thunk = self.done(Value::Bool(has_default));
                            super::value::attr(name, thunk)
                        });
                        let attrs = attrs.collect();
                        Value::set(attrs, None, false)
                    }
                    _ => Value::condition(),
                }
            }
            "genericClosure" => self.closure(args),
            "throw" | "abort" => Value::Unknown(super::value::Why::Never),
            "derivation" | "derivationStrict" => {
                let given = vec![args.thunk(self)];
                Value::woven(How::Derivation, given, place)
            }
            // `types.attrsWith { elemType }`, `types.loaOf type`
            "attrsWith" | "loaOf" => {
                let arg = args.thunk(self);
                let kind = match name {
                    "attrsWith" => self.member_thunk(arg, "elemType"),
                    _ => arg,
                };
                self.option_function("attrsOf", kind)
            }
            // An overlay with any arguments.
            "toExtension" => match args.next(self) {
                set @ Value::Set(_) => {
                    let inner = self.constant(set);
                    self.constant(inner)
                }
                overlay => overlay,
            },
            // The result is made by the function that it extends.
            "extendMkDerivation" => {
                let arg = args.next(self);
                self.member(&arg, &Name::from("constructDrv"), place)
            }
            "makeScopeWithSplicing'" => {
                let (sets, arg) = (args.thunk(self), args.thunk(self));
                let new_scope = self.member_thunk(sets, "newScope");
                let function = self.member_thunk(arg, "f");
                self.scope(new_scope, function)
            }
            // `traceFnSeqN depth name function value`
            "traceFnSeqN" => {
                let function = args.third(self);
                let value = args.thunk(self);
                self.apply(&function, value, place)
            }
            _ => Value::outside(),
        }
    }

    /// A function that returns a value whatever its arguments are.
    fn constant(&mut self, value: Value) -> Value {
        let value = self.done(value);
        let function = super::value::Function::Library(None, "const".into());
        Value::native(function, vec![value])
    }
}
