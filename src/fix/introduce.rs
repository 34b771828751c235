//! Introduces a wrapper into a flake that configures nixpkgs inline.

use std::collections::BTreeSet;
use std::path::Path;

use super::NewFlakeFile;
use super::edit::Edit;
use super::own_import;
use super::wrapper::{
    Holding, NIXPKGS, NoInlineSettings, WrapperFlake, WrapperSetting, WrapperSettings,
    inline_settings, reference,
};
use crate::audit::{Reported, SourceFiles};
use crate::graph::InputPath;
use crate::instance::Analysis;
use crate::lock::InputId;
use crate::rules;
use crate::source::declare::Reference;
use crate::source::evaluate::facts::Place;
use crate::source::nixpkgs_config::{self, KeyKind};
use crate::source::{PathKind, TreePath};

/// The wrapper that was asked for.
#[derive(Debug, Clone)]
pub struct WantedWrapper {
    /// Its folder, relative to the flake.
    pub dir: String,
    /// Whether importing it should work, too.
    pub importable: bool,
    /// Settings that it gets in any case, such as values that cannot be read from the flake.
    pub settings: WrapperSettings,
}

/// A wrapper, and how the flake will hold it.
#[derive(Debug, Clone)]
pub struct Introduced {
    /// The input's name.
    pub name: String,
    /// The settings in it, in a few words.
    pub sets: String,
    /// The input of this flake that it is built on.
    pub base: String,
    /// Its flake.nix.
    pub file: NewFlakeFile,
    /// The lines that declare it.
    pub lines: Vec<String>,
    /// The edits of flake.nix, without the follows of dependencies.
    pub edits: Vec<Edit>,
    /// Where the flake will still configure nixpkgs itself, as `flake.nix:12`.
    pub own_imports: Vec<String>,
    /// The replacement for such an import; `${system}` stands for its system.
    pub instead: String,
    /// Settings that could not be taken over.
    pub left_out: Vec<String>,
    /// The inputs that lack the settings: these should follow the wrapper, and no others.
    followers: BTreeSet<Vec<String>>,
}

impl Introduced {
    /// A wrapper for the flake's inline settings; `None` if the flake holds it already, like one
    /// that was repaired. `lock` is the name of its lock.
    ///
    /// # Errors
    /// There are no such settings, or the wrapper cannot be put into the folder.
    pub(super) fn new(
        analysis: &Analysis<'_, '_, '_>,
        wanted: &WantedWrapper,
        lock: &str,
    ) -> Result<Option<Self>, String> {
        let files = SourceFiles::new(analysis.sources(), lock);
        let at = |place: &Place| files.place_in_words(*place);
        let is_held = || is_held(analysis, wanted).unwrap_or_default();
        let inline = match inline_settings(analysis) {
            Err(NoInlineSettings::None) if is_held() => return Ok(None),
            inline => inline,
        };
        let inline = inline.map_err(|none| match none {
            NoInlineSettings::NotRead => format!(
                "the outputs of this flake cannot be read, so its settings are not known: write the wrapper \
                 with `flake-audit init {} --config NAME=VALUE`",
                wanted.dir
            ),
            NoInlineSettings::None => {
                "this flake has no inline settings, so there is nothing to put into a wrapper"
                    .into()
            }
            NoInlineSettings::Several(places) => format!(
                "this flake configures nixpkgs in different ways ({}): write the wrapper for one of them \
                 with `flake-audit init`",
                places.iter().map(at).collect::<Vec<_>>().join(", ")
            ),
        })?;
        let root = analysis.sources().root().ok_or("the outputs of this flake cannot be read")?;
        let declared =
            root.source.declarations.as_ref().map_err(|problem| problem.message.clone())?;
        let tree = root.source.files.tree();
        let (folder, from) = folder(&wanted.dir, root.source.files.flake())?;
        let file = from.child("flake.nix").ok_or("the wrapper's folder has no usable name")?;
        let refused = || Err(format!("{folder}/flake.nix exists already and is not overwritten"));
        let base = base_for_followers(analysis, inline.bases.clone());
        if declared.input(&base).is_none() {
            return Err(
                "this flake has no nixpkgs input to build a wrapper on: declare `inputs.nixpkgs`"
                    .into(),
            );
        }
        let dir = Path::new(folder.as_str());
        let holding = Holding::beside(dir, dir, Some(vec![base.clone()]));
        if is_held() {
            return Ok(None);
        }
        if declared.input(&holding.name).is_some() {
            return Err(format!("this flake already has an input `{}`", holding.name));
        }
        let is_given = |name: &str| wanted.settings.iter().any(|given| given.name() == name);
        let left_out: Vec<_> =
            inline.left_out.iter().filter(|left_out| !is_given(&left_out.name)).collect();
        if let Some(missing) = left_out.iter().find(|left_out| left_out.changes_builds()) {
            let place = missing.place.as_ref().map(at).unwrap_or_default();
            return Err(format!(
                "the wrapper would not match what this flake builds: `{}` cannot be taken over, {} \
                 ({place}); {}",
                missing.name,
                missing.why,
                missing.help()
            ));
        }
        let builds = |setting: &WrapperSetting| {
            let first = setting.path.first().map(String::as_str).unwrap_or_default();
            nixpkgs_config::kind(first) == Some(KeyKind::Build)
        };
        let settings = wanted.settings.clone().over(inline.settings.clone());
        if !settings.iter().any(builds) {
            return Err(
                "the settings change no package, so dependencies can follow plain nixpkgs \
                 (`flake-audit init --from-inline` writes the wrapper anyway)"
                    .into(),
            );
        }
        let left_out: Vec<_> = left_out.iter().map(|it| it.in_words(&files)).collect();
        let mut own = own_import::find_own_import(root, &inline, &base, &holding.name);
        if !wanted.settings.is_empty() {
            // Without these settings, the wrapper is not the same nixpkgs.
            own.iter_mut().for_each(|own| own.edit = None);
        }
        let mut edits = vec![
            Edit::Declare {
                name: holding.name.clone(),
                url: holding.url.clone(),
                follows: vec![("nixpkgs".into(), vec![base.clone()])],
            },
            Edit::Take { name: holding.name.clone() },
        ];
        let own_imports = own.iter().filter(|own| own.edit.is_none()).map(|own| at(&own.place));
        let own_imports = own_imports.collect();
        edits.extend(own.into_iter().filter_map(|own| own.edit));
        let wrapper = WrapperFlake {
            nixpkgs: reference(declared, &base).unwrap_or_else(|| NIXPKGS.into()),
            settings,
            left_out: left_out.clone(),
            systems: None,
            importable: wanted.importable,
            holding,
        };
        let name = folder.child("flake.nix").ok_or("the wrapper's folder has no usable name")?;
        let text = wrapper.to_string();
        // An interrupted run may have left exactly this file.
        let is_there = tree.kind(&file) != PathKind::Missing;
        if is_there && tree.read(&file).map_or(true, |found| *found != *text) {
            return refused();
        }
        Ok(Some(Self {
            file: NewFlakeFile { name, text, is_there },
            lines: wrapper.holding.declaration(),
            edits,
            own_imports,
            instead: format!("{}.legacyPackages.${{system}}", wrapper.holding.name),
            left_out,
            followers: followers(analysis, &base),
            sets: wrapper.settings.to_string(),
            base,
            name: wrapper.holding.name,
        }))
    }

