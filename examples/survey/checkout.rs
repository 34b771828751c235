//! A checkout, and what the evaluator sees in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use flake_audit::instance::{Analysis, Built, OfferKind, Role, TakenFor, of_repository};
use flake_audit::source::evaluate::facts::{Output, Reading, What};
use flake_audit::source::gpu_packages;
use serde_json::{Value, json};

use super::evaluation::{evaluate, held};
use super::line::Line;
use super::seen::{Seen, base, look_at};

/// The folder of a flake.
#[derive(Debug)]
pub(crate) struct Checkout {
    folder: PathBuf,
    repository: String,
    read: (String, String),
}

impl Checkout {
    /// A folder that is called `owner+repo`, or `forge+owner+repo` where that is not GitHub: `gitlab`,
    /// `sourcehut`, or a host.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let repository = match name.split('+').collect::<Vec<_>>().as_slice() {
            [owner, repo] => format!("github:{owner}/{repo}"),
            [forge @ ("gitlab" | "sourcehut"), owner, repo] => format!("{forge}:{owner}/{repo}"),
            [host, owner, repo] => format!("{host}/{owner}/{repo}"),
            _ => return Err("it is not called owner+repo".into()),
        };
        let repository = repository.to_lowercase();
        let read = match fs::read_to_string(folder.join(".rev")) {
            Ok(text) => text,
            Err(_) => {
                let mut git = std::process::Command::new("git");
                git.arg("-C").arg(&folder).args(["log", "-1", "--format=%H %cs"]);
                let output = git.output().map_err(|error| error.to_string())?;
                String::from_utf8_lossy(&output.stdout).into_owned()
            }
        };
        let (revision, day) = read.trim().split_once(' ').ok_or("it has no revision")?;
        let revision = revision.chars().take(12).collect();
        Ok(Self { folder, repository, read: (day.to_owned(), revision) })
    }

    /// Its repository, as `github:owner/repo` in lower case.
    #[allow(dead_code)] // The test asks for it.
    pub(crate) fn repository(&self) -> &str {
        &self.repository
    }

    /// How its revision begins.
    #[allow(dead_code)]
    pub(crate) fn revision(&self) -> &str {
        &self.read.1
    }

    /// Its line.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn survey(&self) -> Result<Line, String> {
        let lock = fs::read_to_string(self.folder.join("flake.lock"));
        let mut seen = Seen::default();
        let lock: Value = match lock {
            Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string())?,
            Err(_) => {
                seen.not_seen.insert("there is no flake.lock".into());
                json!({ "nodes": { "root": {} }, "root": "root", "version": 7 })
            }
        };
        let texts = self.texts();
        seen.named = named(&texts);
        let has_nixpkgs = self.look(&lock, &mut seen)?;
        self.look_at_what_is_for_others(&lock, &mut seen)?;
        self.doubt(&texts, &mut seen);
        let known = of_repository(&self.repository);
        let built = OfferKind::ALL.map(|kind| self.built(kind, &seen, has_nixpkgs, &texts));
        let has = |kinds: &[usize]| kinds.iter().any(|at| built.get(*at) != Some(&Built::No));
        let taken = match known {
            Some(known) => known.taken,
            None if has(&[0, 1, 2]) => TakenFor::Packages,
            None if has(&[4]) => TakenFor::Modules,
            None if has(&[3]) => TakenFor::Overlays,
            None => TakenFor::Lib,
        };
        let cache = texts.iter().find(|(path, _)| path == "flake.nix");
        let cache = cache.and_then(|(_, text)| substituter(text));
        // What holds of all is said once.
        for kind in ["packages", "apps", "devShells", "legacyPackages"] {
            if seen.not_known.contains(kind) {
                seen.not_known
                    .retain(|path| path == kind || !path.starts_with(&format!("{kind}.")));
            }
        }
        let is_given = built.get(3) == Some(&Built::Given);
        let overlay = is_given.then(|| Self::overlay(&seen)).flatten();
        Ok(Line {
            repository: self.repository.clone(),
            read: self.read.clone(),
            taken,
            built,
            changed: seen.changed,
            not_known: seen.not_known,
            unchanged: known.map_or_else(Vec::new, |known| {
                known.unchanged.iter().map(|path| (*path).to_owned()).collect()
            }),
            sets: seen.sets,
            cache,
            overlay,
            by_hand: known.map(|known| known.by_hand.to_owned()).unwrap_or_default(),
            not_seen: seen.not_seen,
        })
    }

    /// What people build of it; whether it has a nixpkgs of its own to build from.
    fn look(&self, lock: &Value, seen: &mut Seen) -> Result<bool, String> {
        let mut has_nixpkgs = false;
        evaluate(&self.folder, lock, |analysis, reading| {
            let graph = analysis.graph();
            has_nixpkgs = graph
                .reachable()
                .iter()
                .any(|node| matches!(analysis.role(*node), Role::Nixpkgs | Role::Configured(_)));
            seen.names.clone_from(&reading.exports.names);
            if !reading.exports.known {
                seen.has_more = true;
                seen.not_known.extend(["packages", "apps", "devShells"].map(String::from));
                seen.not_seen.insert("the names of its outputs are not all known".into());
            }
            for output in &reading.outputs {
                look_at(analysis, reading, output, seen);
            }
            // A whole set is not listed.
            if reading.exports.names.contains("legacyPackages") {
                seen.not_known.insert("legacyPackages".into());
            }
        })?;
        Ok(has_nixpkgs)
    }

    /// Its overlays, applied by a flake that takes them, to see whose packages they hold.
    fn look_at_what_is_for_others(&self, lock: &Value, seen: &mut Seen) -> Result<(), String> {
        if !seen.names.contains("overlays") && !seen.names.contains("overlay") {
            return Ok(());
        }
        let user = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = self.folder.to_string_lossy();
        let user_of = |outputs: &str| {
            format!(
                "{{
                  inputs.it.url = \"path:{path}\";
                  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";
                  outputs = {{ self, it, nixpkgs }}:
                    let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {{ {outputs} }};
                }}"
            )
        };
        let write = |outputs: &str| {
            let text = user_of(outputs);
            fs::write(user.path().join("flake.nix"), text).map_err(|error| error.to_string())
        };
        write(
            "packages.x86_64-linux = builtins.mapAttrs
               (name: overlay: pkgs.buildEnv { paths = builtins.attrValues (overlay pkgs pkgs); })
               ((it.overlays or { }) // (if it ? overlay then { old = it.overlay; } else { }));",
        )?;
        let (mut given, mut own, mut cut) = (false, false, false);
        evaluate(user.path(), &held(lock, &path), |analysis, reading| {
            for output in &reading.outputs {
                cut |= !output.not_read.is_empty();
                for taking in &output.uses {
                    let of_user = match &taking.what {
                        What::Package { instance, .. } => base(analysis, reading, *instance),
                        What::Opaque { .. } => Some(false),
                    };
                    given |= of_user == Some(true);
                    own |= of_user == Some(false);
                }
            }
        })?;
        let built = match (given, own, cut) {
            (_, true, _) => Built::NotKnown,
            (true, false, false) => Built::Given,
            _ => Built::NotKnown,
        };
        if built == Built::NotKnown {
            seen.not_seen.insert(format!("overlays: given {given}, own {own}, in part {cut}"));
        }
        seen.built.entry(OfferKind::Overlays).or_default().insert(built);
        // Each by itself, and each name: as others find them.
        write(
            "hydraJobs = builtins.mapAttrs
               (name: overlay: let extended = pkgs.extend overlay; in
                 builtins.mapAttrs (name: it: extended.${name}) (overlay extended pkgs))
               (it.overlays or { });",
        )?;
        evaluate(user.path(), &held(lock, &path), |analysis, reading| {
            for output in &reading.outputs {
                if let [_, overlay, name] = output.path.as_slice()
                    && is_given(analysis, reading, output)
                {
                    seen.overlays.entry(overlay.clone()).or_default().insert(name.clone());
                }
            }
        })
    }

    /// The overlay that builds, by the nixpkgs that it is given, all packages that people may be told
    /// to take from it: those that a setting may change, or all where none is.
    fn overlay(seen: &Seen) -> Option<String> {
        let packages = |path: &str| path.strip_prefix("packages.").map(str::to_owned);
        let doubted = |name: &String| {
            let path = format!("packages.{name}");
            let all = seen.changed.keys().chain(&seen.not_known);
            all.into_iter().any(|other| *other == path || other == "packages")
        };
        let names: BTreeSet<String> = seen.paths.iter().filter_map(|path| packages(path)).collect();
        let of_concern = if names.iter().any(doubted) {
            names.into_iter().filter(doubted).collect()
        } else {
            names
        };
        // What it is called there is not known.
        let named: Vec<&String> = of_concern.iter().filter(|name| *name != "default").collect();
        let mut overlays: Vec<_> = seen.overlays.iter().collect();
        overlays.sort_by_key(|(name, _)| *name != "default");
        let serving = overlays.into_iter().find(|(_, adds)| {
            !of_concern.is_empty() && named.iter().all(|name| adds.contains(*name))
        });
        serving.map(|(name, _)| name.clone())
    }

    fn built(
        &self,
        kind: OfferKind,
        seen: &Seen,
        has_nixpkgs: bool,
        texts: &[(String, String)],
    ) -> Built {
        let names: &[&str] = match kind {
            OfferKind::Packages => &["packages", "defaultPackage", "legacyPackages"],
            OfferKind::Apps => &["apps", "defaultApp"],
            OfferKind::Shells => &["devShells", "devShell"],
            OfferKind::Overlays => &["overlays", "overlay"],
            OfferKind::Modules => &[
                "nixosModules",
                "nixosModule",
                "homeModules",
                "homeManagerModules",
                "darwinModules",
                "flakeModule",
                "flakeModules",
                "homeManagerModule",
                "modules",
                "hjemModules",
                "hmModules",
            ],
            OfferKind::Lib => &["lib"],
        };
        if !names.iter().any(|name| seen.names.contains(*name)) {
            return if seen.has_more { Built::NotKnown } else { Built::No };
        }
        match kind {
            OfferKind::Overlays | OfferKind::Modules | OfferKind::Lib if !has_nixpkgs => {
                Built::Given
            }
            OfferKind::Modules => {
                // Modules reach what the flake builds only where its code names that.
                const OWN: [&str; 10] = [
                    "self.packages",
                    "self'.packages",
                    "self.outputs",
                    "inputs.self.",
                    "withSystem",
                    "moduleWithSystem",
                    "self.defaultPackage",
                    "self.legacyPackages",
                    "importApply",
                    "localFlake",
                ];
                let of_others = |path: &str| path.contains("test") || path.contains("template");
                let named = texts.iter().any(|(path, text)| {
                    !of_others(path) && OWN.iter().any(|word| text.contains(word))
                });
                if named { Built::NotKnown } else { Built::Given }
            }
            OfferKind::Lib => Built::NotKnown,
            _ => {
                let all = seen.built.get(&kind);
                let rank = |built: &&Built| match built {
                    Built::Settings => 4,
                    Built::Import => 3,
                    Built::Legacy => 2,
                    _ => 1,
                };
                all.and_then(|all| all.iter().max_by_key(rank)).copied().unwrap_or(Built::NotKnown)
            }
        }
    }

    /// What the evaluator would not tell: packages of the flake's own that read the settings.
    fn doubt(&self, texts: &[(String, String)], seen: &mut Seen) {
        const READ: [&str; 5] =
            ["cudaSupport", "rocmSupport", "enableCuda", "withCuda", "pkgsCuda"];
        for (path, text) in texts {
            if let Some(word) = READ.iter().find(|word| text.contains(**word)) {
                seen.not_seen.insert(format!("{path} names {word}"));
                if !path.contains("template") && !path.contains("test") {
                    for kind in ["packages", "apps", "devShells"] {
                        if seen.names.contains(kind) {
                            seen.not_known.insert(kind.into());
                        }
                    }
                }
            }
        }
    }

    fn texts(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![self.folder.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => open.push(path),
                    Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "nix") => {
                        let name = path.strip_prefix(&self.folder).unwrap_or(&path);
                        let text = fs::read_to_string(&path).unwrap_or_default();
                        found.push((name.to_string_lossy().into_owned(), text));
                    }
                    _ => {}
                }
            }
        }
        found.sort();
        found
    }
}

