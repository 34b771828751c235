//! Which outputs of a flake people build or run.
//!
//! Source: Nix manual, "nix flake check", "Evaluation checks"; the manuals of home-manager,
//! nix-darwin, colmena, deploy-rs, system-manager and nix-on-droid.

use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::modules::ClassId;
use crate::evaluate::recorder::is_modules;
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{How, Thunk, Value, Why};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// The most outputs that are told apart.
const MOST: usize = 2_000;
/// How deep in sets they are searched.
const DEEPEST: usize = 6;

/// An output that is to be examined.
pub(super) struct FoundOutput {
    pub(super) path: Vec<Name>,
    pub(super) what: Thunk,
    pub(super) place: Option<Place>,
    /// The class whose option of an unread module contains it; it is examined as a module there.
    pub(super) handed_by: Option<ClassId>,
    pub(super) conditional: bool,
    /// Unread modules that may make it.
    pub(super) unread: Vec<Value>,
    /// Whether it only counts if it contains something that is built, because its name does not
    /// show that.
    pub(super) may_be_none: bool,
}

/// The order in which outputs are examined, while most of the budget is left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Share {
    /// Hosts and homes, which contain most: duplicates are usually taken by one of them.
    Systems,
    /// What people build and work in.
    Packages,
    /// What is run, usually for each system and each tool, and outputs of unknown names.
    Others,
}

impl Share {
    /// How much of the budget is reserved for one, relative to others.
    pub(super) fn weight(self) -> usize {
        match self {
            Share::Systems => 16,
            Share::Packages => 4,
            Share::Others => 1,
        }
    }
}

impl FoundOutput {
    /// Whether it is whole systems or homes, by its name; `deploy` only names some.
    pub(super) fn are_systems(&self) -> bool {
        self.share() == Share::Systems && self.path.first().is_some_and(|name| &**name != "deploy")
    }

    /// When it is examined.
    pub(super) fn share(&self) -> Share {
        match self.path.first().map(|name| &**name) {
            Some("colmena" | "colmenaHive" | "deploy" | "systemConfigs") => Share::Systems,
            Some(name) if name.ends_with("Configurations") => Share::Systems,
            Some("packages" | "legacyPackages" | "devShells" | "defaultPackage" | "devShell") => {
                Share::Packages
            }
            Some(_) | None => Share::Others,
        }
    }
}

/// The outputs of a flake.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) outputs: Vec<FoundOutput>,
    /// Whether there are overlays, modules, library functions or templates.
    pub(super) defines_for_others: bool,
}

/// What an output is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OutputKind {
    /// It is built or run; its path has at least this many names.
    Built,
    /// `legacyPackages`: only what is written into it.
    Legacy,
    /// A hive of colmena.
    Hive,
    /// A tool that is in no closure.
    Aside,
    /// It is defined for others.
    ForOthers,
    /// It may contain anything.
    Any,
}

fn kind(name: &str) -> OutputKind {
    match name {
        "legacyPackages" => OutputKind::Legacy,
        "formatter" | "schemas" | "debug" | "allSystems" | "currentSystem" | "clan"
        | "clanInternals" => OutputKind::Aside,
        "colmena" => OutputKind::Hive,
        "overlay" | "overlays" | "lib" | "libs" | "templates" | "defaultTemplate" | "bundlers"
        | "defaultBundler" | "flakeModules" | "flakeModule" => OutputKind::ForOthers,
        "packages"
        | "apps"
        | "devShells"
        | "checks"
        | "hydraJobs"
        | "nixosConfigurations"
        | "darwinConfigurations"
        | "homeConfigurations"
        | "defaultPackage"
        | "defaultApp"
        | "devShell"
        | "colmenaHive"
        | "deploy"
        | "systemConfigs" => OutputKind::Built,
        name if is_modules(name) => OutputKind::ForOthers,
        name if name.ends_with("Configurations") || name.ends_with("Images") => OutputKind::Built,
        _ => OutputKind::Any,
    }
}

