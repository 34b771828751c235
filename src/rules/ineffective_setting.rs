//! Something is written as a setting of nixpkgs and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, mismatches};
use crate::change::{Fix, MovedSetting};
use crate::finding::{Discriminator, Finding, Level, Subject};
use crate::instance::Analysis;
use crate::source::evaluate::facts::{
    InstanceId, MadeBy, MadeInstance, Output, PackageKind, Place, Read, Reading, SettingState, What,
};
use crate::source::gpu_packages::{self, Gpu};
use crate::source::nixpkgs_config::{self, Ineffective, KeyKind};
use crate::source::{SettingPlace, into_config};
use crate::text::distance;

pub(super) static RULE: Rule = Rule {
    id: "ineffective-setting",
    level: Level::Warn,
    light: Level::Warn,
    summary: "something is written as a setting of nixpkgs and changes nothing",
    page: include_str!("../../docs/rules/ineffective-setting.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

/// Why a setting changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NoEffect {
    /// It is an argument of `import nixpkgs` beside `config`.
    Beside,
    /// It is written as an option of NixOS or home-manager, beside `nixpkgs.config`.
    NoOption,
    /// nixpkgs does not read a setting of this name; a table knows why.
    Known,
    /// It is a misspelling of this setting.
    Misspelt(&'static str),
    /// It is another name for this setting, which is set, too.
    SetAlready(&'static str),
    /// It selects CUDA versions, and nothing is built with CUDA.
    NothingWithCuda,
}

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(reading) = analysis.sources().evaluated_root() else { return };
    let mut found: BTreeMap<(String, NoEffect), BTreeSet<Place>> = BTreeMap::new();
    let mut put = |key: &str, why: NoEffect, place: Place| {
        if analysis.sources().is_of_root(place) {
            found.entry((key.to_owned(), why)).or_default().insert(place);
        }
    };
    let mut for_cuda: BTreeMap<(&str, Place), BTreeSet<CudaUse>> = BTreeMap::new();
    for (at, made) in reading.instances.iter().enumerate() {
        let beside = match made.made_by {
            MadeBy::Nixos | MadeBy::HomeManager => NoEffect::NoOption,
            _ => NoEffect::Beside,
        };
        for setting in &made.beside {
            put(setting.key.as_deref().unwrap_or_default(), beside, setting.place);
        }
        for setting in &made.settings {
            let in_config = |key: &&str| *key != nixpkgs_config::PLATFORM_GCC;
            let Some(key) = setting.key.as_deref().filter(in_config) else { continue };
            if let Some(why) = why(analysis, made, key) {
                put(key, why, setting.place);
            } else if is_for_cuda(key) && setting.state == SettingState::On {
                let used = cuda_use(reading, InstanceId::new(at), made);
                for_cuda.entry((key, setting.place)).or_default().insert(used);
            }
        }
    }
    for ((key, place), used) in for_cuda {
        // One line may configure several instances.
        if used.contains(&CudaUse::Nothing) && !used.contains(&CudaUse::Perhaps) {
            put(key, NoEffect::NothingWithCuda, place);
        }
    }
    for ((key, why), places) in found {
        findings.push(finding(analysis, &key, why, &places));
    }
}

fn why(analysis: &Analysis<'_, '_, '_>, made: &MadeInstance, key: &str) -> Option<NoEffect> {
    let is_set = |name: &str| made.settings.iter().any(|of| of.key.as_deref() == Some(name));
    match nixpkgs_config::ineffective(key) {
        Some(Ineffective::Dropped(release, _)) => {
            let graph = analysis.graph();
            let input = made.base.and_then(|base| analysis.sources().input(graph, base));
            let nixpkgs = input.and_then(|input| graph.end(input));
            let at = nixpkgs.and_then(|node| graph.lock().last_modified(node));
            return at.is_none_or(|at| at >= release.branched).then_some(NoEffect::Known);
        }
        Some(Ineffective::Called(name)) if is_set(name) => return Some(NoEffect::SetAlready(name)),
        Some(_) => return Some(NoEffect::Known),
        None => {}
    }
    if nixpkgs_config::kind(key).is_some() {
        return None;
    }
    misspelt(key).map(|name| {
        if is_set(name) { NoEffect::SetAlready(name) } else { NoEffect::Misspelt(name) }
    })
}

/// The setting that a name probably misspells. A name with other words is another name.
fn misspelt(key: &str) -> Option<&'static str> {
    /// The most letters that a misspelling changes.
    const MISTYPED: usize = 2;
    /// Letters of the shortest name that is checked: in shorter ones, two letters are too many.
    const SHORTEST: usize = 10;
    if key.len() < SHORTEST {
        return None;
    }
    let keys = nixpkgs_config::keys().map(|name| (distance(key, name), name));
    keys.filter(|(distance, _)| *distance <= MISTYPED).min().map(|(_, name)| name)
}

fn is_for_cuda(key: &str) -> bool {
    matches!(key, "cudaCapabilities" | "cudaForwardCompat")
}

/// What of an instance is built with CUDA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum CudaUse {
    /// No output uses the instance.
    Unused,
    /// Certainly nothing: all outputs that use it were fully read, and none takes the toolkit or a
    /// package that has CUDA on by itself.
    Nothing,
    /// Something, or it is not known.
    Perhaps,
}

