//! Collecting modules: what they import, and what they set as far as it is known by then.
//!
//! Source: nixpkgs `lib/modules.nix`, `collectStructuredModules`, `unifyModuleSyntax`.

use std::rc::Rc;

use super::{ClassKey, Module, ModuleKind};
use crate::source::evaluate::facts::Place;
use crate::source::evaluate::framework::output_sets;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::select::nowhere;
use crate::source::evaluate::value::{Set, Value};
use crate::source::evaluate::visit::Giver;
use crate::source::syntax::Name;

/// Modules of one class.
const MOST_MODULES: usize = 5_000;

impl Machine<'_> {
    /// Collects a module and what it imports.
    pub(in crate::source::evaluate) fn collect(
        &mut self,
        key: ClassKey,
        module: &Value,
        found: &mut Vec<usize>,
    ) {
        self.class(key).collecting += 1;
        self.collect_all(key, module, found);
        self.class(key).collecting -= 1;
    }

    fn collect_all(&mut self, key: ClassKey, module: &Value, found: &mut Vec<usize>) {
        // Imports are followed by a list, not by nesting: `(module, index of who imports it)`.
        let mut open: Vec<(Value, Option<usize>)> = vec![(module.clone(), None)];
        while let Some((value, importer)) = open.pop() {
            if !self.step() {
                return;
            }
            let known = match &value {
                Value::Path(path) => match self.stands_for(path) {
                    Some(path) => match self.class(key).by_path.get(&path).copied() {
                        Some(at) => Some(at),
                        None => {
                            let at = self.new_module(key);
                            self.class(key).by_path.insert(path.clone(), at);
                            let value = self.imported(&path);
                            self.read_module(key, at, &value, &mut open);
                            Some(at)
                        }
                    },
                    None => None,
                },
                Value::AnyPath(any) => {
                    for path in self.candidates(any) {
                        open.push((Value::Path(path), importer));
                    }
                    None
                }
                Value::List(list) => {
                    for item in list.items.clone() {
                        let item = self.force(item);
                        open.push((item, importer));
                    }
                    None
                }
                Value::Conditional(inner) => {
                    open.push(((**inner).clone(), importer));
                    None
                }
                Value::Either(all) => {
                    open.extend(all.iter().map(|one| (one.clone(), importer)));
                    None
                }
                Value::Function(code, scope) => {
                    let id = (*code, *scope);
                    match self.class(key).by_code.get(&id).copied() {
                        Some(at) => Some(at),
                        None => {
                            let at = self.new_module(key);
                            self.class(key).by_code.insert(id, at);
                            self.read_module(key, at, &value, &mut open);
                            Some(at)
                        }
                    }
                }
                Value::Set(_) | Value::Update(_) => {
                    let at = self.new_module(key);
                    self.read_module(key, at, &value, &mut open);
                    Some(at)
                }
                Value::Config(..) => {
                    let value = self.resolve(value.clone());
                    if !matches!(value, Value::Config(..) | Value::Unknown(_)) {
                        open.push((value, importer));
                    }
                    None
                }
                Value::Input(input, ..)
                    if key.0 == ModuleKind::Parts && self.loads_by_itself(*input) =>
                {
                    self.visit(value.clone(), Giver::Nobody);
                    self.nixos_unified(at_place(&value));
                    None
                }
                // `inputs.x.nixosModules.y`: taken, not read here.
                other => {
                    self.visit(other.clone(), Giver::Nobody);
                    None
                }
            };
            match (known, importer) {
                (Some(at), None) => found.push(at),
                (Some(at), Some(importer)) => {
                    if let Some(module) = self.class(key).modules.get_mut(importer) {
                        module.imports.push(at);
                    }
                }
                (None, _) => {}
            }
        }
    }

    fn new_module(&mut self, key: ClassKey) -> usize {
        let class = self.class(key);
        if class.modules.len() < MOST_MODULES {
            class.modules.push(Module::default());
            return class.modules.len() - 1;
        }
        let last = class.modules.len() - 1;
        self.facts.cut_short = true;
        last
    }

    /// Reads what a module is: its imports and what it sets.
    fn read_module(
        &mut self,
        key: ClassKey,
        at: usize,
        value: &Value,
        open: &mut Vec<(Value, Option<usize>)>,
    ) {
        let mut value = value.clone();
        // A module may be a function that gives a function, where it is applied half.
        for _ in 0..3 {
            let Value::Function(code, scope) = value else { break };
            value = self.call_module(key, code, scope);
        }
        if let Value::Path(_) | Value::List(_) | Value::Function(..) | Value::Input(..) = value {
            open.push((value, Some(at)));
            return;
        }
        let mut sets = Vec::new();
        output_sets(&value, &mut sets);
        // `{ config, … }: lib.mkIf … { … }`
        let conditional = matches!(value, Value::Conditional(_) | Value::Either(_));
        if let Value::Unknown(_) | Value::Partial(_) = value {
            self.visit(value, Giver::Module(key.0, key.1));
        }
        let mut configs = Vec::new();
        let mut all_options = Vec::new();
        for set in sets {
            for name in ["imports", "require"] {
                if let Some(imports) = set.get(name) {
                    let imports = self.force(imports.thunk);
                    open.push((imports, Some(at)));
                }
            }
            if set.get("config").is_some() || set.get("options").is_some() {
                if let Some(config) = set.get("config") {
                    let config = self.force(config.thunk);
                    self.config_parts(&config, conditional, &mut configs);
                }
                if let Some(options) = set.get("options") {
                    if let Value::Set(declared) = self.force(options.thunk) {
                        all_options.push(declared);
                    }
                    self.visit_thunk(options.thunk, Giver::Module(key.0, key.1));
                }
            } else {
                configs.push((set.clone(), conditional));
            }
        }
        for (set, _) in &configs {
            if let Some(module) = set.get("_module") {
                let module = self.force(module.thunk);
                let args = self.member(&module, &Name::from("args"), None);
                self.module_arguments(key, &args);
            }
        }
        if let Some(module) = self.class(key).modules.get_mut(at) {
            module.configs.extend(configs);
            module.options.extend(all_options);
        }
    }

    /// The sets that a `config` is made of, through `mkIf` and `mkMerge`.
    pub(in crate::source::evaluate) fn config_parts(
        &mut self,
        value: &Value,
        conditional: bool,
        parts: &mut Vec<(Rc<Set>, bool)>,
    ) {
        if parts.len() > 1_000 {
            return;
        }
        match value {
            Value::Set(set) => parts.push((set.clone(), conditional)),
            Value::Conditional(inner) => self.config_parts(inner, true, parts),
            Value::Config(..) => match self.resolve(value.clone()) {
                Value::Config(..) => {}
                value => self.config_parts(&value, conditional, parts),
            },
            Value::Either(all) => {
                for one in all.iter() {
                    self.config_parts(one, true, parts);
                }
            }
            Value::Update(both) => {
                self.config_parts(&both.0, conditional, parts);
                self.config_parts(&both.1, conditional, parts);
            }
            Value::List(list) => {
                for item in list.items.clone() {
                    let item = self.force(item);
                    self.config_parts(&item, conditional, parts);
                }
            }
            _ => {}
        }
    }
}

/// Where a value was named.
fn at_place(value: &Value) -> Place {
    match value {
        Value::Input(_, _, place) => *place,
        _ => nowhere(),
    }
}
