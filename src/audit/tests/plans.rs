//! Plans that are refused, and why.

use super::*;
use crate::change::{Applicability, Fix, Override};
use crate::rules;

/// The results for fixes, each given as `node.input rule → path`, without sources: `safe` if a fix
/// stays automatic, else why it became manual.
fn outcome(text: &str, fixes: &[(&'static str, &str, &str)]) -> Vec<String> {
    with(text, |analysis, declared| {
        let made = fixes.iter().map(|(rule, name, follows)| {
            let input = input(analysis, name);
            let path = analysis.graph().input_path(input).whole().unwrap().to_vec();
            // Names to follow have to be borrowed from the lock.
            let follows = follows.split('/').map(|wanted| {
                let names = analysis.graph().lock().inputs().iter().map(|(_, input)| input.name);
                names.into_iter().find(|name| *name == wanted).unwrap()
            });
            let change = Override { input, path, follows: follows.collect() };
            let fix = Fix::safe(Ok(vec![change]));
            Finding::new(rules::rule_named(rule).unwrap(), Subject::Input(input), String::new())
                .fix(fix)
        });
        let mut findings: Vec<_> = made.collect();
        // Existing findings, without fixes of their own.
        findings
            .extend(run(analysis, RULES).into_iter().map(|found| Finding { fix: None, ..found }));
        check_plan::check_plan(analysis, declared, &Levels::new(None, &[]), &mut findings);
        let told = |finding: &Finding<'_>| {
            let fix = finding.fix.as_ref().unwrap();
            match fix.applicability {
                Applicability::Manual => fix.reason.clone(),
                applicability => applicability.as_str().to_owned(),
            }
        };
        findings.iter().take(fixes.len()).map(told).collect()
    })
}

/// A rule that finds nothing in these locks, so that a finding made up for it counts as cured.
const CURED: &str = "duplicate-input";

#[test]
fn what_cures_stays() {
    let fix = ("unconfigured-nixpkgs", "dep.nixpkgs", "nixpkgs-gpu");
    assert_eq!(outcome(TEXTBOOK, &[fix]), ["safe"]);
}

#[test]
fn what_does_not_cure_is_refused() {
    // The finding is about the cause, but this changes something else.
    let lock = TEXTBOOK.replace("sub: nixpkgs=/dep/nixpkgs", "sub: nixpkgs=nixpkgs_2");
    let wrong = with(&lock, |analysis, declared| {
        let dep = input(analysis, "dep.nixpkgs");
        let sub = input(analysis, "sub.nixpkgs");
        let path = analysis.graph().input_path(sub).whole().unwrap().to_vec();
        let rule = rules::rule_named("unconfigured-nixpkgs").unwrap();
        let change = Override { input: sub, path, follows: vec!["nixpkgs-gpu"] };
        let finding =
            Finding::new(rule, Subject::Input(dep), String::new()).fix(Fix::safe(Ok(vec![change])));
        let mut findings = [finding];
        check_plan::check_plan(analysis, declared, &Levels::new(None, &[]), &mut findings);
        findings[0].fix.clone().unwrap().reason
    });
    assert!(wrong.starts_with("it would not cure it: "), "{wrong}");
}

#[test]
fn what_breaks_a_follows_is_refused() {
    let lock = "
        root: nixpkgs, nixpkgs-gpu, dep, other
        nixpkgs-gpu: nixpkgs=/nixpkgs
        dep: nixpkgs=nixpkgs_2
        nixpkgs_2: src
        other: src=/dep/nixpkgs/src
    ";
    let fixes = [(CURED, "dep.nixpkgs", "nixpkgs-gpu")];
    assert_eq!(outcome(lock, &fixes), ["it would break the follows of `other/src`"]);
    // Something that is broken already is not broken by a plan.
    let lock = lock.replace("/dep/nixpkgs/src", "/dep/nixpkgs/nope");
    assert_eq!(outcome(&lock, &fixes), ["safe"]);
}

#[test]
fn what_moves_a_pin_is_refused() {
    let own = "
        root: nixpkgs=/dep/nixpkgs, nixpkgs-gpu, dep, other=nixpkgs_2
        nixpkgs-gpu: nixpkgs=/other
        dep: nixpkgs
    ";
    let fixes = [(CURED, "dep.nixpkgs", "other")];
    assert_eq!(outcome(own, &fixes), ["it would change what `nixpkgs` is"]);
    let base = "
        root: nixpkgs, nixpkgs-gpu, dep, other=nixpkgs_2
        nixpkgs-gpu: nixpkgs=/dep/nixpkgs
        dep: nixpkgs=nixpkgs_3
    ";
    assert_eq!(outcome(base, &fixes), ["it would change what `nixpkgs-gpu/nixpkgs` is"]);
    // A plan for the wrapper's own nixpkgs is meant to move it.
    assert_eq!(outcome(base, &[(CURED, "nixpkgs-gpu.nixpkgs", "nixpkgs")]), ["safe"]);
}

#[test]
fn what_brings_something_new_is_refused() {
    let fixes = [(CURED, "nixpkgs-gpu.nixpkgs", "nixpkgs-gpu")];
    let told = outcome(TEXTBOOK, &fixes);
    assert!(told[0].starts_with("it would bring a new finding: "), "{told:?}");
}

#[test]
fn fixes_that_are_right_alone_and_wrong_together_are_not_both_made() {
    let lock = "
        root: a, b, c
        a: x=/c
        b: x=/c
        c
    ";
    // Each makes one follow the other.
    let both = [(CURED, "a.x", "b/x"), (CURED, "b.x", "a/x")];
    assert_eq!(outcome(lock, &both[..1]), ["safe"]);
    assert_eq!(outcome(lock, &both[1..]), ["safe"]);
    assert_eq!(outcome(lock, &both), ["safe", "it would break the follows of `a/x`"]);
    // One that is wrong by itself does not take its neighbours along.
    let lock = "
        root: a, b, nixpkgs=/a/n
        a: n=nixpkgs, x=/b
        b: x=/a
    ";
    let three = [(CURED, "a.x", "a"), (CURED, "a.n", "b"), (CURED, "b.x", "b")];
    assert_eq!(outcome(lock, &three), ["safe", "it would change what `nixpkgs` is", "safe"]);
}

#[test]
fn what_another_fix_takes_away_is_none() {
    let lock = "
        root: a, b
        a: c
        c: nixpkgs
        b: nixpkgs
    ";
    let fixes = [(CURED, "a.c", "b"), (CURED, "c.nixpkgs", "b/nixpkgs")];
    assert_eq!(outcome(lock, &fixes), ["safe", "the fix of `a/c` takes it away"]);
}

#[test]
fn what_a_person_has_to_do_is_left_as_it_is() {
    with(TEXTBOOK, |analysis, declared| {
        let subject = Subject::Input(input(analysis, "dep.nixpkgs"));
        let cured = rules::rule_named(CURED).unwrap();
        let by_hand = Finding::new(cured, subject, String::new()).fix(Fix::manual("for a person"));
        let relock = Finding::new(cured, subject, String::new()).fix(Fix::relock("as it says"));
        let mut findings = [by_hand, relock, Finding::new(cured, subject, String::new())];
        check_plan::check_plan(analysis, declared, &Levels::new(None, &[]), &mut findings);
        let reason = |at: usize| findings[at].fix.as_ref().map(|fix| fix.reason.clone());
        assert_eq!(reason(0).as_deref(), Some("for a person"));
        assert_eq!(reason(1).as_deref(), Some("as it says"));
        assert_eq!(findings[1].fix.as_ref().unwrap().applicability, Applicability::Safe);
        assert_eq!(reason(2), None);
    });
}
