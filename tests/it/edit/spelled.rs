//! Random flakes, spelled and laid out at random.

use proptest::prelude::*;
use proptest::sample::Index;

use flake_audit::text::{AttrPath, NixString};

/// A definition: an attribute path and what it is set to.
type Leaf = (Vec<String>, String);

/// Names of inputs; the first ones are common, and the arguments of `outputs` are among these.
pub(super) const NAMES: [&str; 8] =
    ["nixpkgs", "dep", "utils", "a-b", "hls-2.10", "in", "x y", "url"];
pub(super) const ARGUMENTS: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct Recipe {
    inputs: Vec<(Index, Vec<(Index, u8)>)>,
    arguments: (usize, bool, u8),
    pub(super) layout: Layout,
    pub(super) edits: Vec<(u8, Index, Index, u8)>,
}

#[derive(Debug, Clone)]
pub(super) struct Layout {
    choices: Vec<u8>,
    /// None: all on one line.
    unit: Option<&'static str>,
    pub(super) carriage: bool,
    comments: bool,
}

pub(super) fn recipes() -> impl Strategy<Value = Recipe> {
    let overrides = prop::collection::vec((any::<Index>(), any::<u8>()), 0..4);
    let layout = (
        prop::collection::vec(any::<u8>(), 1..120),
        prop::sample::select(vec![None, Some("  "), Some("  "), Some("    "), Some("\t")]),
        prop::bool::weighted(0.25),
        any::<bool>(),
    );
    let layout = layout.prop_map(|(choices, unit, carriage, comments)| Layout {
        choices,
        unit,
        carriage,
        comments,
    });
    let edits =
        prop::collection::vec((any::<u8>(), any::<Index>(), any::<Index>(), any::<u8>()), 1..6);
    (
        prop::collection::vec((any::<Index>(), overrides), 0..4),
        (0..=ARGUMENTS, any::<bool>(), any::<u8>()),
        layout,
        edits,
    )
        .prop_map(|(inputs, arguments, layout, edits)| Recipe {
            inputs,
            arguments,
            layout,
            edits,
        })
}

pub(super) fn path(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What the inputs of a recipe are: their attributes, each once.
fn leaves(recipe: &Recipe) -> Vec<Leaf> {
    let mut leaves: std::collections::BTreeMap<Vec<String>, String> = Default::default();
    for (name, overrides) in &recipe.inputs {
        let name = *name.get(&NAMES);
        let mut input = path(&["inputs", name]);
        if leaves.keys().any(|leaf| leaf.starts_with(&input)) {
            continue;
        }
        // One with overrides can be implied by them.
        if overrides.first().is_none_or(|(_, what)| what % 4 > 0) {
            leaves.insert(
                [&*input, &path(&["url"])].concat(),
                NixString(&format!("path:{name}")).to_string(),
            );
        }
        for (below, what) in overrides {
            // Below the input, or below its last override.
            if what % 3 > 0 {
                input.truncate(2);
            }
            let below = *below.get(&NAMES);
            input.extend(path(&["inputs", below]));
            if leaves.keys().any(|leaf| leaf.starts_with(&input)) || input.len() > 8 {
                continue;
            }
            let (last, value) = match what % 7 {
                0 => ("url", "./here".to_owned()),
                1 => ("url", "\"github:acme/it\"".to_owned()),
                2 => ("follows", "''utils''".to_owned()),
                3 => ("flake", "false".to_owned()),
                4 => ("follows", "(\"\")".to_owned()),
                _ => ("follows", "\"dep/nixpkgs\"".to_owned()),
            };
            leaves.insert([&*input, &path(&[last])].concat(), value);
            if what % 11 == 0 && last != "flake" {
                leaves.insert([&*input, &path(&["flake"])].concat(), "true".to_owned());
            }
        }
        if overrides.len() == 2 {
            // So that some sets have nothing in them.
            leaves.insert([&input[..2], &path(&["inputs"])].concat(), "{ }".to_owned());
        }
    }
    leaves.into_iter().collect()
}

/// Spells a flake as the layout has it.
struct Speller<'l> {
    layout: &'l Layout,
    next: usize,
}

