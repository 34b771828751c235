//! The settings that a flake makes in place, to be put into a wrapper.
//!
//! What is taken is the text of values that are written out. What depends on a condition or has to
//! be evaluated is told and left to people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use rnix::SyntaxNode;
use rnix::ast::{self, Attr};
use rowan::TextSize;
use rowan::ast::AstNode;

use super::{Literal, Setting, Settings};
use crate::instance::{Facts, RootCode};
use crate::source::evaluate::facts::{self as found, MadeBy, MadeInstance, Place, SettingState};
use crate::source::nixpkgs_config::{self, KeyKind};
use crate::source::syntax;

/// The settings that a flake makes in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSettings {
    /// Those that are written out.
    pub settings: Settings,
    /// Those that are not, and why.
    pub left_out: Vec<LeftOut>,
    /// Where the instances are made: what is to be taken from the wrapper instead.
    pub made_at: Vec<Place>,
    /// The root's input that they are made from, where that is known.
    pub base: Option<String>,
}

/// Something that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The setting.
    pub name: String,
    /// Where it is set.
    pub place: Option<Place>,
    /// Why.
    pub why: Why,
}

impl LeftOut {
    /// Whether it changes builds, or may: without it the wrapper is another nixpkgs than the one
    /// that the flake builds from.
    pub fn changes_builds(&self) -> bool {
        match nixpkgs_config::kind(&self.name) {
            Some(kind) => kind == KeyKind::Build,
            None => self.why == Why::Unreadable,
        }
    }
}

/// Why something is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is set on a condition.
    Conditional,
    /// Its value has to be evaluated.
    Computed,
    /// It is set more than once, and not to the same.
    Ambiguous,
    /// It cannot be read at all.
    Unreadable,
    /// Overlays are code of the flake itself.
    Overlays,
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Conditional => "it is set on a condition",
            Why::Computed => "its value is not written out there",
            Why::Ambiguous => "it is set in several places, and not to the same",
            Why::Unreadable => "it cannot be read",
            Why::Overlays => "they are no settings, what they add stays with the flake",
        })
    }
}

/// Why there are no settings to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoInlineSettings {
    /// The flake's source was not read, or its outputs cannot be.
    NotRead,
    /// It makes none.
    None,
    /// Several instances have different ones; where they are made.
    Several(Vec<Place>),
}

/// The settings that the root makes in place, for its own use.
///
/// Instances whose settings change builds in the same way are one: all that they permit is
/// permitted. Among different ones the one with GPU settings counts, else the one that changes
/// builds at all.
///
/// # Errors
/// There are none, or too many.
pub fn inline_settings(facts: &Facts<'_, '_, '_>) -> Result<InlineSettings, NoInlineSettings> {
    let root = facts.code().root().ok_or(NoInlineSettings::NotRead)?;
    let code = facts.code().evaluated_root().ok_or(NoInlineSettings::NotRead)?;
    let mut bindings = Bindings { root, trees: BTreeMap::new() };
    let mut groups: Vec<Group> = Vec::new();
    for made in code.instances.iter().filter(|made| is_in_place(made)) {
        let read = bindings.read(made, &code.instances);
        let builds = builds(&read);
        let at = match groups.iter().position(|group| group.builds == builds) {
            Some(at) => at,
            None => {
                groups.push(Group { builds, ..Group::default() });
                groups.len() - 1
            }
        };
        if let Some(group) = groups.get_mut(at) {
            group.join(made, read, base(facts, made));
        }
    }
    let is_gpu = |group: &Group| group.builds.iter().any(|(key, _)| nixpkgs_config::is_gpu(key));
    let gpu: Vec<_> = groups.iter().filter(|group| is_gpu(group)).collect();
    let builds: Vec<_> = groups.iter().filter(|group| !group.builds.is_empty()).collect();
    let all: Vec<_> = groups.iter().collect();
    match [gpu, builds, all].into_iter().find(|groups| !groups.is_empty()).as_deref() {
        None => Err(NoInlineSettings::None),
        Some([group]) => Ok(group.settings()),
        Some(several) => {
            let places = several.iter().filter_map(|group| group.made_at.first().copied());
            Err(NoInlineSettings::Several(places.collect()))
        }
    }
}

