//! Well-known flakes whose functions make systems, homes and outputs. What these functions do is
//! built in, which is more accurate than evaluating their code. There is a file for each; a
//! framework is recognized by owner and repository.

mod blueprint;
mod catppuccin;
mod clan;
mod colmena;
mod crane;
mod den;
mod devenv;
mod easy_hosts;
mod ez_configs;
mod flake_parts;
mod flake_utils;
mod flake_utils_plus;
mod flakelight;
mod folders;
mod haumea;
mod home_manager;
pub(super) mod import_tree;
mod nix_darwin;
mod nix_on_droid;
mod nixos_generators;
mod nixos_unified;
mod nixvim;
mod poetry2nix;
mod rust_overlay;
mod snowfall;
mod std_flake;
mod stylix;
mod system_manager;
mod systems;

pub(super) use folders::ONE_SYSTEM;

use super::evaluator::Evaluator;
use super::facts::Place;
use super::library;
use super::modules::{ClassId, ModuleKind};
use super::value::{Path, Segment, Thunk, Value, last};
use super::world::FlakeInput;
use crate::Files;
use crate::syntax::Name;

/// The systems of flake-utils' `eachDefaultSystem`, which most flakes list.
pub(super) const DEFAULT_SYSTEMS: [&str; 4] =
    ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"];

/// A well-known flake.
pub(super) struct Framework {
    /// `owner/repo`, in lower case, including former owners.
    pub(super) repositories: &'static [&'static str],
    /// Where its behaviour was looked up, and when.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever looks it up again"))]
    pub(super) source: &'static str,
    /// Files that identify it, so that copies and forks of another name are recognized. Empty if
    /// they can be read like any other flake.
    pub(super) marks: &'static [&'static str],
    /// The number of arguments of its functions.
    pub(super) arity: fn(function: &str) -> usize,
    /// The result of a call of a function; `None` if it is not known.
    pub(super) call: fn(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value>,
}

/// A call of a function of a well-known flake.
pub(super) struct FrameworkCall<'c> {
    /// The input that it belongs to.
    pub(super) slot: FlakeInput,
    /// Its last name; empty for the flake itself.
    pub(super) function: &'c str,
    pub(super) args: &'c [Thunk],
    pub(super) place: Option<Place>,
}

impl FrameworkCall<'_> {
    /// An argument; `None` if it is missing.
    pub(super) fn arg(&self, at: usize) -> Option<Thunk> {
        self.args.get(at).copied()
    }
}

static FRAMEWORKS: [&Framework; 28] = [
    &blueprint::FRAMEWORK,
    &catppuccin::FRAMEWORK,
    &clan::FRAMEWORK,
    &colmena::FRAMEWORK,
    &crane::FRAMEWORK,
    &den::FRAMEWORK,
    &devenv::FRAMEWORK,
    &easy_hosts::FRAMEWORK,
    &ez_configs::FRAMEWORK,
    &flake_parts::FRAMEWORK,
    &flake_utils::FRAMEWORK,
    &flake_utils_plus::FRAMEWORK,
    &flakelight::FRAMEWORK,
    &haumea::FRAMEWORK,
    &home_manager::FRAMEWORK,
    &import_tree::FRAMEWORK,
    &nix_darwin::FRAMEWORK,
    &nix_on_droid::FRAMEWORK,
    &nixos_generators::FRAMEWORK,
    &nixos_unified::FRAMEWORK,
    &nixvim::FRAMEWORK,
    &poetry2nix::FRAMEWORK,
    &rust_overlay::FRAMEWORK,
    &snowfall::FRAMEWORK,
    &std_flake::FRAMEWORK,
    &stylix::FRAMEWORK,
    &system_manager::FRAMEWORK,
    &systems::FRAMEWORK,
];

fn framework_of(repository: Option<&str>) -> Option<&'static Framework> {
    let repository = repository?;
    FRAMEWORKS.into_iter().find(|framework| framework.repositories.contains(&repository))
}

/// Whether a repository is that of a framework.
pub(super) fn is_known(repository: Option<&str>) -> bool {
    framework_of(repository).is_some()
}

