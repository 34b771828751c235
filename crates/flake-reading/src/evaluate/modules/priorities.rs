//! Definitions that have no effect, because another one of their option is certain and stronger:
//! `mkDefault` beside a plain one, anything beside `mkForce`.
//!
//! Source: nixpkgs `lib/modules.nix`, `filterOverrides'`.

use std::rc::Rc;

use super::ClassId;
use crate::Span;
use crate::evaluate::collections::{FastMap, FastSet};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{FileId, Place};
use crate::evaluate::heap::State;
use crate::evaluate::settings::USUAL;
use crate::evaluate::value::{Code, Set, SetAttr, Thunk, Value};
use crate::syntax::{AttrValue, Expr, File, Name, Part};

/// The functions of the library that give a definition its priority.
const PRIORITIES: [&str; 6] = [
    "mkDefault",
    "mkForce",
    "mkImageMediaOverride",
    "mkOptionDefault",
    "mkOverride",
    "mkVMOverride",
];
/// Options of NixOS, nix-darwin and home-manager that are sets of modules: each element is a value with a
/// priority of its own, and so is the whole.
///
/// Source: nixpkgs `nixos/modules`, home-manager `modules`, 2026-11: `attrsOf (submodule …)`.
const ELEMENTS: [&str; 18] = [
    "containers",
    "environment.etc",
    "fileSystems",
    "home.file",
    "launchd.agents",
    "launchd.daemons",
    "launchd.user.agents",
    "security.wrappers",
    "services.nginx.virtualHosts",
    "specialisation",
    "systemd.paths",
    "systemd.services",
    "systemd.timers",
    "systemd.user.services",
    "users.groups",
    "users.users",
    "virtualisation.oci-containers.containers",
    "xdg.configFile",
];
/// The most names of an option whose definitions are compared.
const DEEPEST: usize = 6;
/// The most options whose definitions are compared.
const MOST: usize = 500;

/// Attributes that modules set to no effect. A value may be that of several attributes, and an
/// attribute may be evaluated several times, so both tell it.
pub(in crate::evaluate) type Overruled = Rc<FastSet<(Place, Thunk)>>;

/// Something that may have definitions with priorities of their own in it.
struct Open {
    path: Vec<Name>,
    thunk: Thunk,
    /// The priority around it.
    priority: i64,
}

