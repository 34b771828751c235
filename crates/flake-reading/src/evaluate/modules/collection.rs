//! Collecting modules: their imports, and what they set as far as it is known by then.
//!
//! Source: nixpkgs `lib/modules.nix`, `collectStructuredModules`, `unifyModuleSyntax`.

use super::index::Index;
use super::{Class, ClassId, Config, Module, ModuleKind};
use crate::evaluate::collections::FastSet;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{MadeBy, Place};
use crate::evaluate::frameworks::{self, import_tree};
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Definition, Function, How, Segment, Thunk, Value};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// The most modules of one class.
const MOST_MODULES: usize = 5_000;

/// The module of NixOS that makes packages.
const PACKAGES_MODULE: &str = "/nixos/modules/misc/nixpkgs.nix";

impl Evaluator<'_> {
    /// Collects a module, or a list of them, and their imports.
    pub(in crate::evaluate) fn collect(&mut self, class: ClassId, module: &Value) {
        if let Some(class) = self.class_mut(class) {
            class.collecting += 1;
            // Values that were needed meanwhile were incomplete.
            class.found.clear();
            if class.collecting == 1 && class.roots.len() < MOST_MODULES {
                class.roots.push(module.clone());
            }
        }
        self.collect_all(class, module);
        self.collect_without_disabled(class);
        if let Some(class) = self.class_mut(class) {
            class.collecting -= 1;
            class.found.clear();
        }
    }

    /// Collects all modules once more without those that others disable, if there are any: what only
    /// a disabled module imports is none of them either.
    ///
    /// Source: nixpkgs `lib/modules.nix`, `filterModules`.
    fn collect_without_disabled(&mut self, class: ClassId) {
        let Some(of) = self.class_mut(class) else { return };
        let is_there = of.disabled.iter().any(|file| of.by_path.contains_key(file));
        if of.collecting > 1 || !is_there {
            return;
        }
        of.modules.clear();
        of.by_path.clear();
        of.by_code.clear();
        of.unread.clear();
        of.args_set.clear();
        of.args_if.clear();
        of.index = Index::default();
        for module in of.roots.clone() {
            self.collect_all(class, &module);
        }
    }

    fn collect_all(&mut self, class: ClassId, module: &Value) {
        // Imports are in a list, so that they do not nest; each with the flake that names it.
        let flake = self.class(class).map_or(FlakeId::new(0), |class| class.flake);
        let mut open: Vec<(Value, FlakeId, bool)> = vec![(module.clone(), flake, false)];
        // Lists of alternatives that are lists of alternatives again lead to one item by more ways
        // than can be counted.
        let mut seen: FastSet<(Thunk, FlakeId, bool)> = FastSet::default();
        while let Some((value, flake, conditional)) = open.pop() {
            if !self.budget.step() {
                return;
            }
            match &value {
                Value::Path(of, path) => {
                    let Some(path) = self.stands_for(*of, path) else {
                        self.leave_unread(class, value);
                        continue;
                    };
                    let key = (*of, path);
                    let is_left_out =
                        |of: &Class| of.by_path.contains_key(&key) || of.disabled.contains(&key);
                    if self.class(class).is_some_and(is_left_out) {
                        continue;
                    }
                    let at = self.new_module(class);
                    let inner = self.imported(key.0, &key.1);
                    if let Some(class) = self.class_mut(class) {
                        class.by_path.insert(key.clone(), at);
                    }
                    if inner.is_unknown() {
                        self.leave_unread(class, value);
                        continue;
                    }
                    self.read_module(class, at, &inner, (key.0, conditional), &mut open);
                }
                Value::AnyPath(any) => {
                    for path in self.candidates(any) {
                        open.push((Value::Path(any.flake, path), any.flake, true));
                    }
                }
                Value::List(list) => {
                    for item in list.items.iter().rev() {
                        if seen.insert((*item, flake, conditional)) {
                            let item = self.force(*item);
                            open.push((item, flake, conditional));
                        }
                    }
                }
                Value::Conditional(inner) => open.push(((**inner).clone(), flake, true)),
                Value::Either(all) => {
                    open.extend(all.iter().map(|one| (one.clone(), flake, true)));
                }
                Value::Further(all) => {
                    if all.are_more() {
                        self.leave_unread(class, value.clone());
                    }
                    open.extend(all.iter().map(|one| (one.clone(), flake, true)));
                }
                Value::Definition(definition) => match &**definition {
                    Definition::Merge(list) => {
                        let list = self.force(*list);
                        open.push((list, flake, conditional));
                    }
                    _ => {
                        let at = self.new_module(class);
                        self.read_module(class, at, &value, (flake, conditional), &mut open);
                    }
                },
                Value::Function(code, scope) => {
                    let id = (*code, *scope);
                    if self.class(class).is_some_and(|class| class.by_code.contains_key(&id)) {
                        continue;
                    }
                    let flake = self.recorder.flake_of(code.file);
                    let at = self.new_module(class);
                    if let Some(class) = self.class_mut(class) {
                        class.by_code.insert(id, at);
                    }
                    self.read_module(class, at, &value, (flake, conditional), &mut open);
                }
                Value::Set(_) | Value::Update(_) => {
                    let at = self.new_module(class);
                    self.read_module(class, at, &value, (flake, conditional), &mut open);
                }
                Value::Config(..) => match self.resolve(value.clone()) {
                    Value::Config(..) | Value::Unknown(_) => self.leave_unread(class, value),
                    value => open.push((value, flake, conditional)),
                },
                Value::Native(native) if native.function == Function::Alias => {
                    if let Some(module) = self.alias_module(class, &native.args.clone()) {
                        let at = self.new_module(class);
                        self.read_module(class, at, &module, (flake, conditional), &mut open);
                    }
                }
                Value::Native(_) => self.leave_unread(class, value),
                // A flake that itself is a module, as sources of modules are.
                Value::Flake(slot, _) => {
                    let source = self.source_of(*slot, None);
                    match source {
                        Value::Path(..) => open.push((source, flake, conditional)),
                        _ => self.leave_unread(class, value),
                    }
                }
                Value::Itself(of) => {
                    let of = *of;
                    let file = self.files(of).map(|files| files.flake().clone());
                    if let Some(folder) = file {
                        open.push((Value::Path(of, folder), of, conditional));
                    }
                }
                // What an unknown function makes of modules is examined as modules.
                Value::Woven(woven) if matches!(woven.how, How::Handed | How::Made) => {
                    if woven.how == How::Handed {
                        self.leave_unread(class, value.clone());
                    }
                    for thunk in woven.of.clone() {
                        if !seen.insert((thunk, flake, conditional)) {
                            continue;
                        }
                        let inner = self.force(thunk);
                        if !matches!(inner, Value::Unread(..) | Value::Flake(..) | Value::Inputs(_))
                            && !inner.is_plain()
                        {
                            open.push((inner, flake, conditional));
                        }
                    }
                }
                Value::Unread(slot, path, place) => {
                    let kind = self.class(class).map(|class| class.kind);
                    if matches!(
                        kind,
                        Some(ModuleKind::Parts | ModuleKind::PerSystem | ModuleKind::Other)
                    ) && let Some(more) = frameworks::wired(self, class, *slot, path, *place)
                    {
                        open.push((more, flake, conditional));
                        continue;
                    }
                    self.leave_unread(class, value);
                }
                Value::Source(base, path, place) if &**path == PACKAGES_MODULE => {
                    self.packages_by_options(class, *base, *place);
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
                _ => self.leave_unread(class, value),
            }
        }
    }

    /// NixOS's module for packages in `perSystem`: its options make the `pkgs` of the other modules.
    ///
    /// Source: nixpkgs `nixos/modules/misc/nixpkgs.nix`; flake-parts' manual, "Overlays".
    fn packages_by_options(&mut self, class: ClassId, base: Base, place: Option<Place>) {
        let Some(of) = self.class(class).filter(|of| of.kind == ModuleKind::PerSystem) else {
            return;
        };
        let system = of.system.clone();
        let place = place.or(of.place);
        let packages = self.system_instance(base, class, MadeBy::Nixos, place);
        if let Some(made) = self.recorder.reading.instances.get_mut(packages.index()) {
            made.system = system.as_ref().and_then(Segment::name).map(str::to_owned);
        }
        self.give_packages(class, packages);
    }

    /// Disables modules by their files. Those of nixpkgs, which are named by texts, are not read.
    fn disable(&mut self, class: ClassId, files: Thunk) {
        let files = self.force_known(files);
        let mut items = Vec::new();
        self.items_into(&files, &mut items);
        for item in items {
            if let Value::Path(flake, path) = self.force_known(item)
                && let Some(file) = self.stands_for(flake, &path)
                && let Some(class) = self.class_mut(class)
            {
                class.disabled.insert((flake, file));
            }
        }
    }

    /// Records a module whose code is not read.
    fn leave_unread(&mut self, class: ClassId, module: Value) {
        let is_users = match &module {
            Value::Unread(slot, ..) => self.world.target(*slot).is_some_and(|target| {
                self.world.kind(target) != crate::evaluate::world::FlakeKind::Flake
                    || self.world.reference(target).is_some_and(|reference| {
                        reference.is_known || frameworks::is_known(reference.repository.as_deref())
                    })
            }),
            Value::Source(base, ..) => *base != Base::Foreign,
            _ => false,
        };
        if !is_users
            && let Some(class) = self.class_mut(class)
            && class.unread.len() < 100
        {
            class.unread.push(module);
        }
    }

    fn new_module(&mut self, class: ClassId) -> usize {
        let mut cut_short = false;
        let at = self.class_mut(class).map_or(0, |class| {
            if class.modules.len() < MOST_MODULES {
                class.modules.push(Module::default());
            } else {
                cut_short = true;
            }
            class.modules.len() - 1
        });
        self.budget.within(!cut_short);
        at
    }

    /// Reads a module: its imports and what it sets.
    fn read_module(
        &mut self,
        class: ClassId,
        at: usize,
        given: &Value,
        (flake, conditional): (FlakeId, bool),
        open: &mut Vec<(Value, FlakeId, bool)>,
    ) {
        let mut value = given.clone();
        // A module may be a function that returns a function, if it is partially applied.
        for _ in 0..3 {
            value = match &value {
                Value::Function(code, scope) => self.call_module(class, *code, *scope),
                // So is a set that can be called (nixpkgs `lib/modules.nix`, `applyModuleArgsIfFunction`).
                Value::Set(set) => {
                    let Some(functor) = set.get("__functor") else { break };
                    let functor = self.force(functor.thunk);
                    self.apply_to(&functor, value.clone(), None)
                }
                Value::Native(native) if matches!(native.function, Function::Tree(..)) => {
                    let arguments = import_tree::module_arguments(self);
                    self.apply_to(&value, arguments, None)
                }
                _ => break,
            };
        }
        let (parts, others) = self.configs(&value, conditional);
        if parts.is_empty() {
            match value {
                Value::Unknown(_) => self.leave_unread(class, given.clone()),
                Value::Definition(_) | Value::Set(_) => {}
                // Modules that are updated and none of which is read here, each of which is no
                // union again.
                Value::Update(_) => {
                    open.extend(others.into_iter().map(|one| (one, flake, conditional)));
                }
                value => open.push((value, flake, conditional)),
            }
            return;
        }
        let mut configs = Vec::new();
        let mut all_options = Vec::new();
        let mut unread = others;
        for part in parts {
            let set = part.set.clone();
            for name in ["imports", "require"] {
                if let Some(imports) = set.get(name) {
                    let imports = self.force(imports.thunk);
                    let conditional = part.conditional || !part.conditions.is_empty();
                    open.push((imports, flake, conditional));
                }
            }
            if let Some(disabled) = set.get("disabledModules").filter(|_| is_certain(&part)) {
                self.disable(class, disabled.thunk);
            }
            if set.get("config").is_some() || set.get("options").is_some() {
                if let Some(config) = set.get("config") {
                    let config = self.force(config.thunk);
                    let (more, others) = self.configs(&config, part.conditional);
                    configs.extend(more);
                    unread.extend(others);
                }
                if let Some(options) = set.get("options") {
                    let mut sets = Vec::new();
                    let options = self.force_known(options.thunk);
                    sets_of(&options, &mut sets);
                    all_options.extend(sets);
                }
            } else {
                configs.push(part);
            }
        }
        for value in unread {
            self.leave_unread(class, value);
        }
        for config in &configs {
            if let Some(module) = config.set.get("_module") {
                let module = self.force(module.thunk);
                let args = self.member(&module, &Name::from("args"), None);
                self.module_arguments(class, &args, &config.conditions);
            }
        }
        let module = self.class_mut(class).and_then(|class| class.modules.get_mut(at));
        if let Some(module) = module {
            module.configs.extend(configs);
            module.options.extend(all_options);
        }
    }
}

/// Whether what a module sets is set without any condition.
fn is_certain(part: &Config) -> bool {
    !part.conditional && part.conditions.is_empty()
}
