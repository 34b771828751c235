mod again;
mod conditions;
mod crane;
mod defaults;
mod devenv;
mod flake_parts;
mod frameworks;
mod functions;
mod homes;
mod hostile;
mod hosts;
mod instances;
mod loaders;
mod losses;
mod nixvim;
mod not_read;
mod outputs;
mod overlays;
mod packages;
mod replaced;
mod settings;
mod settings_asked;
mod takings;

use std::fmt::Write;

use super::facts::{MadeBy, PackageKind, Reading, SettingState, What};
use super::world::{Flake, FlakeId, FlakeKind, Input, World};
use super::*;
use crate::{Files, LineIndex, Tree, TreePath};

/// A flake to be: `name=owner/repo` and `name>target` in the inputs.
pub(super) struct Source<'s> {
    name: &'s str,
    inputs: &'s str,
    files: Option<&'s [(&'s str, &'s str)]>,
}

/// A flake whose code is on disk. Inputs are names; those that begin with `nixpkgs` are one, and
/// `name=owner/repo` gives the repository, `name>other` where it ends.
pub(super) fn flake<'s>(
    name: &'s str,
    inputs: &'s str,
    files: &'s [(&'s str, &'s str)],
) -> Source<'s> {
    Source { name, inputs, files: Some(files) }
}

/// A flake whose code is not at hand.
pub(super) fn unread<'s>(name: &'s str, inputs: &'s str) -> Source<'s> {
    Source { name, inputs, files: None }
}