impl Evaluator<'_> {
    pub(super) fn list_outputs(&mut self, flake: FlakeId) -> Listed {
        let outputs = self.outputs_of(flake);
        let outputs = self.resolve(outputs);
        let mut listed = Listed::default();
        let mut sets = Vec::new();
        sets_of(&outputs, &mut sets);
        // Values beside sets, or instead of them: made by an unread function.
        let mut others = Vec::new();
        others_of(&outputs, &mut others);
        if matches!(outputs, Value::Unknown(Why::Outside)) {
            others.push(outputs);
        }
        for other in others {
            let what = self.done(other);
            listed.outputs.push(FoundOutput {
                path: Vec::new(),
                what,
                place: None,
                handed_by: None,
                unread: Vec::new(),
                conditional: false,
                may_be_none: false,
            });
        }
        let mut attrs: Vec<_> = sets.iter().flat_map(|set| set.attrs.iter().cloned()).collect();
        attrs.sort_by(|a, b| a.name.cmp(&b.name));
        let all = attrs.len();
        let undivided = self.budget.meter.divide(all);
        // The other outputs that an unread function makes are unknown.
        let may_be_others = sets.iter().filter_map(|set| set.rest).any(
            |rest| matches!(self.force(rest), Value::Woven(woven) if woven.how == How::Handed),
        );
        for (at, attr) in attrs.into_iter().enumerate() {
            self.budget.meter.leave(all - at - 1);
            let kind = kind(&attr.name);
            match kind {
                // `lib.inputs = inputs` defines nothing.
                OutputKind::ForOthers if self.only_hands_on(attr.thunk, 2) => {}
                OutputKind::ForOthers => listed.defines_for_others = true,
                OutputKind::Aside => {}
                OutputKind::Hive => {
                    let hive = self.force_known(attr.thunk);
                    let hosts = match hive {
                        Value::Set(_) | Value::Update(_) => self.hive(&hive, attr.place),
                        hosts => hosts,
                    };
                    let thunk = self.done(hosts);
                    let path = std::slice::from_ref(&attr.name);
                    self.descend(kind, path, thunk, attr.place, false, &mut listed);
                }
                _ => {
                    let conditional = attr.conditional || may_be_others;
                    let path = [attr.name.clone()];
                    self.descend(kind, &path, attr.thunk, attr.place, conditional, &mut listed);
                }
            }
        }
        self.budget.meter.rejoin(undivided);
        for rest in sets.iter().filter_map(|set| set.rest) {
            let found = FoundOutput {
                path: Vec::new(),
                what: rest,
                place: None,
                handed_by: None,
                unread: Vec::new(),
                conditional: true,
                may_be_none: false,
            };
            listed.outputs.push(found);
        }
        if let Some(class) = self.parts.get(&flake).copied() {
            let unread = self.unread_parts(class);
            if !unread.is_empty() {
                let made = unread.iter().filter(|of| matches!(of, Value::Woven(_)));
                let made = made.map(|of| self.done(of.clone())).collect();
                let what = self.done(Value::list(made, false));
                listed.outputs.push(FoundOutput {
                    path: Vec::new(),
                    what,
                    place: None,
                    handed_by: None,
                    unread,
                    conditional: true,
                    may_be_none: false,
                });
            }
            for (path, of, value) in self.handed_options(class) {
                let what = self.done(value);
                listed.outputs.push(FoundOutput {
                    path,
                    what,
                    place: None,
                    handed_by: Some(of),
                    unread: Vec::new(),
                    conditional: false,
                    may_be_none: true,
                });
            }
        }
        listed
    }

    /// Whether a value is made of inputs alone.
    fn only_hands_on(&mut self, thunk: Thunk, deep: u32) -> bool {
        match self.force_known(thunk).unconditional().0 {
            Value::Inputs(_) | Value::Itself(_) | Value::Flake(..) => true,
            Value::Set(set) if deep > 0 && !set.attrs.is_empty() && set.rest.is_none() => {
                set.attrs.clone().iter().all(|attr| self.only_hands_on(attr.thunk, deep - 1))
            }
            _ => false,
        }
    }

    /// Searches sets until something is built.
    fn descend(
        &mut self,
        kind: OutputKind,
        path: &[Name],
        thunk: Thunk,
        place: Option<Place>,
        conditional: bool,
        listed: &mut Listed,
    ) {
        if listed.outputs.len() >= MOST || !self.budget.step() {
            self.budget.within(false);
            return;
        }
        let value = self.force_known(thunk);
        let (value, unsure) = value.unconditional();
        let conditional = conditional || unsure;
        let mut sets = Vec::new();
        match value {
            Value::Set(_) | Value::Update(_) | Value::Either(_) => sets_of(value, &mut sets),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => return,
            // A whole package set is nobody's output; neither is a function, or an input.
            Value::Package(_, inside, _) if inside.is_empty() => return,
            Value::Function(..) | Value::Native(_) | Value::Library(..) => return,
            Value::Inputs(_) | Value::Itself(_) | Value::Flake(..) => return,
            Value::Unknown(Why::Outside) if kind == OutputKind::Built => {}
            Value::Unknown(_) => return,
            _ => {}
        }
        let may_be_none = matches!(kind, OutputKind::Any | OutputKind::Legacy);
        let is_thing = sets.iter().any(|set| {
            let is_typed = ["type", "program"].iter().any(|name| set.get(name).is_some());
            is_typed && path.len() > 1
        });
        let is_made = matches!(value, Value::Either(all) if !all.iter().all(|one| {
            matches!(one.unconditional().0, Value::Set(_))
        }));
        if sets.is_empty() || is_thing || is_made || path.len() >= DEEPEST {
            let what = self.done(value.clone());
            listed.outputs.push(FoundOutput {
                path: path.to_vec(),
                what,
                place,
                handed_by: None,
                unread: Vec::new(),
                conditional,
                may_be_none,
            });
            return;
        }
        // `dep.packages.SYSTEM // { … }`
        let mut others = Vec::new();
        if kind != OutputKind::Legacy {
            others_of(value, &mut others);
        }
        for other in others {
            let path = path.to_vec();
            let what = self.done(other);
            listed.outputs.push(FoundOutput {
                path,
                what,
                place,
                handed_by: None,
                unread: Vec::new(),
                conditional,
                may_be_none,
            });
        }
        let mut attrs: Vec<_> = sets.iter().flat_map(|set| set.attrs.iter().cloned()).collect();
        attrs.sort_by(|a, b| a.name.cmp(&b.name));
        let all = attrs.len();
        let undivided = self.budget.meter.divide(all);
        for (at, attr) in attrs.into_iter().enumerate() {
            self.budget.meter.leave(all - at - 1);
            if matches!(&*attr.name, "_type" | "recurseForDerivations" | "meta" | "passthru") {
                continue;
            }
            let path: Vec<Name> = path.iter().cloned().chain([attr.name.clone()]).collect();
            let conditional = conditional || attr.conditional;
            self.descend(kind, &path, attr.thunk, attr.place.or(place), conditional, listed);
        }
        self.budget.meter.rejoin(undivided);
        for rest in sets.iter().filter_map(|set| set.rest) {
            if may_be_none && self.heap.is_unknown(rest) {
                continue;
            }
            let path = path.to_vec();
            listed.outputs.push(FoundOutput {
                path,
                what: rest,
                place,
                handed_by: None,
                unread: Vec::new(),
                conditional,
                may_be_none,
            });
        }
    }
}
