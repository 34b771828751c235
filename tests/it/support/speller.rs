//! A flake.nix in one of many spellings and layouts: lines and blocks in any order, quoted names,
//! comments, white space.

use flake_audit::text::{AttrPath, NixString};

/// A definition: an attribute path and its value.
pub(crate) type Leaf = (Vec<String>, String);

/// Possible indentations; `None` for everything on one line.
pub(crate) const UNITS: [Option<&str>; 5] =
    [None, Some("  "), Some("  "), Some("    "), Some("\t")];

/// How a file is laid out.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) choices: Vec<u8>,
    /// `None` for everything on one line.
    pub(crate) unit: Option<&'static str>,
    pub(crate) carriage: bool,
    pub(crate) comments: bool,
}

pub(crate) fn path(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Spells a flake in a layout.
pub(crate) struct Speller<'l> {
    layout: &'l Layout,
    next: usize,
}

impl<'l> Speller<'l> {
    pub(crate) fn new(layout: &'l Layout) -> Self {
        Self { layout, next: 0 }
    }

    pub(crate) fn choose(&mut self, below: usize) -> usize {
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

    /// The text before a binding.
    fn before(&mut self, depth: usize) -> String {
        let Some(unit) = self.layout.unit else {
            return ["", " ", " /* c */ ", "/* c */"]
                [self.choose(if self.layout.comments { 4 } else { 2 })]
            .into();
        };
        let line = format!("\n{}", unit.repeat(depth));
        match self.choose(15) {
            0 => " ".into(),
            1 => format!("\n{line}"),
            2 => format!("\n\n{line}"),
            3 if self.layout.comments => format!("\n{line}# above{line}"),
            4 if self.layout.comments => format!(" # behind{line}"),
            5 if self.layout.comments => format!(" /* behind */{line}"),
            6 if self.layout.comments => format!(" /* be\nhind */{line}"),
            7 if self.layout.comments => format!("{line}/* above */ "),
            8 => format!("  {line}"),
            // To Nix this ends the comment.
            14 if self.layout.comments => format!("{line}# above\r{}", unit.repeat(depth)),
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

    /// The formals of a function with these arguments.
    pub(crate) fn formals(&mut self, arguments: &[&str], open: bool, style: u8) -> String {
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
            (_, 6) => return "inputs".to_owned(),
            _ => format!("{{ {} }}", names.join(", ")),
        };
        if style.is_multiple_of(3) && !bound.is_empty() {
            format!("all@{pattern}")
        } else {
            format!("{pattern}{bound}")
        }
    }

    /// A file with these definitions.
    pub(crate) fn file(&mut self, all: Vec<Leaf>) -> String {
        let body = self.set(all, 0);
        let end = if self.rarely() { "" } else { "\n" };
        let text = format!("{body}{end}");
        if self.layout.carriage { text.replace('\n', "\r\n") } else { text }
    }
}
