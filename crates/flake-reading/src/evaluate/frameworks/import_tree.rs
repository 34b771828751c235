//! import-tree: a module that imports all files of a folder.
//!
//! `import-tree` is a loader, and so is what its functions return (`import-tree.filter predicate`):
//! each is told something more, and loads what it is called with.

use std::rc::Rc;

use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::value::{Function, Loader, LoaderMakes, LoaderTest, Thunk, Value, attr};
use crate::evaluate::world::FlakeId;
use crate::{PathKind, TreePath};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["vic/import-tree", "denful/import-tree"],
    source: "default.nix, 2026-11: files below, but for those of which a name begins with `_`",
    marks: &[],
    arity: super::one,
    call,
};

/// What a loader can be told.
const SAYS: [&str; 10] = [
    "filter",
    "filterNot",
    "match",
    "matchNot",
    "initFilter",
    "map",
    "withLib",
    "addPath",
    "addAPI",
    "pipeTo",
];

/// What calls a loader: the function that its set is called by.
const LOAD: &str = "__functor";

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let loader = Loader::default();
    let arg = call.arg(0)?;
    match call.function {
        "" => Some(loader.load(evaluator, arg, call.place)),
        "leafs" => {
            Some(Loader { result: LoaderMakes::List, ..loader }.load(evaluator, arg, call.place))
        }
        says if SAYS.contains(&says) => Some(loader.told(evaluator, says, arg)),
        _ => None,
    }
}

impl Evaluator<'_> {
    /// A function of an import-tree loader.
    pub(in crate::evaluate) fn tree_function(
        &mut self,
        loader: &Rc<Loader>,
        function: &'static str,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let Some(arg) = args.last().copied() else { return Value::outside() };
        match function {
            LOAD => loader.load(self, arg, place),
            says => loader.told(self, says, arg),
        }
    }
}

/// The number of arguments of a function of a loader: its set is given to what calls it.
pub(in crate::evaluate) fn arity(function: &str) -> usize {
    if function == LOAD { 2 } else { 1 }
}

/// The arguments by which a loader knows that it is called as a module.
pub(in crate::evaluate) fn module_arguments(evaluator: &mut Evaluator<'_>) -> Value {
    let options = evaluator.done(Value::outside());
    Value::set(vec![attr("options", options)], None, true)
}

impl Loader {
    /// The loader that was told one thing more.
    fn told(&self, evaluator: &mut Evaluator<'_>, says: &str, arg: Thunk) -> Value {
        // Each loader keeps all that it was told, twice.
        let told = self.tests.len() + self.maps.len() + self.paths.len() + 4 * self.own.len();
        if evaluator.budget.weigh(4 * told) {
            return Value::outside();
        }
        let mut next = self.clone();
        match says {
            "filter" | "filterNot" | "match" | "matchNot" => next.tests.push(LoaderTest {
                of: arg,
                is_pattern: says.starts_with("match"),
                is_negated: says.ends_with("Not"),
            }),
            "initFilter" => next.initial = Some(arg),
            "map" => next.maps.push(arg),
            "addPath" => next.paths.push(arg),
            "addAPI" => {
                if let Value::Set(set) = evaluator.force_known(arg) {
                    next.own.extend(set.attrs.iter().cloned());
                }
            }
            "pipeTo" => next.result = LoaderMakes::ResultOf(arg),
            "leafs" => next.result = LoaderMakes::List,
            "new" => next = Self::default(),
            // A library changes nothing.
            _ => {}
        }
        next.value(evaluator)
    }

    /// The set of a loader, which can be called.
    fn value(self, evaluator: &mut Evaluator<'_>) -> Value {
        let this = Rc::new(self);
        let function = |name| Value::native(Function::Tree(Rc::clone(&this), name), Vec::new());
        let mut attrs = Vec::new();
        for name in SAYS.into_iter().chain([LOAD]) {
            attrs.push(attr(name, evaluator.done(function(name))));
        }
        // What is no function is made when it is asked for.
        let nothing = evaluator.done(Value::list(Vec::new(), false));
        let list = Rc::new(Loader { result: LoaderMakes::List, ..(*this).clone() });
        let load = Value::native(Function::Tree(list, LOAD), Vec::new());
        for (name, function, args) in [
            ("result", function(LOAD), vec![nothing; 2]),
            ("files", load, vec![nothing; 2]),
            ("leafs", function("leafs"), vec![nothing]),
            ("new", function("new"), vec![nothing]),
        ] {
            attrs.push(attr(name, evaluator.call_thunk(&function, args)));
        }
        if !this.own.is_empty() {
            let plain = Loader { own: Vec::new(), ..(*this).clone() }.value(evaluator);
            let plain = evaluator.done(plain);
            for own in &this.own {
                let function = evaluator.force_known(own.thunk);
                let made = evaluator.call_thunk(&function, vec![plain]);
                attrs.push(attr(own.name.clone(), made));
            }
        }
        Value::set(attrs, None, false)
    }

