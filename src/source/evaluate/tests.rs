mod conditions;
mod configuration;
mod flake_parts;
mod hostile;
mod loaders;
mod takings;

use std::path::Path;

use super::facts::{CodeFacts, MadeBy, SettingState};
use super::*;
use crate::source::{Tree, TreePath};
use crate::text::LineIndex;

/// What is found in a flake.
struct Read {
    facts: CodeFacts,
    inputs: Vec<InputInfo>,
}

/// Reads a flake of these files. `inputs` are names; those that begin with `nixpkgs` are one, and
/// `name=owner/repo` gives the repository.
fn read(inputs: &str, files: &[(&str, &str)]) -> Read {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let inputs = inputs.split_whitespace().map(|input| {
        let (name, repository) = input.split_once('=').unwrap_or((input, ""));
        InputInfo {
            name: name.to_owned(),
            is_nixpkgs: name.starts_with("nixpkgs"),
            repository: repository.to_owned(),
        }
    });
    let inputs: Vec<_> = inputs.collect();
    let facts = on_a_stack(folder.path(), &inputs);
    Read { facts, inputs }
}

fn on_a_stack(folder: &Path, inputs: &[InputInfo]) -> CodeFacts {
    let run = || {
        let tree = Tree::open_flake(folder).unwrap();
        let files = Files::new(tree, TreePath::root());
        evaluate(&files, inputs, Wanted::Everything).unwrap()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.unwrap().join().unwrap()
    })
}

/// A flake of one file, whose outputs are this.
fn outputs(inputs: &str, text: &str) -> Read {
    read(inputs, &[("flake.nix", &format!("{{ outputs = {text}; }}"))])
}

impl Read {
    /// `file:line key=state base`, with `!` where it is not the flake's own.
    fn settings(&self) -> Vec<String> {
        let mut all = Vec::new();
        for made in &self.facts.instances {
            for setting in &made.settings {
                let file = &self.facts.files[setting.place.file as usize];
                let line = LineIndex::new(&file.text).position(setting.place.span.start).line;
                let base = made.base.map_or("-", |at| self.inputs[at as usize].name.as_str());
                let state = match setting.state {
                    SettingState::On => "on",
                    SettingState::Off => "off",
                    SettingState::Conditional => "if",
                    SettingState::Unreadable => "?",
                };
                let own = if made.own { "" } else { " !" };
                all.push(format!("{}:{line} {}={state} {base}{own}", file.path, setting.key));
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// Settings without their places.
    fn keys(&self) -> Vec<String> {
        let short = |setting: &String| setting.split_once(' ').unwrap().1.to_owned();
        let mut keys: Vec<_> = self.settings().iter().map(short).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    fn taken(&self) -> Vec<String> {
        let all = self.facts.taken.keys();
        let name = |at: u32| self.inputs[at as usize].name.as_str();
        all.map(|(input, taken)| format!("{} {}", name(*input), taken.as_str())).collect()
    }

    fn uses(&self) -> Vec<String> {
        let all = self.facts.uses.keys();
        let name = |at: u32| self.inputs[at as usize].name.as_str();
        all.map(|(input, used)| format!("{} {}", name(*input), used.as_str())).collect()
    }

    fn live(&self) -> Vec<&str> {
        let mut live: Vec<_> = self.facts.files.iter().map(|file| file.path.as_str()).collect();
        live.sort_unstable();
        live
    }
}