impl Evaluator<'_> {
    /// The attributes set by modules of a class that have no effect.
    pub(in crate::evaluate) fn overruled(&mut self, class: ClassId) -> Overruled {
        if let Some(known) = self.class(class).and_then(|class| class.overruled.clone()) {
            return known;
        }
        let mut all = FastSet::default();
        for path in self.with_priorities(class) {
            self.weaker_at(class, &path, &mut all);
        }
        let all = Rc::new(all);
        if let Some(class) = self.class_mut(class) {
            class.overruled = Some(all.clone());
        }
        all
    }

    /// The paths of options that have a definition with a priority of its own. Only what is written
    /// with the name of such a function is evaluated.
    fn with_priorities(&mut self, class: ClassId) -> Vec<Vec<Name>> {
        let of = self.class(class).map(|class| class.modules.clone()).unwrap_or_default();
        let mut open = Vec::new();
        for config in of.iter().flat_map(|module| &module.configs) {
            self.open_priorities(&[], &config.set, config.priority, &mut open);
        }
        let mut found = FastSet::default();
        while let Some(Open { path, thunk, priority }) = open.pop() {
            if found.len() >= MOST || !self.budget.step() {
                break;
            }
            let value = self.force(thunk);
            for (value, priority, _) in self.discharged(value, priority, false) {
                match &value {
                    // Priorities around a set of options are those of each of them.
                    Value::Set(set) if priority == USUAL || !self.has_own_value(class, &path) => {
                        self.open_priorities(&path, set, priority, &mut open);
                    }
                    // A default that is no package matters to nobody, and most are not.
                    _ if priority < USUAL || priority > USUAL && !value.is_plain() => {
                        found.insert(path.clone());
                    }
                    _ => {}
                }
            }
        }
        found.into_iter().collect()
    }

    /// Adds the attributes of a set at a path that may have definitions with a priority of their
    /// own in them.
    fn open_priorities(&mut self, path: &[Name], set: &Set, priority: i64, open: &mut Vec<Open>) {
        // What is deeper keeps every definition.
        if path.len() >= DEEPEST {
            return;
        }
        for attr in &set.attrs {
            if priority != USUAL || self.may_have_priorities(attr.thunk) {
                let path = path.iter().chain([&attr.name]).cloned().collect();
                open.push(Open { path, thunk: attr.thunk, priority });
            }
        }
    }

    /// Whether a set at a path is the value of an option, or of one of its elements, and not just options
    /// below it.
    fn has_own_value(&mut self, class: ClassId, path: &[Name]) -> bool {
        let is_elements = |path: &[Name]| {
            ELEMENTS.iter().any(|of| of.split('.').eq(path.iter().map(|name| &**name)))
        };
        let above = path.split_last().map_or(path, |(_, above)| above);
        is_elements(path) || is_elements(above) || self.is_declared(class, path)
    }

    /// Adds the attributes at a path whose definitions are all weaker than another one.
    fn weaker_at(&mut self, class: ClassId, path: &[Name], all: &mut FastSet<(Place, Thunk)>) {
        let found = self.every_definition(class, path);
        // Where no option is known, a set holds options of its own: each of these has priorities,
        // and the set overrules nothing by itself.
        let is_declared = self.has_own_value(class, path);
        let is_whole = |value: &Value| {
            !value.is_unknown()
                && (is_declared || !matches!(value, Value::Set(_) | Value::Update(_)))
        };
        let certain = found.iter().filter(|d| !d.conditional && is_whole(&d.value));
        let Some(strongest) = certain.map(|defined| defined.priority).min() else { return };
        let mut by_attr: FastMap<(Place, Thunk), i64> = FastMap::default();
        for defined in &found {
            if let (Some(place), Some(thunk)) = (defined.place, defined.thunk) {
                let priority = by_attr.entry((place, thunk)).or_insert(defined.priority);
                *priority = defined.priority.min(*priority);
            }
        }
        all.extend(by_attr.into_iter().filter(|(_, p)| *p > strongest).map(|(attr, _)| attr));
    }

    /// Whether something that was not evaluated names a function for priorities, or is a set.
    fn may_have_priorities(&mut self, thunk: Thunk) -> bool {
        let code = match self.heap.state(thunk) {
            Some(State::Code(code, _)) => *code,
            Some(State::Done(value)) => {
                return matches!(value, Value::Set(_) | Value::Definition(_));
            }
            _ => return false,
        };
        if let Some(known) = self.loaded.has_priorities.get(&code) {
            return *known;
        }
        let has = self.names_priorities(code);
        self.loaded.has_priorities.insert(code, has);
        has
    }

    /// Whether code names a function for priorities.
    fn names_priorities(&mut self, code: Code) -> bool {
        let Some(file) = self.loaded.file(code.file).cloned() else { return false };
        let named = self.priorities_named(code.file, &file);
        if named.is_empty() {
            return false;
        }
        let mut open = vec![code.expr];
        while let Some(expr) = open.pop() {
            let span = file.span(expr);
            match file.expr(expr) {
                // The place of a set that has a name is that of the name.
                Expr::Set(set) => {
                    open.extend(set.attrs.iter().filter_map(|attr| match attr.value {
                        AttrValue::Expr(value) => Some(value),
                        _ => None,
                    }));
                    open.extend(set.dynamic.iter().map(|(_, value)| *value));
                }
                _ => {
                    let first = named.partition_point(|named| named.start < span.start);
                    if named.get(first).is_some_and(|named| named.end <= span.end) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Where a file names functions for priorities, in order; searched once.
    fn priorities_named(&mut self, id: FileId, file: &File) -> Rc<[Span]> {
        if let Some(known) = self.loaded.priorities_named.get(&id) {
            return known.clone();
        }
        let mut named: Vec<Span> = Vec::new();
        if !self.budget.weigh(file.len()) {
            let all = file.exprs_with_spans();
            named.extend(all.filter(|(expr, _)| is_priority(expr)).map(|(_, span)| span));
            named.sort_unstable_by_key(|span| span.start);
        }
        let named: Rc<[Span]> = named.into();
        self.loaded.priorities_named.insert(id, named.clone());
        named
    }
}

/// Whether an attribute has no effect.
pub(in crate::evaluate) fn is_among(overruled: &Overruled, attr: &SetAttr) -> bool {
    attr.place.is_some_and(|place| overruled.contains(&(place, attr.thunk)))
}

/// Whether an expression is the name of a function for priorities.
fn is_priority(expr: &Expr) -> bool {
    let name = match expr {
        Expr::Ident(name) => name,
        Expr::Select(_, path, _) => match path.last() {
            Some(Part::Text(name)) => name,
            _ => return false,
        },
        _ => return false,
    };
    PRIORITIES.contains(&&**name)
}
