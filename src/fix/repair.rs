//! Repairs a flake in memory: audits, edits, locks, and audits again.

use super::draft::{FlakeDraft, Hindrance};
use super::gate::{self, PlanRefusal};
use super::introduce::{Introduced, WantedWrapper};
use super::write::Replacement;
use super::{Choice, Plan, RepairSubject};
use crate::audit::{Report, Reported, refused_flake, with_analysis};
use crate::lock::Unescaped;

/// The outcome of a repair.
#[derive(Debug)]
pub struct Repair<'r> {
    /// The findings that are repaired.
    pub plan: Plan<'r, 'r>,
    /// The wrapper that is introduced, if any.
    pub introduced: Option<Introduced>,
    /// The report before the repair.
    pub before: &'r Report<'r>,
    /// The findings that remain. If the lock of the outcome is not known, all that were not to be
    /// repaired.
    pub left: Vec<&'r Reported<'r>>,
    /// The files to write, in this order; empty if nothing can be done.
    pub files: Vec<Replacement<'r>>,
    /// Why the plan is not carried out, if it is not.
    pub hindrance: Option<Hindrance>,
}

/// Repairs a flake in memory. `with_lock` is false if flake.lock is left to Nix.
///
/// # Errors
/// There is no flake.nix that could be repaired, or nothing to make a wrapper from.
pub fn repair<T>(
    subject: &RepairSubject<'_>,
    choice: &Choice,
    with_lock: bool,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> Result<T, String> {
    let start = FlakeDraft::as_it_is(subject)?;
    let purpose = if with_lock { Purpose::Both } else { Purpose::WithoutLock };
    Ok(start
        .audited(subject, |before| repair_audited(subject, choice, purpose, &start, before, then)))
}

/// How many of the findings that count `fix` would repair by default: none if there is no
/// flake.nix, if that must not be edited, or if the outcome is refused. `before` is the audit of
/// the flake, if it was audited with this setup.
pub fn fixable(
    subject: &RepairSubject<'_>,
    before: Option<&Report<'_>>,
    counts: impl Fn(&Reported<'_>) -> bool,
) -> usize {
    let choice = Choice::default();
    let nothing = |before: &Report<'_>| {
        // The usual case, which saves editing and auditing.
        !before.sources.root || Plan::new(before, &choice).chosen.is_empty()
    };
    if before.is_some_and(nothing) || subject.leads_out() {
        return 0;
    }
    let count =
        |repair: &Repair<'_>| repair.repaired().iter().filter(|finding| counts(finding)).count();
    let Ok(start) = FlakeDraft::as_it_is(subject) else { return 0 };
    match before {
        Some(before) => repair_audited(subject, &choice, Purpose::Count, &start, before, count),
        None => start.audited(subject, |before| match nothing(before) {
            true => 0,
            false => repair_audited(subject, &choice, Purpose::Count, &start, before, count),
        }),
    }
}

/// What a repair is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Both files are written.
    Both,
    /// flake.lock is left to Nix.
    WithoutLock,
    /// Nothing is written.
    Count,
}

/// Repairs a flake whose audit is known.
fn repair_audited<T>(
    subject: &RepairSubject<'_>,
    choice: &Choice,
    purpose: Purpose,
    start: &FlakeDraft,
    before: &Report<'_>,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> T {
    let plan = Plan::new(before, choice);
    let (stale, plan) = plan.split(|fix| fix.remedy.is_relock());
    let stale = if purpose == Purpose::WithoutLock { Plan::default() } else { stale };
    if before.error.is_some() || stale.chosen.is_empty() && plan.chosen.is_empty() {
        return then(&Repair::nothing(plan, before, None));
    }
    let plan = plan.settings_first();
    if stale.chosen.is_empty() {
        let attempt = Attempt::new(subject, choice, start, before, plan);
        return finish(Attempt { purpose, ..attempt }, then);
    }
    // A lock that is behind hides what has to be repaired.
    let locked = match start.edited(subject, &[], true) {
        Ok(locked) => locked,
        Err(hindrance) => return then(&Repair::nothing(stale, before, Some(hindrance))),
    };
    locked.audited(subject, |before| {
        let plan = Plan::new(before, choice).settings_first().with_earlier(stale);
        finish(Attempt { purpose, ..Attempt::new(subject, choice, &locked, before, plan) }, then)
    })
}