/// Whether the flake configures an instance in place, for its own use.
fn is_in_place(made: &MadeInstance) -> bool {
    let made_here = matches!(
        made.made_by,
        MadeBy::Import | MadeBy::Nixos | MadeBy::HomeManager | MadeBy::Variant
    );
    let is_on = |setting: &found::Setting| setting.state != SettingState::Off;
    made_here && made.own && made.used && made.settings.iter().any(is_on)
}

/// The root's input whose nixpkgs an instance is made from; `nixpkgs`, if that is it.
fn base(facts: &Facts<'_, '_, '_>, made: &MadeInstance) -> Option<String> {
    let (graph, node) = (facts.graph(), facts.base_of(made)?);
    let lock = graph.lock();
    let same = |name: &&str| {
        lock.input_named(lock.root(), name).and_then(|input| graph.end(input)) == Some(node)
    };
    let named = lock.input(facts.root_input(made.base?)?).name;
    let others = graph.inputs_of(lock.root()).map(|input| lock.input(input).name);
    ["nixpkgs", named].into_iter().chain(others).find(same).map(str::to_owned)
}

/// A setting as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    path: Vec<String>,
    place: Place,
    value: Result<Literal, Why>,
}

/// What changes builds: a value, or where and why it is not known. Sorted.
type Builds = BTreeMap<String, Vec<Result<Literal, (Why, Place)>>>;