    /// Whether nobody would follow it.
    pub(super) fn is_pointless(&self) -> bool {
        self.followers.is_empty()
    }

    /// Whether a fix makes only inputs follow the wrapper that lack the settings.
    pub(super) fn allows(&self, finding: &Reported<'_>) -> bool {
        !self.is_followed_by(finding) || self.is_about_a_follower(finding)
    }

    /// Whether a fix makes something follow the wrapper.
    pub(super) fn is_followed_by(&self, finding: &Reported<'_>) -> bool {
        let mut overrides = finding.fix.iter().flat_map(|fix| fix.remedy.overrides());
        overrides.any(|change| change.follows == [self.name.as_str()])
    }

    /// Whether a finding is about an input that lacks the settings.
    pub(super) fn is_about_a_follower(&self, finding: &Reported<'_>) -> bool {
        let all = std::iter::once(&finding.input_path).chain(&finding.affects);
        all.map(InputPath::names)
            .any(|names| self.followers.iter().any(|follower| follower.iter().eq(names)))
    }
}

/// The inputs that lack a flake's inline settings, and may follow a wrapper built on `base`. Those for
/// which the flake has chosen another of its own nixpkgs keep the version that they have.
fn followers(analysis: &Analysis<'_, '_, '_>, base: &str) -> BTreeSet<Vec<String>> {
    let (graph, lock) = (analysis.graph(), analysis.graph().lock());
    let own = |name| lock.input_named(lock.root(), name).and_then(|input| graph.end(input));
    let base = own(base);
    let others: BTreeSet<_> = graph.inputs_of(lock.root()).map(|input| graph.end(input)).collect();
    let is_chosen = |slot: &InputId| {
        let end = graph.end(*slot);
        end != base && others.contains(&end) && !graph.is_direct(*slot)
    };
    let slots = rules::lacking_inline_settings(analysis).into_iter();
    let slots = slots.filter(|slot| !is_chosen(slot));
    let paths = slots.map(|slot| graph.input_path(slot));
    let complete = |path: InputPath<'_>| {
        path.whole().map(|names| names.iter().map(|n| (*n).to_owned()).collect())
    };
    paths.filter_map(complete).collect()
}

/// Of what a wrapper can be built on, what most of those have whom it is for: what follows it gets
/// its version, too. Of several the first.
fn base_for_followers(analysis: &Analysis<'_, '_, '_>, bases: Vec<String>) -> String {
    let (graph, lock) = (analysis.graph(), analysis.graph().lock());
    let slots = rules::lacking_inline_settings(analysis);
    let has = |base: &String| {
        let base = lock.input_named(lock.root(), base).and_then(|input| graph.end(input));
        slots.iter().filter(|slot| base.is_some() && graph.end(**slot) == base).count()
    };
    let most = bases.into_iter().rev().max_by_key(has);
    most.unwrap_or_else(|| "nixpkgs".into())
}

/// Whether a flake already holds the wrapper in this folder.
fn is_held(analysis: &Analysis<'_, '_, '_>, wanted: &WantedWrapper) -> Option<bool> {
    let root = analysis.sources().root()?;
    let declared = root.source.declared()?;
    let (folder, from) = folder(&wanted.dir, root.source.files.flake()).ok()?;
    let dir = Path::new(folder.as_str());
    let holding = Holding::beside(dir, dir, None);
    let reference = declared.input(&holding.name)?.reference.as_ref()?;
    let is_there = root.source.files.tree().kind(&from.child("flake.nix")?) == PathKind::File;
    Some(is_there && matches!(reference, Reference::Url { text, .. } if *text == holding.url))
}

/// The wrapper's folder, relative to the flake and to the root of its source.
fn folder(dir: &str, flake: &TreePath) -> Result<(TreePath, TreePath), String> {
    let folder = TreePath::root().join(dir).filter(|folder| !folder.is_root());
    let folder = folder.ok_or_else(|| format!("`{dir}` is not a folder inside the flake"))?;
    let from = flake.join(folder.as_str()).ok_or("the wrapper's folder has too long a name")?;
    Ok((folder, from))
}