    /// What the loader makes of a path, or a list of them.
    fn load(&self, evaluator: &mut Evaluator<'_>, arg: Thunk, place: Option<Place>) -> Value {
        let given = evaluator.force_known(arg);
        // A loader among modules is called with their arguments.
        let is_module = matches!(&given, Value::Set(set) if set.get("options").is_some());
        let mut roots = self.paths.clone();
        roots.extend((!is_module).then_some(arg));
        let roots = evaluator.done(Value::list(roots, false));
        let roots = evaluator.force(roots);
        let mut flat = Vec::new();
        let mut open = evaluator.flattened(&roots, &mut flat, 0);
        let mut items = Vec::new();
        for root in flat {
            match evaluator.force_known(root).unconditional().0 {
                Value::Path(flake, path) => self.files(evaluator, *flake, path, place, &mut items),
                Value::Set(set) if set.get(LOAD).is_some() && set.get("files").is_some() => {
                    let files = set.get("files").map(|files| evaluator.force_known(files.thunk));
                    open |= files.is_none_or(|files| evaluator.items_into(&files, &mut items));
                }
                Value::Unknown(_) => open = true,
                _ => items.push(root),
            }
        }
        for map in &self.maps {
            let map = evaluator.force_known(*map);
            items = items.into_iter().map(|item| evaluator.call_thunk(&map, vec![item])).collect();
        }
        let files = Value::list(items, open);
        match self.result {
            LoaderMakes::List => files,
            LoaderMakes::ResultOf(function) => {
                let function = evaluator.force(function);
                evaluator.apply_to(&function, files, place)
            }
            LoaderMakes::Module => {
                let imports = evaluator.done(files);
                Value::set(vec![attr("imports", imports)], None, false)
            }
        }
    }

    /// The files below a folder, or a file, that pass all tests. Those see the path below the folder.
    fn files(
        &self,
        evaluator: &mut Evaluator<'_>,
        flake: FlakeId,
        root: &TreePath,
        place: Option<Place>,
        items: &mut Vec<Thunk>,
    ) {
        let all = match evaluator.kind_of(flake, root) {
            PathKind::File => [root.clone()].into(),
            _ => evaluator.files_below(flake, root),
        };
        for file in all.iter() {
            let below = file.as_str().get(root.as_str().len()..).unwrap_or_default();
            let seen = match root.is_root() {
                true => format!("/{below}"),
                false => below.to_owned(),
            };
            let seen = evaluator.done(Value::text(seen));
            let path = evaluator.done(Value::Path(flake, file.clone()));
            // A single file is seen with its whole path.
            let seen = if below.is_empty() { path } else { seen };
            let mut passes = match self.initial {
                Some(test) => holds(evaluator, test, seen, place),
                None if below.is_empty() => Some(is_usual(file.as_str())),
                None => Some(is_usual(below)),
            };
            for test in &self.tests {
                if passes == Some(false) {
                    break;
                }
                let says = test.says(evaluator, seen, place);
                passes = if says == Some(false) { says } else { passes.and(says) };
            }
            if passes != Some(false) {
                items.push(evaluator.perhaps(path, passes.is_none()));
            }
        }
    }
}

/// Whether this is loaded where nobody says anything else.
fn is_usual(path: &str) -> bool {
    !path.split('/').any(|name| name.starts_with('_')) && path.ends_with(".nix")
}

impl LoaderTest {
    fn says(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: Thunk,
        place: Option<Place>,
    ) -> Option<bool> {
        let says = match self.is_pattern {
            true => {
                let matches = Value::native(Function::Library(None, "match".into()), Vec::new());
                let matched = evaluator.call_thunk(&matches, vec![self.of, path]);
                match evaluator.force_known(matched) {
                    Value::Null => Some(false),
                    Value::List(_) => Some(true),
                    _ => None,
                }
            }
            false => holds(evaluator, self.of, path, place),
        };
        says.map(|says| says != self.is_negated)
    }
}

fn holds(
    evaluator: &mut Evaluator<'_>,
    test: Thunk,
    path: Thunk,
    place: Option<Place>,
) -> Option<bool> {
    let test = evaluator.force_known(test);
    let says = evaluator.apply(&test, path, place);
    match evaluator.resolve(says) {
        Value::Bool(says) => Some(says),
        _ => None,
    }
}
