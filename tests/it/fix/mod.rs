//! The promises of `fix`, for every fixture and for random flakes: chosen findings are cured,
//! nothing new appears, nothing else changes, and a second run has nothing to do.

mod promises;
mod random;

use std::path::Path;

use flake_audit::config::{Config, FILE_NAME};
use flake_audit::rules::RULES;
use flake_audit::source::Stores;

use crate::fixtures::{cases, name};
use crate::support::workspace::Workspace;

use promises::{Flake, Outcome};

#[test]
fn every_fixture_is_repaired_as_promised() {
    let (mut seen, mut repaired, mut refused, mut told) = (0, 0, 0, String::new());
    for case in cases() {
        let has = |file: &str| case.join(file).exists();
        if !has("flake.nix") || !has("flake.lock") || has("error.txt") {
            continue;
        }
        seen += 1;
        let workspace = Workspace::of(&case);
        let flake = Flake {
            folder: workspace.path().to_owned(),
            lock: std::fs::read(case.join("flake.lock")).unwrap(),
            stores: Stores::new(has("store").then(|| case.join("store")).as_deref(), None),
            config: config(&case),
        };
        let label = name(&case);
        match flake.keeps_promises(&label) {
            Outcome::Nothing => {}
            Outcome::Repaired => repaired += 1,
            Outcome::Hindered(why) => {
                refused += 1;
                told += &format!("{label}: {why}\n");
            }
        }
    }
    println!("{repaired} of {seen} fixtures repaired, {refused} not");
    assert!(repaired > 60, "only {repaired} of {seen} fixtures repaired");
    insta::assert_snapshot!(told);
}

fn config(case: &Path) -> Option<Config> {
    let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    let text = std::fs::read_to_string(case.join(FILE_NAME)).ok()?;
    Some(Config::parse(Path::new(FILE_NAME), &text, &rules).unwrap())
}