/// The repository by which a source is recognized: its own, or that of the framework that it is a
/// copy or fork of, judged by its files.
///
/// Evaluating a large framework would take seconds, and would show less than what is built in.
///
/// `input` is the name of its input: who serves a copy at an address of his own keeps that.
pub fn repository_of(
    own: Option<String>,
    input: Option<&str>,
    files: Option<&Files>,
) -> Option<String> {
    if is_known(own.as_deref()) {
        return own;
    }
    let Some(files) = files else {
        let name = own.as_deref().and_then(|own| Some(own.split_once('/')?.1));
        return name.and_then(forked).or_else(|| forked(input?)).or(own);
    };
    let has = |mark: &&str| files.flake().join(mark).is_some_and(|path| files.is_file(&path));
    let copied = FRAMEWORKS
        .into_iter()
        .find(|framework| !framework.marks.is_empty() && framework.marks.iter().all(has));
    copied
        .and_then(|framework| framework.repositories.first())
        .map_or(own, |name| Some((*name).into()))
}

/// Names of repositories that always are this framework, whoever owns them. For forks whose code is
/// not on disk.
const FORKED: [(&str, &str); 14] = [
    ("ez-configs", "ehllie/ez-configs"),
    ("flake-parts", "hercules-ci/flake-parts"),
    ("flake-utils", "numtide/flake-utils"),
    ("flake-utils-plus", "gytis-ivaskevicius/flake-utils-plus"),
    ("flakelight", "nix-community/flakelight"),
    ("home-manager", "nix-community/home-manager"),
    ("import-tree", "vic/import-tree"),
    ("nix-darwin", "nix-darwin/nix-darwin"),
    ("nix-on-droid", "nix-community/nix-on-droid"),
    ("nixos-generators", "nix-community/nixos-generators"),
    ("nixos-unified", "srid/nixos-unified"),
    ("nixvim", "nix-community/nixvim"),
    ("snowfall-lib", "snowfallorg/lib"),
    ("system-manager", "numtide/system-manager"),
];

fn forked(name: &str) -> Option<String> {
    let known = FORKED.iter().find(|(forked, _)| *forked == name)?;
    Some(known.1.to_owned())
}

/// An attribute of a framework that is no function.
pub(super) fn member(repository: Option<&str>, name: &Name) -> Option<Value> {
    (&**name == "defaultSystems" && is_known(repository)).then(Value::outside)
}

/// A nested attribute of a framework that is no function.
pub(super) fn below(repository: Option<&str>, path: &Path, step: &Segment) -> Option<Value> {
    let framework = framework_of(repository)?;
    let is_utils = std::ptr::eq(framework, &raw const flake_utils::FRAMEWORK);
    match (path.first()?.name()?, last(path)?, step) {
        // flake-utils: `with lib.system; [ x86_64-linux ]` are texts.
        ("lib", "system", Segment::Named(system)) if is_utils && system.contains('-') => {
            Some(Value::Text(system.clone()))
        }
        _ => None,
    }
}

/// The result of `import` of a framework, if known.
pub(super) fn imported(evaluator: &mut Evaluator<'_>, slot: FlakeInput) -> Option<Value> {
    let framework = framework_of(evaluator.repository(slot))?;
    let is = |other: &'static Framework| std::ptr::eq(framework, other);
    if is(&import_tree::FRAMEWORK) || is(&poetry2nix::FRAMEWORK) {
        return Some(Value::Flake(slot, None));
    }
    std::ptr::eq(framework, &raw const systems::FRAMEWORK).then(|| systems::list(evaluator, slot))
}

