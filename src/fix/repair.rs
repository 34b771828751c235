//! A flake repaired in memory: audited, edited, locked, and audited again.

use super::draft::{FlakeDraft, Hindrance};
use super::gate::{self, Refusal};
use super::introduce::{Introduced, Wanted};
use super::write::Replacement;
use super::{Choice, Plan, Subject};
use crate::audit::{Report, Reported, refused_flake, with_analysis};
use crate::lock::Unescaped;

/// What comes of a repair.
#[derive(Debug)]
pub struct Repair<'r> {
    /// The findings that are repaired.
    pub plan: Plan<'r, 'r>,
    /// The wrapper that is brought in, if one is.
    pub introduced: Option<Introduced>,
    /// The flake as it is.
    pub before: &'r Report<'r>,
    /// The findings that stay. Where the lock of the outcome is not known, these are all that were
    /// not to be repaired.
    pub left: Vec<&'r Reported<'r>>,
    /// What is to be written, in this order; nothing where nothing can be done.
    pub files: Vec<Replacement>,
    /// Why the plan is not carried out, if it is not.
    pub hindrance: Option<Hindrance>,
}

/// Repairs a flake in memory. `with_lock` is false where flake.lock is to be left to Nix.
///
/// # Errors
/// There is no flake.nix that could be repaired, or nothing of which a wrapper could be made.
pub fn repair<T>(
    subject: &Subject<'_>,
    choice: &Choice,
    with_lock: bool,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> Result<T, String> {
    let start = FlakeDraft::as_it_is(subject)?;
    Ok(start.audited(subject, |before| {
        repair_audited(subject, choice, with_lock, &start, before, then)
    }))
}

/// How many findings of those that count `fix` would say that it repairs, where it is left to
/// itself: none where there is no flake.nix, where that is not to be edited, and where the outcome
/// is refused. `before` is the audit of the flake, where it was audited with this setup.
pub fn fixable(
    subject: &Subject<'_>,
    before: Option<&Report<'_>>,
    counts: impl Fn(&Reported<'_>) -> bool,
) -> usize {
    let choice = Choice::default();
    let nothing = |before: &Report<'_>| {
        // Nearly always: then nothing is edited and audited.
        !before.sources.root || Plan::new(before, &choice).chosen.is_empty()
    };
    if before.is_some_and(nothing) || subject.leads_out() {
        return 0;
    }
    let count =
        |repair: &Repair<'_>| repair.repaired().iter().filter(|finding| counts(finding)).count();
    let Ok(start) = FlakeDraft::as_it_is(subject) else { return 0 };
    match before {
        Some(before) => repair_audited(subject, &choice, true, &start, before, count),
        None => start.audited(subject, |before| match nothing(before) {
            true => 0,
            false => repair_audited(subject, &choice, true, &start, before, count),
        }),
    }
}

/// Repairs a flake of which the audit is known.
fn repair_audited<T>(
    subject: &Subject<'_>,
    choice: &Choice,
    with_lock: bool,
    start: &FlakeDraft,
    before: &Report<'_>,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> T {
    let plan = Plan::new(before, choice);
    let (stale, plan) = plan.split(|fix| fix.remedy.is_relock());
    let stale = if with_lock { stale } else { Plan::default() };
    if before.error.is_some() || stale.chosen.is_empty() && plan.chosen.is_empty() {
        return then(&Repair::nothing(plan, before, None));
    }
    let plan = plan.settings_first();
    if stale.chosen.is_empty() {
        let attempt = Attempt::new(subject, choice, start, before, plan);
        return finish(Attempt { with_lock, ..attempt }, then);
    }
    // A lock that is behind hides what there is to repair.
    let locked = match start.edited(subject, &[], true) {
        Ok(locked) => locked,
        Err(hindrance) => return then(&Repair::nothing(stale, before, Some(hindrance))),
    };
    locked.audited(subject, |before| {
        let plan = Plan::new(before, choice).settings_first().after(stale);
        finish(Attempt::new(subject, choice, &locked, before, plan), then)
    })
}

/// Puts the settings that a flake makes in place into a wrapper in a folder of it, and lets its
/// dependencies follow that; then repairs what else there is.
///
/// # Errors
/// As [`repair`]; and there are no settings, or the wrapper cannot be where it is wanted.
pub fn repair_with_wrapper<T>(
    subject: &Subject<'_>,
    wanted: &Wanted,
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
            // It holds the wrapper already: what such a run may have left undone is the lock. Who else
            // is to follow the wrapper is what a run without it decides.
            None => {
                let choice = Choice { relocks_only: true, ..choice.clone() };
                return repair(subject, &choice, true, then);
            }
        },
        // The report says what is wrong with the lock, or with flake.nix.
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
            // What can be told only now: who is to follow the wrapper.
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

/// Why a wrapper that is in place would be followed by nobody.
fn why_nobody_follows(report: &Report<'_>, introduced: &Introduced) -> String {
    let mut about = report.findings.iter().filter(|found| introduced.is_about_a_follower(found));
    let reason = about.find_map(|finding| {
        let fix = finding.fix.as_ref().filter(|fix| !fix.reason.is_empty())?;
        Some(format!("{}: {}", finding.input_path.names().join("/"), fix.reason))
    });
    match reason {
        Some(reason) => format!("no dependency would follow the wrapper ({reason})"),
        None => "no dependency would follow the wrapper".to_owned(),
    }
}

/// How often an outcome is looked at for more: what was in the way of a fix may be gone by another.
const ROUNDS: usize = 4;

/// A plan that is to be carried out.
struct Attempt<'t> {
    subject: &'t Subject<'t>,
    choice: &'t Choice,
    plan: Plan<'t, 't>,
    introduced: Option<Introduced>,
    /// What is edited, and what was found in it.
    from: &'t FlakeDraft,
    before: &'t Report<'t>,
    with_lock: bool,
    /// Rounds that are left, with this one.
    rounds: usize,
    /// What earlier rounds did.
    earlier: Plan<'t, 't>,
    /// What comes of it if this one fails, where there were earlier ones.
    otherwise: Option<Repair<'t>>,
}

