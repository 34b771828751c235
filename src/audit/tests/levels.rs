//! Flags over configuration over defaults, and what is accepted.

use super::*;
use crate::finding::Strength::{self, Firm, Light};
use crate::rules;

use Level::{Allow, Deny, Warn};

fn level(config: &str, flags: &[(&'static str, Level)], strength: Option<Strength>) -> Level {
    let config = read(config);
    let rule = rules::rule_named("unconfigured-nixpkgs").unwrap();
    Levels::new(Some(&config), flags).level(rule, strength)
}

#[test]
fn flags_count_more_than_the_file_and_that_more_than_defaults() {
    assert_eq!(level("", &[], Some(Firm)), Deny);
    assert_eq!(level("", &[], Some(Light)), Warn);
    let file = "rules.unconfigured-nixpkgs = \"warn\"";
    assert_eq!(level(file, &[], Some(Firm)), Warn);
    let flags = [("unconfigured-nixpkgs", Allow), ("unconfigured-nixpkgs", Deny)];
    assert_eq!(level(file, &flags, Some(Firm)), Deny, "the last flag counts");
    assert_eq!(level(file, &flags, Some(Light)), Deny, "for both strengths");
    assert_eq!(level(file, &[("wrapper-skew", Allow)], Some(Firm)), Warn, "another rule's");
}

#[test]
fn strengths_are_set_apart() {
    let file = "rules.unconfigured-nixpkgs = { light = \"allow\" }";
    assert_eq!(level(file, &[], Some(Light)), Allow);
    assert_eq!(level(file, &[], Some(Firm)), Deny, "what is not set keeps its default");
    let file = "rules.unconfigured-nixpkgs = { firm = \"warn\", light = \"deny\" }";
    assert_eq!((level(file, &[], Some(Firm)), level(file, &[], Some(Light))), (Warn, Deny));
    assert_eq!(level(file, &[], None), Warn, "what has no strength is as a firm one");
}

#[test]
fn a_rule_is_on_if_anything_of_it_can_be_heard() {
    let rule = rules::rule_named("unconfigured-nixpkgs").unwrap();
    let is_on = |config: &str| Levels::new(Some(&read(config)), &[]).is_on(rule);
    assert!(is_on(""));
    assert!(is_on("rules.unconfigured-nixpkgs = { firm = \"allow\" }"));
    assert!(is_on("rules.unconfigured-nixpkgs = { light = \"allow\" }"));
    assert!(!is_on("rules.unconfigured-nixpkgs = { firm = \"allow\", light = \"allow\" }"));
    assert!(!is_on("rules.unconfigured-nixpkgs = \"allow\""));
}

#[test]
fn what_is_accepted_is_told_and_does_not_count() {
    let exempt = |input: &str, reason: &str| {
        format!(
            "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"{input}\"\nreason = \"{reason}\"\n"
        )
    };
    let counts = |report: &Report<'_>| (report.count(Deny), report.count_exempted());
    assert_eq!(reported(TEXTBOOK, None, "", counts), (1, 0));
    assert_eq!(reported(TEXTBOOK, None, &exempt("sub/nixpkgs", "no"), counts), (1, 0));
    let both = exempt("dep/*", "first") + &exempt("dep/nixpkgs", "second");
    let config = read(&both);
    reported(TEXTBOOK, None, &both, |report| {
        assert_eq!(counts(report), (0, 1));
        let exempted = report.findings[0].exempted.as_ref().unwrap();
        assert_eq!((exempted.reason.as_str(), exempted.is_comment), ("first", false));
        // Both have matched something.
        exempted_by(&config, report);
        assert!(config.exempt.iter().all(|exemption| exemption.warning(LONG_AGO).is_none()));
    });
    // It does not count at another level either.
    let quiet = "rules.unconfigured-nixpkgs = \"warn\"";
    reported(TEXTBOOK, None, quiet, |report| {
        assert_eq!((report.count(Deny), report.count(Warn)), (0, 1));
    });
    let silent = "rules.unconfigured-nixpkgs = \"allow\"";
    reported(TEXTBOOK, None, silent, |report| assert!(report.findings.is_empty()));
}

const LONG_AGO: crate::text::Date = crate::text::Date { year: 2000, month: 1, day: 1 };

fn exempted_by(config: &Config, report: &Report<'_>) {
    for finding in &report.findings {
        exempted(Some(config), finding);
    }
}
