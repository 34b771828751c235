mod again;
mod chosen_files;
mod clan;
mod conditions;
mod crane;
mod defaults;
mod devenv;
mod easy_hosts;
mod effective;
mod flake_parts;
mod flakelight;
mod frameworks;
mod functions;
mod handed;
mod haumea;
mod homes;
mod host_modules;
mod host_options;
mod hostile;
mod hosts;
mod instances;
mod library;
mod loaders;
mod losses;
mod many;
mod module_options;
mod nixvim;
mod not_read;
mod outputs;
mod overlays;
mod packages;
mod poetry2nix;
mod remade;
mod replaced;
mod settings;
mod settings_asked;
mod snowfall;
mod takings;
mod within;

use std::fmt::Write;

use super::facts::{MadeBy, PackageKind, Reading, SettingState, What};
use super::world::{FlakeId, FlakeKind, Input, Reference, World};
use super::*;
use crate::{Files, LineIndex, Tree, TreePath};

/// A flake of a test: `name=owner/repo` and `name>target` in the inputs.
pub(super) struct Source<'s> {
    name: &'s str,
    inputs: &'s str,
    files: Option<&'s [(&'s str, &'s str)]>,
}

/// A flake whose code is on disk. Inputs are names; those that begin with `nixpkgs` are a nixpkgs,
/// `name=owner/repo` gives the repository, `name>other` the flake where it ends.
pub(super) fn flake<'s>(
    name: &'s str,
    inputs: &'s str,
    files: &'s [(&'s str, &'s str)],
) -> Source<'s> {
    Source { name, inputs, files: Some(files) }
}

/// A flake whose code is not on disk.
pub(super) fn unread<'s>(name: &'s str, inputs: &'s str) -> Source<'s> {
    Source { name, inputs, files: None }
}

/// The result of evaluating the first flake among others.
pub(super) fn read_world(sources: &[Source<'_>]) -> Read {
    let (reading, world, names) = asked(sources, |world| {
        let reading = super::read(world, FlakeId::ROOT).unwrap();
        again::holds_again(world, &reading);
        reading
    });
    Read { reading, world, names }
}

/// Runs a function on the world of these flakes, the first of which is the root; with the result
/// the world and the names of its flakes.
pub(super) fn asked<T: Send>(
    sources: &[Source<'_>],
    ask: impl FnOnce(&World<'_>) -> T + Send,
) -> (T, World<'static>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut names: Vec<String> = sources.iter().map(|source| source.name.to_owned()).collect();
    let mut flakes: Vec<(Option<Files>, FlakeKind, Vec<Input<'static>>)> = Vec::new();
    let mut more = Vec::new();
    let mut known: Vec<usize> = Vec::new();
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
                more.push((None, kind, Vec::new()));
                // Its modules build with the packages that they get.
                known.extend((target == "home-manager").then_some(names.len() - 1));
                names.len() - 1
            });
            repositories.push((at, repository.to_owned()));
            inputs.push(Input {
                name: input.to_owned().leak(),
                target: Some(FlakeId::new(at)),
                provides: true,
            });
        }
        flakes.push((files, FlakeKind::Flake, inputs));
    }
    flakes.extend(more);
    let mut references = vec![Reference::default(); flakes.len()];
    // So are those with such a name.
    known.extend((0..names.len()).filter(|at| names[*at].starts_with("known-")));
    for at in known {
        references[at].is_known = true;
    }
    for (at, repository) in repositories {
        // `owner/repo@1700000000`: when it was changed last.
        let (repository, modified) = repository.split_once('@').unwrap_or((&repository, ""));
        references[at].modified = modified.parse().ok();
        let repository = repository.to_owned();
        let own = (!repository.is_empty()).then_some(repository);
        references[at].repository = repository_of(own, None, flakes[at].0.as_ref());
    }
    let mut world = World::new(references, flakes.len(), 0);
    for (files, kind, inputs) in flakes {
        world.add(files, kind, inputs.into_iter());
    }
    let found = std::thread::scope(|scope| {
        let run = || ask(&world);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.unwrap().join().unwrap()
    });
    (found, world, names)
}

/// The result for a flake of these files alone.
pub(super) fn read_files(inputs: &str, files: &[(&str, &str)]) -> Read {
    read_world(&[flake("root", inputs, files)])
}

/// The result for a flake of one file with these outputs.
pub(super) fn read_outputs(inputs: &str, text: &str) -> Read {
    read_files(inputs, &[("flake.nix", &format!("{{ outputs = {text}; }}"))])
}

/// Checks flakes of one file: their inputs, their outputs, and the expected lines. All failures are
/// shown at once.
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
    world: World<'static>,
    names: Vec<String>,
}

impl Read {
    fn slot(&self, slot: super::world::FlakeInput) -> String {
        let input = &self.world.input(slot).unwrap().name;
        match slot.flake.index() {
            0 => input.to_string(),
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

    /// The places of settings that are on, for instances that are used.
    pub(super) fn lines(&self) -> Vec<String> {
        let made = self.reading.instances.iter().filter(|made| made.used);
        let settings = made.flat_map(|made| &made.settings).map(|setting| {
            let file = &self.reading.files[setting.place.file.index()];
            let line = LineIndex::new(&file.text).position(setting.place.span().start).line;
            format!("{}:{line} {}", file.path, setting.key.as_deref().unwrap_or("*"))
        });
        settings.collect()
    }

    /// All settings of instances that are used, with their values.
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

    /// What the root takes from its inputs, by kind.
    pub(super) fn taken(&self) -> Vec<String> {
        let root = FlakeId::new(0);
        let of = &self.reading.flakes[&FlakeId::ROOT].taken;
        let name = |input| {
            &self.world.input(super::world::FlakeInput { flake: root, input }).unwrap().name
        };
        of.keys().map(|(input, taken)| format!("{} {}", name(*input), taken.as_str())).collect()
    }

    /// What the root does with its inputs that are a nixpkgs.
    pub(super) fn uses(&self) -> Vec<String> {
        let root = FlakeId::new(0);
        let of = &self.reading.flakes[&FlakeId::ROOT].uses;
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