fn cuda_use(reading: &Reading, id: InstanceId, made: &MadeInstance) -> CudaUse {
    let is_on = made.settings.iter().any(|setting| {
        setting.key.as_deref().is_none_or(|key| key == "cudaSupport")
            && setting.state != SettingState::Off
    });
    let is_base = reading.instances.iter().any(|other| other.from == Some(id) && other.used);
    if is_on || is_base || made.overlays.is_none() {
        return CudaUse::Perhaps;
    }
    let mut used = CudaUse::Unused;
    for output in &reading.outputs {
        let is_known = output.read == Read::Whole;
        match uses(output, id) {
            true if !is_known || takes_cuda(output) => return CudaUse::Perhaps,
            true => used = CudaUse::Nothing,
            // Whatever builds it may have been given the same settings.
            false if !is_known && output.builders.is_empty() => return CudaUse::Perhaps,
            false => {}
        }
    }
    used
}

fn uses(output: &Output, id: InstanceId) -> bool {
    let takes = |what: &What| matches!(what, What::Package { instance, .. } if *instance == id);
    output.builders.iter().any(|builder| builder.instance == id)
        || output.uses.iter().any(|taking| takes(&taking.what))
}

fn takes_cuda(output: &Output) -> bool {
    output.uses.iter().any(|taking| match &taking.what {
        What::Package { name, kind, .. } => match kind {
            PackageKind::Switched(_) | PackageKind::Toolkit(Gpu::Cuda) => true,
            _ => {
                let name = name.rsplit('.').next().unwrap_or_default();
                gpu_packages::built_in(name).is_some() || name.to_lowercase().contains("cuda")
            }
        },
        What::Opaque { .. } => true,
    })
}

fn finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    key: &str,
    why: NoEffect,
    places: &BTreeSet<Place>,
) -> Finding<'a> {
    let (message, note, fix) = words(key, why);
    let mut finding = Finding::new(&RULE, Subject::Flake(None), message)
        .discriminator(Discriminator::Settings(format!("{key} {why:?}")))
        .placed(places.first().copied())
        .label("changes nothing")
        .fix(moved(analysis, key, why, places).unwrap_or_else(|| Fix::manual(fix)));
    finding.why = note;
    let others: Vec<String> = places
        .iter()
        .skip(1)
        .filter_map(|place| mismatches::place_in_words(analysis, *place))
        .collect();
    if !others.is_empty() {
        finding = finding.note(format!("also in {}", mismatches::first_names(&others)));
    }
    finding
}

