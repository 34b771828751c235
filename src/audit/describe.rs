//! Turns findings and instances into what a report contains: ids become paths, keys, references and
//! places.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use super::report::{
    Key, Location, Report, Reported, ReportedFix, ReportedInstance, ReportedOverride, Step,
    StepTarget,
};
use super::source_files::SourceFiles;
use super::{LockInput, fingerprint};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Judges, Level, Subject};
use crate::flake_ref::{FlakeRef, Identity, source_of};
use crate::graph::InputPath;
use crate::instance::{Analysis, Instance, InstanceOrigin, shown_settings};
use crate::lock::{InputId, Target};
use crate::source::evaluate::facts::{MadeInstance, SettingState};
use crate::text::{Excerpt, LineIndex, Span, Time, excerpt};

/// What the descriptions need.
pub(super) struct Describe<'d, 'g, 'l, 'a> {
    pub(super) analysis: &'d Analysis<'g, 'l, 'a>,
    /// Made where the first place is asked for.
    pub(super) lines: OnceCell<LineIndex<'a>>,
    pub(super) source: LockInput<'a>,
    pub(super) files: SourceFiles<'d>,
    pub(super) excerpts: bool,
    /// Bytes that may still be written in full; after that, descriptions are shortened.
    pub(super) room: Cell<usize>,
    /// Indices of outputs in the report, by their order in the evaluation.
    pub(super) output_places: Vec<usize>,
}