/// What is found in a flake, beside others.
pub(super) fn read_world(sources: &[Source<'_>]) -> Read {
    let (reading, world, names) = asked(sources, |world| {
        let reading = super::read(world, FlakeId::ROOT).unwrap();
        again::holds_again(world, &reading);
        reading
    });
    Read { reading, world, names }
}

/// What is found in the world that flakes are, the first of which is the root; the world, and what
/// its flakes are called.
pub(super) fn asked<T: Send>(
    sources: &[Source<'_>],
    ask: impl FnOnce(&World) -> T + Send,
) -> (T, World, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut names: Vec<String> = sources.iter().map(|source| source.name.to_owned()).collect();
    let mut flakes: Vec<Flake> = Vec::new();
    let mut more: Vec<Flake> = Vec::new();
    let mut repositories: Vec<(usize, String)> = Vec::new();
    for source in sources {
        let files = source.files.map(|files| {
            let root = folder.path().join(source.name);
            for (name, text) in files {
                let path = root.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Files::new(Tree::open_flake(&root).unwrap(), TreePath::root())
        });
        let mut inputs = Vec::new();
        for input in source.inputs.split_whitespace() {
            let (input, repository) = input.split_once('=').unwrap_or((input, ""));
            let (input, target) = input.split_once('>').unwrap_or((input, input));
            let at = names.iter().position(|name| name == target).unwrap_or_else(|| {
                names.push(target.to_owned());
                let kind = match target {
                    "nixpkgs-gpu" => FlakeKind::Configured,
                    name if name.starts_with("nixpkgs") => FlakeKind::Nixpkgs,
                    _ => FlakeKind::Flake,
                };
                let inputs = Vec::new();
                let repository = None;
                // Its modules build with what they are given.
                let is_known = target == "home-manager";
                more.push(Flake { files: None, inputs, kind, repository, is_known });
                names.len() - 1
            });
            repositories.push((at, repository.to_owned()));
            inputs.push(Input {
                name: input.to_owned(),
                target: Some(FlakeId::new(at)),
                provides: true,
            });
        }
        let kind = FlakeKind::Flake;
        flakes.push(Flake { files, inputs, kind, repository: None, is_known: false });
    }
    flakes.extend(more);
    for (at, repository) in repositories {
        let files = flakes[at].files.as_ref();
        let own = (!repository.is_empty()).then_some(repository);
        flakes[at].repository = repository_of(own, files);
    }
    let world = World::new(flakes);
    let found = std::thread::scope(|scope| {
        let run = || ask(&world);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.unwrap().join().unwrap()
    });
    (found, world, names)
}

/// A flake of these files by itself.
pub(super) fn read_files(inputs: &str, files: &[(&str, &str)]) -> Read {
    read_world(&[flake("root", inputs, files)])
}

/// A flake of one file, whose outputs are this.
pub(super) fn read_outputs(inputs: &str, text: &str) -> Read {
    read_files(inputs, &[("flake.nix", &format!("{{ outputs = {text}; }}"))])
}

/// What flakes of one file are told to be: their inputs, their outputs, and what is told of these.
/// All that do not hold are shown at once.
pub(super) fn hold(cases: &[(&str, &str, &[&str])]) {
    let mut wrong = String::new();
    for (inputs, text, told) in cases {
        let read = read_outputs(inputs, text).told();
        if read != *told {
            let (read, told) = (read.join("\n  "), told.join("\n  "));
            write!(wrong, "\n{text}\n is\n  {read}\n not\n  {told}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

pub(super) struct Read {
    pub(super) reading: Reading,
    world: World,
    names: Vec<String>,
}

impl Read {
    fn slot(&self, slot: super::world::FlakeInput) -> String {
        let input = &self.world.input(slot).unwrap().name;
        match slot.flake.index() {
            0 => input.clone(),
            at => format!("{}/{input}", self.names[at]),
        }
    }

    fn instance(&self, id: super::facts::InstanceId) -> String {
        let made = &self.reading.instances[id.index()];
        let mut text = made.base.map_or("-".to_owned(), |slot| self.slot(slot));
        let settings = made.settings.iter().filter(|s| s.state != SettingState::Off);
        let settings: Vec<String> = settings
            .map(|setting| {
                let state = match setting.state {
                    SettingState::On => "",
                    SettingState::Conditional => "?",
                    SettingState::Unreadable => "??",
                    SettingState::Off => "!",
                };
                format!("{}{state}", setting.key.as_deref().unwrap_or("*"))
            })
            .collect();
        if !settings.is_empty() {
            write!(text, "[{}]", settings.join(" ")).unwrap();
        }
        if made.made_by == MadeBy::Callers {
            text = "callers".into();
        }
        if made.system.as_deref().is_some_and(|system| system.ends_with("-darwin")) {
            text += "@mac";
        }
        text
    }

    /// Each output in one line: `path: builders < what they take`.
    pub(super) fn told(&self) -> Vec<String> {
        let outputs = self.reading.outputs.iter().map(|output| {
            let mut text = format!("{}:", output.path.join("."));
            for builder in output.builders.iter() {
                write!(
                    text,
                    " {}{}",
                    self.instance(builder.instance),
                    if builder.conditional { "?" } else { "" }
                )
                .unwrap();
            }
            let mut uses: Vec<String> = output
                .uses
                .iter()
                .map(|taking| {
                    let at = taking.builder.map_or(String::new(), |at| format!("{}", at.index()));
                    let unsure = if taking.conditional { "?" } else { "" };
                    match &taking.what {
                        What::Package { instance, name, kind } => {
                            let kind = match kind {
                                PackageKind::Changed(_) => "!",
                                PackageKind::Switched(_) => "+",
                                PackageKind::Toolkit(_) => "%",
                                PackageKind::Plain => "",
                            };
                            format!("{at}<{}:{name}{kind}{unsure}", self.instance(*instance))
                        }
                        What::Opaque { slot, name, .. } => {
                            format!("{at}<{}.{name}{unsure}", self.slot(*slot))
                        }
                    }
                })
                .collect();
            uses.sort();
            for taken in uses {
                write!(text, " {taken}").unwrap();
            }
            if !output.not_read.is_empty() {
                write!(text, " -- {}", output.not_read.join(", ")).unwrap();
            }
            text
        });
        outputs.collect()
    }

    /// Where the settings of instances that are used stand, those that are on.
    pub(super) fn lines(&self) -> Vec<String> {
        let made = self.reading.instances.iter().filter(|made| made.used);
        let settings = made.flat_map(|made| &made.settings).map(|setting| {
            let file = &self.reading.files[setting.place.file.index()];
            let line = LineIndex::new(&file.text).position(setting.place.span.start).line;
            format!("{}:{line} {}", file.path, setting.key.as_deref().unwrap_or("*"))
        });
        settings.collect()
    }

    /// The settings of instances that are used, with what they are set to; those that are off, too.
    pub(super) fn keys(&self) -> Vec<String> {
        let made = self.reading.instances.iter().filter(|made| made.used);
        let settings = made.flat_map(|made| &made.settings).map(|setting| {
            let state = match setting.state {
                SettingState::On => "on",
                SettingState::Off => "off",
                SettingState::Conditional => "if",
                SettingState::Unreadable => "?",
            };
            format!("{}={state}", setting.key.as_deref().unwrap_or("?"))
        });
        let mut keys: Vec<String> = settings.collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// What the root takes of its inputs, by kind.
    pub(super) fn taken(&self) -> Vec<String> {
        let root = FlakeId::new(0);
        let of = &self.reading.flakes[0].taken;
        let name = |input| {
            &self.world.input(super::world::FlakeInput { flake: root, input }).unwrap().name
        };
        of.keys().map(|(input, taken)| format!("{} {}", name(*input), taken.as_str())).collect()
    }

    /// What the root does with its inputs that are a nixpkgs.
    pub(super) fn uses(&self) -> Vec<String> {
        let root = FlakeId::new(0);
        let of = &self.reading.flakes[0].uses;
        let name = |input| {
            &self.world.input(super::world::FlakeInput { flake: root, input }).unwrap().name
        };
        of.keys().map(|(input, used)| format!("{} {}", name(*input), used.as_str())).collect()
    }

    /// The files that were reached.
    pub(super) fn live(&self) -> Vec<&str> {
        let mut live: Vec<_> = self.reading.files.iter().map(|file| file.path.as_str()).collect();
        live.sort_unstable();
        live
    }
}