/// Whether all that an output is made of is of the nixpkgs that the user has.
fn is_given(analysis: &Analysis<'_, '_, '_>, reading: &Reading, output: &Output) -> bool {
    let of_user = output.uses.iter().all(|taking| match &taking.what {
        What::Package { instance, .. } => base(analysis, reading, *instance) == Some(true),
        What::Opaque { .. } => false,
    });
    of_user && !(output.uses.is_empty() && output.builders.is_empty())
}

/// The host of the first substituter that a `flake.nix` names beside the usual one.
fn substituter(text: &str) -> Option<String> {
    let at = text.find("substituters")?;
    let rest = text.get(at..)?;
    let end = rest.find(']').or_else(|| rest.find(';'))?;
    let all = rest.get(..end)?.split("https://").skip(1);
    let hosts = all.filter_map(|url| url.split(['"', '/', ' ', '?']).next());
    hosts.filter(|host| *host != "cache.nixos.org").map(str::to_owned).next()
}

/// The packages that a GPU setting changes and that some file names, but for files that nothing
/// that people take is built from.
fn named(texts: &[(String, String)]) -> BTreeSet<String> {
    const ASIDE: [&str; 7] = ["module", "test", "template", "example", "doc", "nixos/", "checks"];
    let is_word = |c: char| c.is_alphanumeric() || "_-'".contains(c);
    let changed = |word: &&str| {
        let in_set = |set: &str| gpu_packages::top_level(&format!("{set}.{word}")).is_some();
        gpu_packages::top_level(word).is_some()
            || gpu_packages::python(word).is_some()
            || ["kdePackages", "deepin", "obs-studio-plugins"].into_iter().any(in_set)
    };
    let counts = |path: &str| !ASIDE.iter().any(|aside| path.contains(aside));
    let lines = texts.iter().filter(|(path, _)| counts(path)).flat_map(|(_, text)| text.lines());
    let code = lines.map(|line| line.split('#').next().unwrap_or_default());
    let words = code.flat_map(|line| line.split(|c| !is_word(c)));
    words.filter(changed).map(str::to_owned).collect()
}
