//! Which modules of a class set and declare what, by the names that are known without evaluating
//! anything. A configuration has hundreds of modules that all set or declare something under the
//! name of its owner: without an index each option would be looked for in all of them.

use crate::evaluate::collections::FastMap;
use crate::evaluate::heap::State;
use crate::evaluate::memo::Memory;
use crate::evaluate::value::{Code, Thunk, Value};
use crate::syntax::{AttrValue, Expr, Name};

use super::{Config, Module};

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
    /// The same by their next names, once they were looked for among many.
    split: Option<Box<Split>>,
}

#[derive(Default)]
struct Split {
    /// How many of all.
    count: usize,
    below: FastMap<Name, Under>,
    /// Those whose names are not known; they may be once they were evaluated.
    whole: Vec<Entry>,
}

/// One of several, and its value under the name.
#[derive(Clone, Copy)]
struct Entry {
    id: u32,
    value: Part,
}

/// A value, which may not have been evaluated.
#[derive(Clone, Copy)]
enum Part {
    Thunk(Thunk),
    Code(Code),
    Unknown,
}

impl Index {
    /// The sets that may have something at a path, in the order of the modules, and the cost in
    /// items of a list.
    pub(super) fn set_at(
        &mut self,
        modules: &[Module],
        of: Memory<'_>,
        path: &[Name],
    ) -> (Vec<ConfigId>, usize) {
        let Some(first) = path.first() else { return (Vec::new(), 0) };
        if modules.len() <= FEW {
            let configs = modules.iter().enumerate().flat_map(configs_of);
            let has = configs.filter(|(_, config)| config.set.get(first).is_some());
            return (has.map(|(id, _)| id).collect(), modules.len());
        }
        self.update(modules);
        let (mut ids, cost) = found(&mut self.set, of, path);
        ids.extend(&self.large);
        ids.sort_unstable();
        let configs = ids.into_iter().filter_map(|id| self.configs.get(id as usize).copied());
        (configs.collect(), cost + 4 * self.large.len())
    }

    /// What is declared under the first name of a path by modules that may declare something at it
    /// or above, and the cost in items of a list.
    pub(super) fn declared_at(
        &mut self,
        modules: &[Module],
        of: Memory<'_>,
        path: &[Name],
    ) -> (Vec<Thunk>, usize) {
        let Some(first) = path.first() else { return (Vec::new(), 0) };
        if modules.len() <= FEW {
            let options = modules.iter().flat_map(|module| &module.options);
            let thunks = options.filter_map(|set| Some(set.get(first)?.thunk));
            return (thunks.collect(), modules.len());
        }
        self.update(modules);
        let (ids, cost) = found(&mut self.declared, of, path);
        let thunks = ids.into_iter().filter_map(|id| self.declarations.get(id as usize).copied());
        (thunks.collect(), cost)
    }

    /// Adds modules that were collected since.
    fn update(&mut self, modules: &[Module]) {
        let from = self.modules;
        self.modules = modules.len();
        for module in modules.iter().enumerate().skip(from) {
            for (config_id, config) in configs_of(module) {
                let id = next(&self.configs);
                self.configs.push(config_id);
                if config.set.attrs.len() > LARGE {
                    self.large.push(id);
                    continue;
                }
                for attr in &config.set.attrs {
                    let entry = Entry { id, value: Part::Thunk(attr.thunk) };
                    self.set.entry(attr.name.clone()).or_default().all.push(entry);
                }
            }
            for attr in module.1.options.iter().flat_map(|set| &set.attrs) {
                let id = next(&self.declarations);
                self.declarations.push(attr.thunk);
                let entry = Entry { id, value: Part::Thunk(attr.thunk) };
                self.declared.entry(attr.name.clone()).or_default().all.push(entry);
            }
        }
    }
}

/// What a module sets, with its place among the modules.
fn configs_of((at, module): (usize, &Module)) -> impl Iterator<Item = (ConfigId, &Config)> {
    let module_at = u32::try_from(at).unwrap_or(u32::MAX);
    module
        .configs
        .iter()
        .zip(0..)
        .map(move |(config, index)| (ConfigId { module: module_at, config: index }, config))
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
        let split = at.split.get_or_insert_default();
        cost += split.update(of, &at.all);
        ids.extend(split.whole.iter().map(|entry| entry.id));
        under = split.below.get_mut(name);
    }
    ids.sort_unstable();
    (ids, cost)
}

impl Split {
    /// Sorts what was added by its next name; returns the cost.
    fn update(&mut self, of: Memory<'_>, all: &[Entry]) -> usize {
        /// What a name takes in memory, in items of a list.
        const WEIGHT: usize = 8;
        let mut cost = self.whole.len();
        let before = std::mem::take(&mut self.whole);
        let added = all.get(self.count..).unwrap_or_default();
        for entry in before.into_iter().chain(added.iter().copied()) {
            let Some(parts) = parts(of, &entry.value) else {
                self.whole.push(entry);
                continue;
            };
            cost += WEIGHT * (parts.len() + 1);
            for (name, value) in parts {
                self.below.entry(name).or_default().all.push(Entry { id: entry.id, value });
            }
        }
        self.count = all.len();
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
