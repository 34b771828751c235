//! Noise: what would be reported if a declared wrapper were put into every real lock, in memory?
//!
//! `-- --nocapture` shows the figures, and with `FLAKE_AUDIT_NOISE` set the findings.

use std::collections::BTreeMap;

use flake_audit::audit::{LockInput, Setup, audit};
use flake_audit::change::Applicability;
use flake_audit::config::DeclaredInput;
use flake_audit::finding::Strength;
use flake_audit::lock::Unescaped;
use flake_audit::text::Position;

use crate::real::wrapped;

#[derive(Default)]
struct Figures {
    locks: usize,
    without_raw_nixpkgs: usize,
    failing: usize,
    firm: usize,
    light: usize,
    slots: usize,
    applicable: usize,
    manual: BTreeMap<String, usize>,
    light_for: BTreeMap<String, usize>,
    others: BTreeMap<&'static str, usize>,
}

#[test]
fn a_wrapper_in_every_real_lock() {
    let mut figures = Figures::default();
    for lock in &wrapped() {
        let unescaped = Unescaped::new();
        let name = &lock.name;
        let source = LockInput { name, bytes: &lock.bytes, unescaped: &unescaped, reader: None };
        let position = Position { line: 1, column: 1 };
        let configured = vec![DeclaredInput::new(vec!["nixpkgs-gpu".into()], position)];
        let report = audit(source, None, &Setup { configured, lists: true, ..Setup::default() });
        if report.error.is_some() {
            continue;
        }
        figures.locks += 1;
        let is_raw = report
            .instances
            .iter()
            .any(|instance| instance.evidence.is_none() && instance.held_by_root);
        if !is_raw {
            figures.without_raw_nixpkgs += 1;
            continue;
        }
        let mut firm = 0;
        for finding in &report.findings {
            if finding.rule.id != "unconfigured-nixpkgs" {
                *figures.others.entry(finding.rule.id).or_default() += 1;
                continue;
            }
            figures.slots += 1 + finding.affects_total;
            if finding.strength == Some(Strength::Firm) {
                firm += 1;
            } else {
                figures.light += 1;
                let known =
                    finding.notes.iter().find_map(|note| note.split("taken for its ").nth(1));
                let known = known.map_or("other", |known| known.split(" (").next().unwrap());
                *figures.light_for.entry(known.to_owned()).or_default() += 1;
            }
            let fix = finding.fix.as_ref().expect("every finding of this rule has a fix");
            if fix.applicability == Applicability::Manual {
                let reason: String = fix.reason.split('`').step_by(2).collect();
                *figures.manual.entry(reason.chars().take(60).collect()).or_default() += 1;
                // Plans are checked, so a refused one means that it should not have been made.
                assert!(!fix.reason.starts_with("it would"), "{name}: {}", fix.reason);
            } else {
                figures.applicable += 1;
            }
        }
        figures.firm += firm;
        figures.failing += usize::from(firm > 0);
        if std::env::var_os("FLAKE_AUDIT_NOISE").is_some() {
            println!("{name}: {firm} firm");
            for finding in &report.findings {
                let strength = finding.strength.map_or("", |strength| strength.as_str());
                let path = finding.input_path.names().join("/");
                println!("    {} {strength} {path} (+{})", finding.rule.id, finding.affects_total);
            }
        }
    }
    println!("{} locks with a root nixpkgs,", figures.locks);
    println!("  of which {} have no raw one;", figures.without_raw_nixpkgs);
    println!(
        "{} fail: {} firm and {} light findings,",
        figures.failing, figures.firm, figures.light
    );
    println!("  {} slots in all, {} automatic fixes", figures.slots, figures.applicable);
    println!("light: {:?}", figures.light_for);
    println!("manual: {:#?}", figures.manual);
    println!("other rules: {:?}", figures.others);
    assert!(figures.locks > 0 && figures.slots > 0);
}