/// What a module of an input does, if it makes outputs from the flake's own folders and options.
pub(super) fn wired(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    path: &Path,
    place: Option<Place>,
) -> Option<Value> {
    let framework = framework_of(evaluator.repository(slot))?;
    if std::ptr::eq(framework, &raw const nixos_unified::FRAMEWORK) {
        return nixos_unified::module(evaluator, class, slot, path, place);
    }
    if std::ptr::eq(framework, &raw const den::FRAMEWORK) {
        return den::module(evaluator, class, slot, path, place);
    }
    if std::ptr::eq(framework, &raw const devenv::FRAMEWORK) {
        return Some(devenv::module(evaluator, class, slot, path, place));
    }
    if std::ptr::eq(framework, &raw const clan::FRAMEWORK) {
        let is_parts = evaluator.class(class).is_some_and(|of| of.kind == ModuleKind::Parts);
        return is_parts.then(|| clan::module(evaluator, class, slot, place));
    }
    if std::ptr::eq(framework, &raw const easy_hosts::FRAMEWORK) {
        return Some(easy_hosts::module(evaluator, class, slot, place));
    }
    std::ptr::eq(framework, &raw const ez_configs::FRAMEWORK)
        .then(|| ez_configs::module(evaluator, class, slot, place))
}

/// The number of arguments of a function.
pub(super) fn arity(repository: Option<&str>, path: &Path) -> usize {
    let name = last(path).unwrap_or_default();
    let own = framework_of(repository).map_or(1, |framework| (framework.arity)(name));
    let is_library = path.first().and_then(Segment::name) == Some("lib");
    if own == 1 && is_library && library::is_known(name) { library::arity(name) } else { own }
}

impl Evaluator<'_> {
    /// A call of a function of a well-known flake.
    pub(super) fn framework(
        &mut self,
        slot: FlakeInput,
        path: &Path,
        args: Vec<Thunk>,
        place: Option<Place>,
    ) -> Value {
        let function = last(path).unwrap_or_default();
        let framework = framework_of(self.repository(slot));
        let call = FrameworkCall { slot, function, args: &args, place };
        let made = framework.and_then(|framework| (framework.call)(self, &call));
        let makes_flakes = matches!(function, "" | "mkFlake" | "grow" | "growOn");
        let is_library = path.first().and_then(Segment::name) == Some("lib");
        let whole = match path.is_empty() {
            true => Value::Flake(slot, place),
            false => Value::Unread(slot, path.clone(), place),
        };
        match made {
            // If no outputs are found in the usual place, they are somewhere else.
            Some(Value::Set(set)) if makes_flakes && set.attrs.is_empty() && set.rest.is_none() => {
                self.hand_all(&whole, &[], place)
            }
            Some(value) => value,
            None if is_library && library::is_known(function) => {
                self.library(Some(slot), &Name::from(function), args, place)
            }
            None => self.hand_all(&whole, &args, place),
        }
    }

    /// The usual systems, as a list.
    pub(super) fn default_systems(&mut self) -> Value {
        let items = DEFAULT_SYSTEMS.map(|system| self.done(Value::text(system)));
        Value::list(items.into(), false)
    }
}

/// For functions of one argument each.
pub(super) fn one(_: &str) -> usize {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_framework_is_whole() {
        let mut seen = std::collections::BTreeSet::new();
        for framework in FRAMEWORKS {
            assert!(!framework.repositories.is_empty());
            for repository in framework.repositories {
                assert_eq!(*repository, repository.to_lowercase());
                assert_eq!(repository.matches('/').count(), 1, "{repository}");
                assert!(seen.insert(repository), "{repository} is there twice");
            }
            assert!(framework.source.contains("202"), "{} has no date", framework.source);
        }
    }

    /// Copies that are not on disk: by the name of the repository, or that of the input.
    #[test]
    fn copies_at_other_addresses() {
        for (own, input, known) in [
            (Some("snowfallorg/lib"), None, "snowfallorg/lib"),
            (Some("me/snowfall-lib"), None, "snowfallorg/lib"),
            (Some("me/lib"), Some("snowfall-lib"), "snowfallorg/lib"),
            (None, Some("import-tree"), "vic/import-tree"),
            (Some("me/lib"), Some("lib"), "me/lib"),
            (Some("hercules-ci/flake-parts"), Some("flake-utils"), "hercules-ci/flake-parts"),
        ] {
            let found = repository_of(own.map(str::to_owned), input, None);
            assert_eq!(found.as_deref(), Some(known), "{own:?} {input:?}");
        }
    }
}