impl Speller<'_> {
    fn choose(&mut self, below: usize) -> usize {
        let choices = &self.layout.choices;
        self.next += 1;
        // Different on each round through the choices.
        let round = self.next / choices.len();
        (usize::from(choices[self.next % choices.len()]) + round * 7) % below.max(1)
    }

    fn rarely(&mut self) -> bool {
        self.choose(8) == 0
    }

    fn name(&mut self, name: &str) -> String {
        match self.choose(12) {
            0 => NixString(name).to_string(),
            1 => format!("${{{}}}", NixString(name)),
            2 => format!("${{ ({}) }}", NixString(name)),
            _ => AttrPath(&[name]).to_string(),
        }
    }

    /// What stands before a binding.
    fn before(&mut self, depth: usize) -> String {
        let Some(unit) = self.layout.unit else {
            return ["", " ", " /* c */ ", "/* c */"]
                [self.choose(if self.layout.comments { 4 } else { 2 })]
            .into();
        };
        let line = format!("\n{}", unit.repeat(depth));
        match self.choose(14) {
            0 => " ".into(),
            1 => format!("\n{line}"),
            2 => format!("\n\n{line}"),
            3 if self.layout.comments => format!("\n{line}# above{line}"),
            4 if self.layout.comments => format!(" # behind{line}"),
            5 if self.layout.comments => format!(" /* behind */{line}"),
            6 if self.layout.comments => format!(" /* be\nhind */{line}"),
            7 if self.layout.comments => format!("{line}/* above */ "),
            8 => format!("  {line}"),
            9 => format!("\n{}", unit.repeat(depth + 1)),
            _ => line,
        }
    }

    fn after_all(&mut self, depth: usize) -> String {
        match (self.layout.unit, self.choose(8)) {
            (None, 0) | (Some(_), 0) => " ".into(),
            (None, _) => String::new(),
            (Some(unit), 1) if self.layout.comments => format!(" # last\n{}", unit.repeat(depth)),
            (Some(unit), 2) => format!("\n\n{}", unit.repeat(depth)),
            (Some(unit), _) => format!("\n{}", unit.repeat(depth)),
        }
    }

    /// Definitions as bindings: lines and blocks, in any order.
    fn bindings(&mut self, mut leaves: Vec<Leaf>, depth: usize) -> String {
        let mut text = String::new();
        while !leaves.is_empty() {
            let (path, value) =
                leaves.remove(if self.rarely() { self.choose(leaves.len()) } else { 0 });
            let kept = if self.choose(3) > 0 { path.len() } else { self.choose(path.len()) + 1 };
            let (mut prefix, mut value) = (path.clone(), value);
            if kept < path.len() {
                prefix.truncate(kept);
                let mut inner = vec![(path[kept..].to_vec(), value)];
                for (path, value) in std::mem::take(&mut leaves) {
                    if path.len() > kept && path.starts_with(&prefix) && self.choose(4) > 0 {
                        inner.push((path[kept..].to_vec(), value));
                    } else {
                        leaves.push((path, value));
                    }
                }
                value = self.set(inner, depth);
            }
            let names: Vec<_> = prefix.iter().map(|name| self.name(name)).collect();
            let equals =
                if self.layout.unit.is_none() { "=" } else { [" = ", "=", "  ="][self.choose(3)] };
            let before = self.before(depth);
            text += &format!("{before}{}{equals}{value};", names.join("."));
        }
        text
    }

    fn set(&mut self, leaves: Vec<Leaf>, depth: usize) -> String {
        let one_line = Layout { unit: None, comments: false, ..self.layout.clone() };
        let set = if self.rarely() {
            let mut speller = Speller { layout: &one_line, next: self.next };
            format!("{{ {} }}", speller.bindings(leaves, 0))
        } else {
            let bindings = self.bindings(leaves, depth + 1);
            format!("{{{bindings}{}}}", self.after_all(depth))
        };
        match self.choose(16) {
            0 => format!("rec {set}"),
            1 => format!("({set})"),
            2 => format!("(rec {set})"),
            _ => set,
        }
    }

    /// A function of these arguments.
    fn function(&mut self, arguments: &[&str], open: bool, style: u8) -> String {
        let bound = ["", "@ all", "@all"][usize::from(style / 16) % 3];
        let mut names: Vec<String> = vec!["self".into()];
        names.extend(arguments.iter().map(|name| (*name).to_owned()));
        if style.is_multiple_of(5) {
            names.remove(0);
        }
        if style.is_multiple_of(7) {
            names.last_mut().into_iter().for_each(|name| name.push_str(" ? null"));
        }
        names.extend(open.then(|| "...".to_owned()));
        let line = self.layout.unit.map(|unit| format!("\n{unit}"));
        let comment = if self.layout.comments { " # one" } else { "" };
        let pattern = match (line, style % 8) {
            (Some(line), 0 | 1) => {
                format!("{{{line}{}{comment}\n}}", names.join(&format!(",{comment}{line}")))
            }
            (Some(line), 2) => {
                format!("{{ {}{comment}{line}}}", names.join(&format!("{comment}{line}, ")))
            }
            (Some(line), 3) => format!("{{ {} }}", names.join(&format!("{line},"))),
            (Some(line), 4) => format!("{{{line}{}{line}}}", names.join(", ")),
            (_, 5) => format!("{{{}}}", names.join(",")),
            (_, 6) => return "inputs: { }".to_owned(),
            _ => format!("{{ {} }}", names.join(", ")),
        };
        if style.is_multiple_of(3) && !bound.is_empty() {
            format!("all@{pattern}: {{ }}")
        } else {
            format!("{pattern}{bound}: {{ }}")
        }
    }
}

pub(super) fn spell(recipe: &Recipe) -> String {
    let mut speller = Speller { layout: &recipe.layout, next: 0 };
    let (count, open, style) = recipe.arguments;
    let mut all = leaves(recipe);
    let function = speller.function(&NAMES[..count], open, style);
    let at = speller.choose(all.len() + 1);
    all.insert(at, (path(&["outputs"]), function));
    if style.is_multiple_of(2) {
        all.insert(0, (path(&["description"]), "\"x\"".to_owned()));
    }
    let body = speller.set(all, 0);
    let end = if speller.rarely() { "" } else { "\n" };
    let text = format!("{body}{end}");
    if recipe.layout.carriage { text.replace('\n', "\r\n") } else { text }
}