impl<'a> Describe<'_, '_, '_, 'a> {
    fn lines(&self) -> &LineIndex<'a> {
        self.lines.get_or_init(|| LineIndex::new(self.analysis.graph().lock().text()))
    }

    pub(super) fn finding(&self, level: Level, finding: Finding<'a>) -> Reported<'a> {
        let graph = self.analysis.graph();
        let lock = graph.lock();
        let owner = |node| graph.place(node).and_then(|place| place.owner);
        let (input_path, input) = match finding.subject {
            Subject::Flake(_) => (InputPath::default(), None),
            Subject::Node(node) => (graph.owner_path(node), owner(node)),
            Subject::Input(input) => (graph.input_path(input), Some(input)),
        };
        let chain = input.map(|input| self.chain(input)).unwrap_or_default();
        let span = match finding.subject {
            Subject::Node(node) if finding.site.is_some() => {
                finding.site.map(|site| lock.site_span(node, site))
            }
            Subject::Flake(node) => node.map(|node| lock.node_key_span(node)),
            Subject::Node(_) | Subject::Input(_) => {
                input.map(|input| lock.input_span(graph.edge(input).holder, input))
            }
        };
        let (location, excerpt) = match self.in_source(&finding, &input_path) {
            Some((location, excerpt)) => (Some(location), excerpt),
            None => (
                span.map(|span| self.location(span)),
                span.filter(|_| self.excerpts)
                    .and_then(|span| excerpt(lock.text(), self.lines(), span)),
            ),
        };
        let identity = finding.node.and_then(|node| Identity::of(lock, node));
        let identity = identity.map(|identity| identity.to_string()).unwrap_or_default();
        let fingerprint = fingerprint::fingerprint(
            finding.rule.id,
            input_path.names(),
            &identity,
            finding.discriminator.as_ref().map(Discriminator::as_str),
        );
        let keys = match finding.parts.as_slice() {
            [] => {
                vec![Key { input: input_path.names().join("/"), fingerprint: fingerprint.clone() }]
            }
            _ => self.keys_of_parts(&finding, &input_path, &identity),
        };
        let parts: BTreeSet<_> = finding.parts.iter().filter_map(|part| part.input).collect();
        let parts = parts.into_iter().map(|input| graph.input_path(input)).collect();
        let mut reported = Reported {
            rule: finding.rule,
            level,
            strength: finding.strength,
            message: finding.message,
            label: finding.label,
            why: finding.why,
            notes: finding.notes,
            together: finding.together,
            fingerprint,
            keys,
            standing: None,
            subject: finding.subject,
            discriminator: finding.discriminator,
            parts,
            input_path,
            chain,
            chain_total: input.map_or(0, |input| self.chain_total(input)),
            node: finding.node.map(|node| lock.node(node).key),
            node_source: finding.node.map(|node| source_of(lock, node)),
            affects: self.paths(&finding.affects),
            affects_total: finding.affects.len(),
            outputs: super::outputs::output_paths(self.analysis, &finding.outputs),
            concerns: {
                let numbers = finding.outputs.iter();
                let numbers = numbers.filter_map(|id| self.output_places.get(id.index()).copied());
                let mut concerns: Vec<usize> = numbers.collect();
                concerns.sort_unstable();
                concerns
            },
            packages: finding.packages,
            location,
            excerpt,
            exempted: None,
            fix: finding.fix.map(|fix| self.fix(fix)),
        };
        if !self.has_room(reported.size()) {
            reported.shorten();
        }
        reported
    }

    /// The keys by which a finding with parts is recognized: one for each of them. A part about an input
    /// has the key of a finding about that input, so the key stays the same whether it is reported alone
    /// or in a list.
    fn keys_of_parts(
        &self,
        finding: &Finding<'a>,
        path: &InputPath<'a>,
        identity: &str,
    ) -> Vec<Key> {
        let graph = self.analysis.graph();
        let key =
            |path: &InputPath<'_>, identity: &str, discriminator: Option<&Discriminator>| Key {
                input: path.names().join("/"),
                fingerprint: fingerprint::fingerprint(
                    finding.rule.id,
                    path.names(),
                    identity,
                    discriminator.map(Discriminator::as_str),
                ),
            };
        let parts = finding.parts.iter().map(|part| match part.input {
            None => key(path, identity, Some(&part.discriminator)),
            Some(input) => {
                let end = graph.end(input).and_then(|end| Identity::of(graph.lock(), end));
                let end = end.map(|identity| identity.to_string()).unwrap_or_default();
                key(&graph.input_path(input), &end, Some(&part.discriminator))
            }
        });
        let mut keys: Vec<Key> = parts.collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether there is room for `size` bytes; if so, they are used up.
    fn has_room(&self, size: usize) -> bool {
        let left = self.room.get().checked_sub(size);
        self.room.set(left.unwrap_or(0));
        left.is_some()
    }

    /// The place of a finding in the root's source: its own, else the declaration of its input.
    /// `None` for how the lock is spelled, which is shown in the lock.
    fn in_source(
        &self,
        finding: &Finding<'a>,
        path: &InputPath<'a>,
    ) -> Option<(Location, Option<Excerpt>)> {
        let in_lock = finding.rule.judges == Judges::Spelling || finding.site.is_some();
        let declared = || self.files.input(path.names()).filter(|_| !in_lock);
        if let Some((file, span)) = &finding.file {
            return self.files.location_in(file, *span, self.excerpts);
        }
        let place = finding.place.or_else(declared)?;
        self.files.location(place, self.excerpts)
    }

    fn fix(&self, fix: Fix<'a>) -> ReportedFix<'a> {
        // If flake.nix was not read, the lock shows whether it may have a line for this input.
        let replaces = match self.analysis.declarations() {
            Some(declared) => fix.remedy.overrides().iter().any(|change| {
                declared.input_at(&change.path).is_some_and(|input| input.follows.is_some())
            }),
            None => {
                let mut overrides = fix.remedy.overrides().iter();
                overrides.any(|change| !self.analysis.graph().is_direct(change.input))
            }
        };
        ReportedFix {
            replaces,
            applicability: fix.applicability,
            nix: fix.nix(),
            diff: None,
            is_generated: false,
            is_deep: fix.is_deep(),
            remedy: fix.remedy.map_overrides(|change| ReportedOverride {
                input_path: change.path,
                follows: change.follows,
            }),
            new_version: fix.new_version,
            reason: fix.reason,
        }
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let lines = self.lines();
        let file = self.source.name.to_owned();
        Location { file, start: lines.position(span.start), end: lines.position(span.end) }
    }

    fn paths(&self, inputs: &[InputId]) -> Vec<InputPath<'a>> {
        let graph = self.analysis.graph();
        inputs.iter().take(Report::LONGEST).map(|input| graph.input_path(*input)).collect()
    }

    fn chain(&self, input: InputId) -> Vec<Step<'a>> {
        let graph = self.analysis.graph();
        let lock = graph.lock();
        let mut steps = Vec::new();
        for input in graph.chain(input).take(Report::LONGEST) {
            let (target, at_root) = match graph.target(input) {
                Target::Direct(key) => (StepTarget::Node(key), false),
                Target::Follows(path) => {
                    (StepTarget::Follows(InputPath::new(path)), path.is_empty())
                }
            };
            steps.push(Step { input_path: graph.input_path(input), target });
            if at_root {
                let target = StepTarget::Node(lock.node(lock.root()).key);
                steps.push(Step { input_path: InputPath::default(), target });
            }
        }
        steps.truncate(Report::LONGEST);
        steps
    }

    fn chain_total(&self, input: InputId) -> usize {
        let graph = self.analysis.graph();
        // A chain that ends at `[]` has the root as its last step.
        let at_root = graph.end(input) == Some(graph.lock().root());
        graph.chain_length(input) as usize + usize::from(at_root)
    }

    /// The list of instances; for a repair that of wrappers.
    pub(super) fn instances(&self, for_repair: bool) -> Vec<ReportedInstance<'a>> {
        let is_wrapper = |of: &Instance| matches!(of.made_by, InstanceOrigin::Wrapper(_));
        let all = self.analysis.instances().into_iter();
        let all = all.filter(|instance| !for_repair || is_wrapper(instance));
        all.map(|instance| self.instance(instance)).collect()
    }

    fn instance(&self, instance: Instance) -> ReportedInstance<'a> {
        let graph = self.analysis.graph();
        let lock = graph.lock();
        let reference = |node| lock.locked(node).map(|locked| FlakeRef::new(locked).to_string());
        let wrapper = match instance.made_by {
            InstanceOrigin::Raw | InstanceOrigin::Root(_) => None,
            InstanceOrigin::Wrapper(id) => Some(self.analysis.wrapper(id)),
        };
        let made = match instance.made_by {
            InstanceOrigin::Root(id) => {
                self.analysis.sources().evaluated_root().and_then(|c| c.instances.get(id.index()))
            }
            InstanceOrigin::Raw | InstanceOrigin::Wrapper(_) => None,
        };
        let location = made.and_then(|made| {
            let place = made.settings.first().map(|s| s.place).or(made.made_at)?;
            self.files.location(place, false).map(|(location, _)| location)
        });
        let base = instance.base;
        let day = |node| lock.locked(node)?.number("lastModified");
        let mut reported = ReportedInstance {
            node: lock.node(instance.node).key,
            path: graph.owner_path(instance.node),
            base: base.map(|base| lock.node(base).key),
            reference: reference(instance.node).unwrap_or_default(),
            base_reference: base.and_then(reference),
            source: source_of(lock, instance.node),
            base_source: base
                .filter(|base| *base != instance.node)
                .map(|base| source_of(lock, base)),
            base_date: base.and_then(day).and_then(Time::new).map(|time| time.date().to_string()),
            evidence: wrapper.map(|w| (w.evidence.kind, w.evidence.detail.clone())),
            effect: wrapper.map(|wrapper| wrapper.effect),
            settings: match made {
                Some(made) => Some(shown_settings(made)),
                None => wrapper.and_then(|wrapper| wrapper.config.clone()),
            },
            made_at: location,
            made_by: match (made, wrapper) {
                (Some(made), _) => made.made_by.as_str(),
                (None, Some(_)) => "wrapper",
                (None, None) => "raw",
            },
            overlays: made.and_then(|made| made.overlays),
            readable: made.map_or("all", readable),
            held_by_root: !instance.held_by_root.is_empty() || made.is_some(),
            consumers: self.paths(&instance.consumers),
            consumers_total: instance.consumers.len(),
        };
        if !self.has_room(reported.size()) {
            reported.shorten();
        }
        reported
    }
}

/// How much of an instance's settings could be read.
fn readable(made: &MadeInstance) -> &'static str {
    let unreadable = made.settings.iter().filter(|s| s.state == SettingState::Unreadable).count();
    match unreadable {
        0 => "all",
        all if all == made.settings.len() => "none",
        _ => "part",
    }
}
