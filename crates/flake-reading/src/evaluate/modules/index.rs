//! Which modules of a class set and declare what, by the names that are known without evaluating
//! anything. A configuration has hundreds of modules that all set or declare something under the
//! name of its owner: without an index each option would be looked for in all of them.

use crate::evaluate::collections::FastMap;
use crate::evaluate::heap::State;
use crate::evaluate::memo::Memory;
use crate::evaluate::value::{Code, Thunk, Value};
use crate::syntax::{AttrValue, Expr, Name};

use super::Module;

/// A set of more names is not in the index: few modules are so large, and what is no module but was
/// passed to unread code may have thousands.
const LARGE: usize = 64;
/// So many are looked at one by one.
const FEW: usize = 8;

/// The index of a class.
#[derive(Default)]
pub(super) struct Index {
    /// How many modules are in it.
    modules: usize,
    configs: Vec<ConfigId>,
    set: FastMap<Name, Under>,
    /// Those of so many names that each is searched when a name is needed.
    large: Vec<u32>,
    declarations: Vec<Thunk>,
    declared: FastMap<Name, Under>,
}

/// A set of definitions: its module in the class, and its index in the module.
#[derive(Clone, Copy)]
pub(super) struct ConfigId {
    pub(super) module: u32,
    pub(super) config: u32,
}

/// What there is under a name.
#[derive(Default)]
struct Under {
    all: Vec<Entry>,
    /// How many of them are below or `whole`.
    split: usize,
    below: FastMap<Name, Under>,
    /// Those whose names are not known.
    whole: Vec<u32>,
}

/// One of several, and its value under the name.
struct Entry {
    id: u32,
    value: Part,
}

/// A value, which may not have been evaluated.
enum Part {
    Thunk(Thunk),
    Code(Code),
    Unknown,
}

impl Index {
    /// Adds modules that were collected since.
    pub(super) fn update(&mut self, modules: &[Module]) {
        let from = self.modules;
        self.modules = modules.len();
        for (at, module) in (from..).zip(modules.get(from..).unwrap_or_default()) {
            for (index, config) in module.configs.iter().enumerate() {
                let (Ok(module), Ok(index)) = (u32::try_from(at), u32::try_from(index)) else {
                    continue;
                };
                let id = next(&self.configs);
                self.configs.push(ConfigId { module, config: index });
                if config.set.attrs.len() > LARGE {
                    self.large.push(id);
                    continue;
                }
                for attr in &config.set.attrs {
                    let entry = Entry { id, value: Part::Thunk(attr.thunk) };
                    self.set.entry(attr.name.clone()).or_default().all.push(entry);
                }
            }
            for attr in module.options.iter().flat_map(|set| &set.attrs) {
                let id = next(&self.declarations);
                self.declarations.push(attr.thunk);
                let entry = Entry { id, value: Part::Thunk(attr.thunk) };
                self.declared.entry(attr.name.clone()).or_default().all.push(entry);
            }
        }
    }

    /// The sets that may have something at a path, in the order of the modules, and the cost in
    /// items of a list.
    pub(super) fn set_at(&mut self, of: Memory<'_>, path: &[Name]) -> (Vec<ConfigId>, usize) {
        let (mut ids, cost) = found(&mut self.set, of, path);
        ids.extend(&self.large);
        ids.sort_unstable();
        let configs = ids.into_iter().filter_map(|id| self.configs.get(id as usize).copied());
        (configs.collect(), cost + 4 * self.large.len())
    }

    /// What is declared under the first name of a path by modules that may declare something at it
    /// or above, and the cost in items of a list.
    pub(super) fn declared_at(&mut self, of: Memory<'_>, path: &[Name]) -> (Vec<Thunk>, usize) {
        let (ids, cost) = found(&mut self.declared, of, path);
        let thunks = ids.into_iter().filter_map(|id| self.declarations.get(id as usize).copied());
        (thunks.collect(), cost)
    }

    /// The first names of the options that are declared.
    pub(super) fn declared_names(&self) -> impl Iterator<Item = &Name> {
        self.declared.keys()
    }
}

fn next<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// Those that may have something at a path, sorted, and the cost.
fn found(top: &mut FastMap<Name, Under>, of: Memory<'_>, path: &[Name]) -> (Vec<u32>, usize) {
    let (mut ids, mut cost) = (Vec::new(), 0);
    let mut names = path.iter();
    let mut under = names.next().and_then(|first| top.get_mut(first));
    while let Some(at) = under {
        let name = names.next().filter(|_| at.all.len() > FEW);
        let Some(name) = name else {
            ids.extend(at.all.iter().map(|entry| entry.id));
            break;
        };
        cost += at.split(of);
        ids.extend(&at.whole);
        under = at.below.get_mut(name);
    }
    ids.sort_unstable();
    (ids, cost)
}

impl Under {
    /// Sorts what was added by its next name; returns the cost.
    fn split(&mut self, of: Memory<'_>) -> usize {
        /// What a name takes in memory, in items of a list.
        const WEIGHT: usize = 8;
        let mut cost = 0;
        for Entry { id, value } in self.all.get(self.split..).unwrap_or_default() {
            let Some(parts) = parts(of, value) else {
                self.whole.push(*id);
                continue;
            };
            cost += WEIGHT * (parts.len() + 1);
            for (name, value) in parts {
                self.below.entry(name).or_default().all.push(Entry { id: *id, value });
            }
        }
        self.split = self.all.len();
        cost
    }
}

/// The attributes of a set, if it is certain without evaluation that these are all.
fn parts(of: Memory<'_>, value: &Part) -> Option<Vec<(Name, Part)>> {
    let mut code = match value {
        Part::Unknown => return None,
        Part::Code(code) => *code,
        Part::Thunk(thunk) => match of.heap.state(*thunk)? {
            State::Done(Value::Set(set)) => {
                let is_whole = !set.open && set.rest.is_none() && set.attrs.len() <= LARGE;
                let is_plain = is_whole && set.get(TYPE).is_none();
                let parts =
                    set.attrs.iter().map(|attr| (attr.name.clone(), Part::Thunk(attr.thunk)));
                return is_plain.then(|| parts.collect());
            }
            State::Code(code, _) => *code,
            _ => return None,
        },
    };
    let file = of.loaded.look_at(code)?;
    for _ in 0..8 {
        match file.expr(code.expr) {
            Expr::Set(set) if set.dynamic.is_empty() && set.attrs.len() <= LARGE => {
                let is_plain = set.attrs.iter().all(|attr| &*attr.name != TYPE);
                let parts = set.attrs.iter().map(|attr| {
                    let value = match attr.value {
                        AttrValue::Expr(expr) => Part::Code(Code { file: code.file, expr }),
                        AttrValue::Inherited | AttrValue::InheritedFrom(_) => Part::Unknown,
                    };
                    (attr.name.clone(), value)
                });
                return is_plain.then(|| parts.collect());
            }
            Expr::Let(_, body) | Expr::With(_, body) => code.expr = *body,
            _ => return None,
        }
    }
    None
}

/// The name by which functions of nixpkgs mark sets that mean something else: options, `mkIf`.
const TYPE: &str = "_type";