/// Moves a flake's inline settings into a wrapper in a folder of it, makes its dependencies follow
/// that, and then repairs the rest.
///
/// # Errors
/// As for [`repair`]; or there are no settings, or the wrapper cannot be put into the folder.
pub fn repair_with_wrapper<T>(
    subject: &RepairSubject<'_>,
    wanted: &WantedWrapper,
    choice: &Choice,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> Result<T, String> {
    let start = FlakeDraft::as_it_is(subject)?;
    let (reader, unescaped) = (start.reader(subject), Unescaped::new());
    let source = subject.source(subject.lock, Some(reader), &unescaped);
    let introduced =
        with_analysis(source, subject.config, &subject.setup.configured, |analysis, _| {
            match refused_flake(analysis, subject.name) {
                Some(error) => Err(error),
                None => Ok(Introduced::new(analysis, wanted, subject.name)),
            }
        });
    let introduced = match introduced.and_then(|introduced| introduced) {
        Ok(introduced) => match introduced? {
            Some(introduced) => introduced,
            // It already holds the wrapper: an interrupted run may have left the lock undone. A
            // normal run decides who else should follow the wrapper.
            None => {
                let choice = Choice { relocks_only: true, ..choice.clone() };
                return repair(subject, &choice, true, then);
            }
        },
        // The report says what is wrong with the lock or flake.nix.
        Err(_) => {
            return Ok(start
                .audited(subject, |before| then(&Repair::nothing(Plan::default(), before, None))));
        }
    };
    Ok(start.audited(subject, |before| {
        let nothing = |hindrance| {
            let mut nothing = Repair::nothing(Plan::default(), before, Some(hindrance));
            nothing.introduced = Some(introduced.clone());
            nothing
        };
        if introduced.is_pointless() {
            let reason = "no dependency would follow the wrapper: this flake uses nothing that is known to be \
                          built from plain nixpkgs";
            return then(&nothing(Hindrance::Refused(reason.to_owned())));
        }
        let with_wrapper =
            match start.with_file(&introduced.file).edited(subject, &introduced.edits, true) {
                Ok(draft) => draft,
                Err(hindrance) => return then(&nothing(hindrance)),
            };
        with_wrapper.audited(subject, |report| {
            // Only now it is known who should follow the wrapper.
            let plan = Plan::new(report, choice).for_wrapper(&introduced);
            if !plan.chosen.iter().any(|finding| introduced.is_followed_by(finding)) {
                let reason = why_nobody_follows(report, &introduced);
                return then(&nothing(Hindrance::Refused(reason)));
            }
            let introduced = Some(introduced.clone());
            let attempt = Attempt::new(subject, choice, &with_wrapper, report, plan);
            finish(Attempt { introduced, ..attempt }, then)
        })
    }))
}

/// Why nobody would follow the wrapper.
fn why_nobody_follows(report: &Report<'_>, introduced: &Introduced) -> String {
    let mut about = report.findings.iter().filter(|found| introduced.is_about_a_follower(found));
    let reason = about.find_map(|finding| {
        let fix = finding.fix.as_ref().filter(|fix| !fix.reason.is_empty())?;
        let of = finding.input_path.names().join("/");
        Some(if of.is_empty() { fix.reason.to_string() } else { format!("{of}: {}", fix.reason) })
    });
    match reason {
        Some(reason) => format!("no dependency would follow the wrapper ({reason})"),
        None => "no dependency would follow the wrapper".to_owned(),
    }
}

/// How often an outcome is examined for further fixes, because one fix may enable another.
const ROUNDS: usize = 4;

/// A plan to carry out.
struct Attempt<'t> {
    subject: &'t RepairSubject<'t>,
    choice: &'t Choice,
    plan: Plan<'t, 't>,
    introduced: Option<Introduced>,
    /// The draft to edit, and its findings.
    from: &'t FlakeDraft,
    before: &'t Report<'t>,
    purpose: Purpose,
    /// Rounds that are left, including this one.
    rounds: usize,
    /// The plan of earlier rounds.
    earlier: Plan<'t, 't>,
    /// The result of earlier rounds, used if this one fails.
    otherwise: Option<Repair<'t>>,
}

/// Carries out a plan, and examines the outcome.
fn finish<T>(attempt: Attempt<'_>, then: impl FnOnce(&Repair<'_>) -> T) -> T {
    let (subject, before) = (attempt.subject, attempt.before);
    let (from, edits) = (attempt.from, attempt.plan.edits());
    let edited = match attempt.purpose {
        // If only the lock changes, that is what there is to write.
        Purpose::Count if !edits.is_empty() => {
            return from.tried(subject, &edits, |tried| match tried {
                Ok((draft, after)) => look_at(attempt, draft, after, then),
                Err(hindrance) => then(&attempt.hindered(hindrance)),
            });
        }
        Purpose::Both | Purpose::Count => from.edited_unchecked(subject, &edits, true),
        Purpose::WithoutLock => from.edited(subject, &edits, false),
    };
    let draft = match edited {
        Ok(draft) => draft,
        Err(hindrance) => return then(&attempt.hindered(hindrance)),
    };
    if draft.is_same(attempt.from) {
        // Locking again was all there was to do, and has been audited.
        return look_at(attempt, &draft, before, then);
    }
    draft.checked_and_audited(subject, |after| match after {
        Ok(after) => look_at(attempt, &draft, after, then),
        Err(hindrance) => then(&attempt.hindered(hindrance)),
    })
}