/// Moves the setting into `config`, if only its place is wrong and all places are simple ones in
/// flake.nix.
fn moved<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    key: &str,
    why: NoEffect,
    places: &BTreeSet<Place>,
) -> Option<Fix<'a>> {
    let (stands, into) = match why {
        NoEffect::Beside if key != "stdenv" => (SettingPlace::Argument, "config"),
        NoEffect::NoOption => (SettingPlace::Option, "nixpkgs.config"),
        _ => return None,
    };
    let root = analysis.sources().root()?;
    let flake = root.evaluated.flake_file();
    let is_in_flake =
        |place: &Place| root.reading.file(place.file).is_some_and(|file| file.path == flake);
    if !places.iter().all(is_in_flake) {
        return None;
    }
    let settings = places.iter().map(|place| (key, place.span()));
    let splices = into_config(&root.source.text, stands, settings)?;
    let changes = (nixpkgs_config::kind(key) == Some(KeyKind::Build)).then(|| {
        let unfree = match key {
            "cudaSupport" => "; CUDA is unfree, so it needs `allowUnfree` too",
            _ => "",
        };
        format!("packages that `{key}` changes are then rebuilt{unfree}")
    });
    let name = key.to_owned();
    Some(Fix::move_setting(MovedSetting { name, into, splices }, changes))
}

/// The message, a note, and what to write instead.
fn words(key: &str, why: NoEffect) -> (String, Option<String>, String) {
    let unknown = || format!("nixpkgs has no setting `{key}`: it changes nothing");
    match why {
        // People write this because of nixpkgs' advice about `pkgs.system`.
        NoEffect::Beside if key == "stdenv" => (
            "`stdenv` is no argument of nixpkgs: the system in it changes nothing".into(),
            Some(
                "nixpkgs then asks for the machine's own system, which pure evaluation refuses"
                    .into(),
            ),
            "write `system = …;`".into(),
        ),
        NoEffect::Beside => (
            format!("`{key}` stands beside `config`, where nixpkgs does not look for it"),
            Some(
                "nixpkgs accepts any argument, and does not warn about those it does not know"
                    .into(),
            ),
            format!("write it in `config`: `config.{key} = …;`"),
        ),
        NoEffect::NoOption => (
            format!("`nixpkgs.{key}` is no option: settings of nixpkgs go into `nixpkgs.config`"),
            Some("a system or home with an unknown option does not evaluate".into()),
            format!("write `nixpkgs.config.{key} = …;`"),
        ),
        NoEffect::Misspelt(name) => (unknown(), None, format!("write `{name}`")),
        NoEffect::SetAlready(name) => {
            (unknown(), None, format!("remove it: `{name}` is set beside it"))
        }
        NoEffect::NothingWithCuda => (
            format!("`{key}` changes nothing: no output takes anything that is built with CUDA"),
            Some("it says which GPUs to build for, but does not switch CUDA on".into()),
            "set `cudaSupport` too, or remove it".into(),
        ),
        NoEffect::Known => match nixpkgs_config::ineffective(key) {
            Some(Ineffective::Called(name)) => (unknown(), None, format!("write `{name}`")),
            Some(Ineffective::Option) if key == "hostPlatform" || key == "buildPlatform" => (
                format!("`{key}` in `config` changes nothing: it is an option of NixOS"),
                None,
                format!("write `nixpkgs.{key} = …;` in a module"),
            ),
            Some(Ineffective::Option) => (
                format!("`{key}` in `config` changes nothing: it is an option of NixOS"),
                None,
                "write it in a module, outside `nixpkgs.config`".into(),
            ),
            Some(Ineffective::Argument) => (
                format!("`{key}` in `config` changes nothing: it is an argument of nixpkgs"),
                None,
                format!("write `{key}` beside `config`"),
            ),
            Some(Ineffective::Unread(of)) => (
                format!("no package of nixpkgs reads `{key}`: it changes nothing"),
                Some(of.into()),
                "remove it".into(),
            ),
            Some(Ineffective::Dropped(release, of)) => (
                format!(
                    "no package of nixpkgs reads `{key}` since {}: it changes nothing",
                    release.name
                ),
                Some(of.into()),
                "remove it".into(),
            ),
            Some(Ineffective::Nested) => (
                format!("`{key}` in `config` changes nothing: settings go into `config` itself"),
                None,
                "move its contents into `config` itself".into(),
            ),
            None => (unknown(), None, "remove it".into()),
        },
    }
}