/// Carries out a plan, and looks at the outcome.
fn finish<T>(attempt: Attempt<'_>, then: impl FnOnce(&Repair<'_>) -> T) -> T {
    let (subject, before, with_lock) = (attempt.subject, attempt.before, attempt.with_lock);
    let draft = match attempt.from.edited(subject, &attempt.plan.edits(), with_lock) {
        Ok(draft) => draft,
        Err(hindrance) => return then(&attempt.hindered(hindrance)),
    };
    if draft.is_same(attempt.from) {
        // Locking again was all that there was to do: that has been audited.
        return look_at(attempt, &draft, before, then);
    }
    draft.audited(subject, |after| look_at(attempt, &draft, after, then))
}

/// Looks at the outcome of a plan, of which the audit is known.
fn look_at<'t, T>(
    attempt: Attempt<'t>,
    draft: &'t FlakeDraft,
    after: &'t Report<'t>,
    then: impl FnOnce(&Repair<'_>) -> T,
) -> T {
    let (subject, before) = (attempt.subject, attempt.before);
    let refusal = match (gate::pins(attempt.from.lock(subject)), gate::pins(draft.lock(subject))) {
        (Ok(pins), Ok(moved)) => {
            let is_introduced = attempt.introduced.is_some();
            gate::refusal(&attempt.plan, is_introduced, (before, &pins), (after, &moved))
        }
        (Err(error), _) | (_, Err(error)) => Some(Refusal::Always(error.message)),
    };
    // Without a lock to look at, the audit has tried the plan on the graph already.
    let refusal = refusal.filter(|_| draft.is_whole);
    if let Some(Refusal::Always(reason)) = refusal {
        return then(&attempt.hindered(Hindrance::Refused(reason)));
    }
    let more = match draft.is_whole && attempt.rounds > 1 {
        true => Plan::again(after, attempt.choice, before),
        false => Plan::default(),
    };
    let more = match &attempt.introduced {
        Some(introduced) => more.for_wrapper(introduced),
        None => more,
    };
    let next = Attempt {
        rounds: attempt.rounds - 1,
        earlier: attempt.plan.clone().after(attempt.earlier.clone()),
        introduced: attempt.introduced.clone(),
        with_lock: attempt.with_lock,
        ..Attempt::new(subject, attempt.choice, draft, after, more)
    };
    let repair = match refusal {
        Some(Refusal::WithLeftovers(reason)) => attempt.hindered(Hindrance::Refused(reason)),
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
        subject: &'t Subject<'t>,
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
            with_lock: true,
            rounds: ROUNDS,
            earlier: Plan::default(),
            otherwise: None,
        }
    }

    /// What was done, with what earlier rounds did.
    fn carried_out(self, draft: &FlakeDraft, after: &'t Report<'t>) -> Repair<'t> {
        let left = match draft.is_whole {
            true => after.findings.iter().collect(),
            false => self.plan.others(self.before),
        };
        let files = draft.files(self.subject, self.with_lock);
        let before = self.otherwise.map_or(self.before, |repair| repair.before);
        let plan = self.plan.after(self.earlier);
        Repair { plan, introduced: self.introduced, before, left, files, hindrance: None }
    }

    /// What earlier rounds have come to; else nothing.
    fn hindered(self, hindrance: Hindrance) -> Repair<'t> {
        self.otherwise.unwrap_or_else(|| {
            let mut nothing = Repair::nothing(self.plan, self.before, Some(hindrance));
            nothing.introduced = self.introduced;
            nothing
        })
    }
}

impl<'r> Repair<'r> {
    /// The findings that it repairs. With `--no-lock`, flake.nix may say already what the lock does
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