/// Examines the outcome of a plan whose audit is known.
fn look_at<'t, T>(
    attempt: Attempt<'t>,
    draft: &'t FlakeDraft,
    after: &'t Report<'t>,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> T {
    let (subject, before) = (attempt.subject, attempt.before);
    let refusal = match (attempt.from.pins(subject), draft.pins(subject)) {
        (Ok(pins), Ok(moved)) => {
            let is_introduced = attempt.introduced.is_some();
            gate::refusal(&attempt.plan, is_introduced, (before, pins), (after, moved))
        }
        (Err(error), _) | (_, Err(error)) => Some(PlanRefusal::Always(error.message)),
    };
    // Without a lock to examine, rely on the audit, which has tried the plan on the graph.
    let refusal = refusal.filter(|_| draft.is_whole);
    if let Some(PlanRefusal::Always(reason)) = refusal {
        return then(&attempt.hindered(Hindrance::Refused(reason)));
    }
    let more = match draft.is_whole && attempt.rounds > 1 {
        true => Plan::follow_up(after, attempt.choice, before),
        false => Plan::default(),
    };
    let more = match &attempt.introduced {
        Some(introduced) => more.for_wrapper(introduced),
        None => more,
    };
    let next = Attempt {
        rounds: attempt.rounds - 1,
        earlier: attempt.plan.clone().with_earlier(attempt.earlier.clone()),
        introduced: attempt.introduced.clone(),
        purpose: attempt.purpose,
        ..Attempt::new(subject, attempt.choice, draft, after, more)
    };
    let repair = match refusal {
        Some(PlanRefusal::WithLeftovers(reason)) => attempt.hindered(Hindrance::Refused(reason)),
        _ => attempt.carried_out(draft, after),
    };
    if next.plan.chosen.is_empty() {
        then(&repair)
    } else {
        finish(Attempt { otherwise: Some(repair), ..next }, then)
    }
}

impl<'t> Attempt<'t> {
    fn new(
        subject: &'t RepairSubject<'t>,
        choice: &'t Choice,
        from: &'t FlakeDraft,
        before: &'t Report<'t>,
        plan: Plan<'t, 't>,
    ) -> Self {
        Self {
            subject,
            choice,
            plan,
            introduced: None,
            from,
            before,
            purpose: Purpose::Both,
            rounds: ROUNDS,
            earlier: Plan::default(),
            otherwise: None,
        }
    }

    /// The repair by this plan and those of earlier rounds.
    fn carried_out(self, draft: &'t FlakeDraft, after: &'t Report<'t>) -> Repair<'t> {
        let left = match draft.is_whole {
            true => after.findings.iter().collect(),
            false => self.plan.remaining(self.before),
        };
        let files = draft.files(self.subject, self.purpose != Purpose::WithoutLock);
        let before = self.otherwise.map_or(self.before, |repair| repair.before);
        let plan = self.plan.with_earlier(self.earlier);
        Repair { plan, introduced: self.introduced, before, left, files, hindrance: None }
    }

    /// The repair by earlier rounds; else none.
    fn hindered(self, hindrance: Hindrance) -> Repair<'t> {
        self.otherwise.unwrap_or_else(|| {
            let mut nothing = Repair::nothing(self.plan, self.before, Some(hindrance));
            nothing.introduced = self.introduced;
            nothing
        })
    }
}

impl<'r> Repair<'r> {
    /// The findings that it repairs. With `--no-lock`, flake.nix may already say what the lock does
    /// not: then there is nothing to write.
    pub fn repaired(&self) -> &[&'r Reported<'r>] {
        if self.files.is_empty() { &[] } else { &self.plan.chosen }
    }

    /// The paths of the inputs that follow this one once it is repaired.
    pub fn followers_of(&self, name: &str) -> Vec<Vec<String>> {
        let fixes = self.plan.chosen.iter().filter_map(|finding| finding.fix.as_ref());
        let overrides = fixes.flat_map(|fix| fix.remedy.overrides());
        let followers = overrides.filter(|change| change.follows == [name]);
        let owned = |name: &&str| (*name).to_owned();
        followers.map(|change| change.input_path.iter().map(owned).collect()).collect()
    }

    fn nothing(plan: Plan<'r, 'r>, report: &'r Report<'r>, hindrance: Option<Hindrance>) -> Self {
        let left = report.findings.iter().collect();
        Self { plan, introduced: None, before: report, left, files: Vec::new(), hindrance }
    }
}
