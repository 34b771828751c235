//! Random locks, with a flake.nix that declares the same, in one of many styles.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use flake_audit::flake_ref::FlakeRef;
use flake_audit::graph::{Graph, Overrides};
use flake_audit::lock::{Lock, Target, Unescaped};
use flake_audit::source::Stores;
use flake_audit::text::{AttrPath, NixString};
use serde_json::Value;

use super::promises::{Flake, Outcome};
use crate::support::builder::canonical;
use crate::support::property::check_locks;
use crate::support::random::Shape;

/// The declaration of an input in flake.nix: a reference, or a path to follow; whether it is a
/// flake; and what its inputs follow.
#[derive(Debug, Default)]
struct Input {
    url: Option<String>,
    follows: Option<Vec<String>>,
    is_source: bool,
    inputs: BTreeMap<String, Input>,
}

/// The inputs of the lock's root, and every follows below that does not begin with the path of the
/// root's input, which is how Nix stores what a dependency itself declares.
fn declared(text: &str) -> BTreeMap<String, Input> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let mut all = BTreeMap::<String, Input>::new();
    for &holder in graph.reachable() {
        for id in graph.inputs_of(holder) {
            let path = graph.input_path(id).whole().unwrap().to_vec();
            let follows = match graph.target(id) {
                Target::Follows(path) => Some(path),
                Target::Direct(_) => None,
            };
            let is_said = match (path.len(), follows) {
                (1, _) => true,
                (_, Some(follows)) => follows.first() != path.first(),
                (_, None) => false,
            };
            if !is_said {
                continue;
            }
            let (first, below) = path.split_first().unwrap();
            let mut input = all.entry((*first).to_owned()).or_default();
            for name in below {
                input = input.inputs.entry((*name).to_owned()).or_default();
            }
            input.follows = follows.map(|path| path.iter().map(|&name| name.to_owned()).collect());
            if input.follows.is_none() {
                let node = graph.end(id).unwrap();
                let original = lock.original(node).unwrap();
                input.url = Some(FlakeRef::new(original).to_string());
                input.is_source = !lock.node(node).flake;
            }
        }
    }
    all
}

/// Replaces names with a dot, which Nix does not accept in a follows.
fn with_plain_names(lock: &Value) -> Value {
    let plain = |name: &str| name.replace('.', "-x");
    let mut lock = lock.clone();
    for node in lock["nodes"].as_object_mut().unwrap().values_mut() {
        let Some(inputs) = node.get_mut("inputs").and_then(Value::as_object_mut) else { continue };
        for target in inputs.values_mut().filter_map(Value::as_array_mut).flatten() {
            *target = plain(target.as_str().unwrap()).into();
        }
        *inputs = inputs.iter().map(|(name, target)| (plain(name), target.clone())).collect();
    }
    lock
}

/// Writes bindings in a style chosen by the number: dotted, as blocks, or mixed.
struct Speller {
    number: u64,
    text: String,
    line_break: &'static str,
    indent: &'static str,
}

impl Speller {
    fn choose(&mut self, below: u64) -> u64 {
        // Any sequence will do (Knuth's MMIX generator).
        self.number = self.number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.number >> 33) % below
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.text += &self.indent.repeat(depth);
        self.text += text;
        self.text += self.line_break;
    }

    /// The bindings of inputs, below a prefix that is `inputs` or nothing.
    fn inputs(&mut self, depth: usize, prefix: &[&str], inputs: &BTreeMap<String, Input>) {
        for (name, input) in inputs {
            let path = [prefix, &[name]].concat();
            let is_bare = input.url.is_none() && input.follows.is_none();
            if self.choose(2) == 0 && !is_bare {
                self.line(depth, &format!("{} = {{", AttrPath(&path)));
                self.input(depth + 1, &[], input);
                self.line(depth, "};");
            } else {
                self.input(depth, &path, input);
            }
            if self.choose(4) == 0 {
                self.line(depth, "# a comment");
            }
        }
    }

    fn input(&mut self, depth: usize, path: &[&str], input: &Input) {
        let at = |last| AttrPath(&[path, &[last]].concat()).to_string();
        if let Some(url) = &input.url {
            self.line(depth, &format!("{} = {};", at("url"), NixString(url)));
        }
        if input.is_source {
            self.line(depth, &format!("{} = false;", at("flake")));
        }
        if let Some(follows) = &input.follows {
            self.line(depth, &format!("{} = {};", at("follows"), NixString(&follows.join("/"))));
        }
        if input.inputs.is_empty() {
            return;
        }
        if self.choose(3) == 0 {
            self.line(depth, &format!("{} = {{", at("inputs")));
            self.inputs(depth + 1, &[], &input.inputs);
            self.line(depth, "};");
        } else {
            self.inputs(depth, &[path, &["inputs"]].concat(), &input.inputs);
        }
    }
}

fn spelled(inputs: &BTreeMap<String, Input>, number: u64) -> String {
    let mut speller = Speller {
        number,
        text: String::new(),
        line_break: if number.is_multiple_of(5) { "\r\n" } else { "\n" },
        indent: ["  ", "\t", "    "][(number % 3) as usize],
    };
    speller.line(0, "{");
    if speller.choose(2) == 0 {
        speller.line(1, "inputs = {");
        speller.inputs(2, &[], inputs);
        speller.line(1, "};");
    } else {
        speller.inputs(1, &["inputs"], inputs);
    }
    speller.line(1, "outputs = inputs: inputs;");
    speller.line(0, "}");
    speller.text
}

#[test]
fn random_flakes_are_repaired_as_promised() {
    let (repaired, hindered, nothing) = (Cell::new(0), Cell::new(0), Cell::new(0));
    check_locks(Shape::default(), |lock: &Value, number| {
        let lock = canonical(&with_plain_names(lock));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("flake.nix"), spelled(&declared(&lock), number)).unwrap();
        let flake = Flake {
            folder: folder.path().to_owned(),
            lock: lock.into_bytes(),
            stores: Stores::default(),
            config: None,
        };
        let count = match flake.keeps_promises("flake") {
            Outcome::Nothing => &nothing,
            Outcome::Repaired => &repaired,
            Outcome::Hindered(why) => {
                println!("{why}");
                &hindered
            }
        };
        count.set(count.get() + 1);
    });
    println!(
        "{} flakes repaired, {} with nothing to repair, {} not",
        repaired.get(),
        nothing.get(),
        hindered.get()
    );
    // About one in ten is hindered, so of forty in a run there may be six.
    assert!(repaired.get() > 2 * hindered.get(), "too many flakes cannot be repaired");
}