fn builds(read: &[Found]) -> Builds {
    let mut builds = Builds::new();
    for Found { path, place, value } in read {
        let name = path.join(".");
        if nixpkgs_config::kind(&name) == Some(KeyKind::Build) && *value != Ok(Literal::bool(false))
        {
            let value = value.clone().map_err(|why| (why, *place));
            let values = builds.entry(name).or_default();
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    builds
}

/// Instances whose settings change builds in the same way.
#[derive(Debug, Default)]
struct Group {
    builds: Builds,
    read: Vec<Found>,
    made_at: Vec<Place>,
    overlays: Vec<Place>,
    base: Option<String>,
}

impl Group {
    fn join(&mut self, made: &MadeInstance, read: Vec<Found>, base: Option<String>) {
        if let Some(place) = made.made_at.filter(|place| !self.made_at.contains(place)) {
            self.made_at.push(place);
            // Of module systems it is not known.
            if made.made_by == MadeBy::Import && made.overlays != Some(0) {
                self.overlays.push(place);
            }
        }
        // One configuration may be evaluated in several places, such as for several hosts.
        if !self.read.ends_with(&read) {
            self.read.extend(read);
        }
        match &self.base {
            Some(known) if known == "nixpkgs" || base.as_deref() != Some("nixpkgs") => {}
            _ => self.base = base.or(self.base.take()),
        }
    }

    fn settings(&self) -> InlineSettings {
        let mut by_path: BTreeMap<&[String], Vec<&Found>> = BTreeMap::new();
        for found in &self.read {
            by_path.entry(&found.path).or_default().push(found);
        }
        let mut settings = Settings::default();
        let mut left_out = Vec::new();
        let mut leave = |found: &Found, why| {
            left_out.push(LeftOut { name: found.path.join("."), place: Some(found.place), why });
        };
        // In the order of the first place of each.
        for found in &self.read {
            let Some(all) = by_path.remove(found.path.as_slice()) else { continue };
            let mut values = all.iter().filter_map(|found| found.value.as_ref().ok());
            match values.next() {
                Some(value) if values.all(|other| other == value) => {
                    let setting = Setting { path: found.path.clone(), value: value.clone() };
                    if settings.add(setting).is_err() {
                        leave(found, Why::Ambiguous);
                    }
                }
                Some(_) => all.iter().for_each(|found| leave(found, Why::Ambiguous)),
                None => all.iter().for_each(|found| {
                    leave(found, found.value.as_ref().err().copied().unwrap_or(Why::Computed));
                }),
            }
        }
        let overlays = self.overlays.iter().map(|place| LeftOut {
            name: "overlays".into(),
            place: Some(*place),
            why: Why::Overlays,
        });
        left_out.extend(overlays);
        let mut told = BTreeSet::new();
        left_out.retain(|left_out| told.insert(left_out.clone()));
        InlineSettings {
            settings,
            left_out,
            made_at: self.made_at.clone(),
            base: self.base.clone(),
        }
    }
}

/// The bindings of the root's files.
struct Bindings<'c> {
    root: &'c RootCode,
    /// The syntax trees of files, and how many bytes stand before them.
    trees: BTreeMap<u32, Option<(SyntaxNode, usize)>>,
}

impl Bindings<'_> {
    /// The settings of an instance, those that it has from another one among them.
    fn read(&mut self, made: &MadeInstance, instances: &[MadeInstance]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = Some(made);
        // Each is made from an earlier one.
        for _ in 0..instances.len() {
            let Some(made) = at else { break };
            let is_variant = made.made_by == MadeBy::Variant;
            for setting in &made.settings {
                // `?` is `config` itself.
                let key = if setting.key == "?" { "config" } else { &setting.key };
                let name = || key.split('.').map(str::to_owned).collect();
                let (path, value) = match setting.state {
                    SettingState::Conditional => (name(), Err(Why::Conditional)),
                    SettingState::Unreadable => (name(), Err(Why::Unreadable)),
                    // What makes a variant is written nowhere.
                    SettingState::On if is_variant => (name(), Ok(Literal::bool(true))),
                    state => (name(), self.value(setting, state == SettingState::On)),
                };
                let place = setting.place;
                let known = |found: &Found| found.path == path && (found.place == place);
                if !found.iter().any(known) {
                    found.push(Found { path, place, value });
                }
            }
            // `pkgs.pkgsCuda` has the settings of `pkgs`, what is imported has its own.
            let from = made.from.filter(|_| is_variant);
            at = from.and_then(|from| instances.get(from as usize));
        }
        found
    }

    /// What a setting is set to, as it is written; of one that is a Boolean it is enough that it
    /// is known to be on or off.
    fn value(&mut self, setting: &found::Setting, is_on: bool) -> Result<Literal, Why> {
        let known = nixpkgs_config::is_boolean(&setting.key).then(|| Literal::bool(is_on));
        self.written(setting.place).or(known).ok_or(Why::Computed)
    }

    /// The value of the binding whose attribute path ends with the name at a place.
    fn written(&mut self, place: Place) -> Option<Literal> {
        let root = self.root;
        let tree = self.trees.entry(place.file).or_insert_with(|| {
            let (_, text) = root.file(place)?;
            let code = text.strip_prefix('\u{feff}').unwrap_or(text);
            Some((syntax::tree(code).ok()?.syntax().clone(), text.len() - code.len()))
        });
        let (tree, skipped) = tree.as_ref()?;
        let start = place.span.start.checked_sub(*skipped)?;
        let start = TextSize::try_from(start).ok()?;
        if start >= tree.text_range().end() {
            return None;
        }
        let token = tree.token_at_offset(start).right_biased()?;
        let path = token.parent_ancestors().find_map(ast::Attrpath::cast)?;
        // Of `config.a.b = …`, only `b` has the value; what else there is below `a` stands elsewhere.
        let last = path.attrs().last()?;
        if last.syntax().text_range().start() != start || matches!(last, Attr::Dynamic(_)) {
            return None;
        }
        let binding = ast::AttrpathValue::cast(path.syntax().parent()?)?;
        Literal::of(&binding.value()?)
    }
}
