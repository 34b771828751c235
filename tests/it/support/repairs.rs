//! Findings of whole audits, and the promises of automatic fixes: written into the lock's text and
//! audited again, they have cured what they were for, and brought nothing new.

use std::collections::{BTreeMap, BTreeSet};

use flake_audit::audit::{LockInput, Report, Reported, Setup, audit};
use flake_audit::change::Applicability;
use flake_audit::finding::Level;
use flake_audit::lock::Unescaped;
use serde_json::Value;

/// A finding without its text, which may name node keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) rule: &'static str,
    path: Vec<String>,
    level: Level,
    affects: Vec<Vec<String>>,
    applicability: Option<Applicability>,
    overrides: Vec<(Vec<String>, Vec<String>)>,
    fingerprint: String,
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The findings in the order of the report; silent ones too, if wanted.
pub(crate) fn told(text: &str, silent: bool) -> Vec<Told> {
    let unescaped = Unescaped::new();
    let source = LockInput {
        name: "flake.lock",
        bytes: text.as_bytes(),
        unescaped: &unescaped,
        reader: None,
    };
    let report: Report<'_> =
        audit(source, None, &Setup { include_allowed: silent, ..Setup::default() });
    assert_eq!(report.error, None);
    let tell = |finding: &Reported<'_>| Told {
        rule: finding.rule.id,
        path: owned(finding.input_path.names()),
        level: finding.level,
        affects: finding.affects.iter().map(|path| owned(path.names())).collect(),
        applicability: finding.fix.as_ref().map(|fix| fix.applicability),
        overrides: finding
            .fix
            .iter()
            .flat_map(|fix| fix.remedy.overrides())
            .map(|change| (owned(&change.input_path), owned(&change.follows)))
            .collect(),
        fingerprint: finding.fingerprint.clone(),
    };
    report.findings.iter().map(tell).collect()
}

/// Writes an override into a lock: walks the direct inputs, and replaces the last one.
fn write_override(lock: &mut Value, path: &[String], follows: &[String]) {
    let mut key = lock["root"].as_str().unwrap().to_owned();
    let (last, above) = path.split_last().unwrap();
    for name in above {
        key = lock["nodes"][&key]["inputs"][name].as_str().expect("an owner path").to_owned();
    }
    lock["nodes"][&key]["inputs"][last] = follows.into();
}

/// Applies all automatic fixes of a lock together, and audits the result.
pub(crate) fn check_repair(lock: &Value) -> usize {
    let before = told(&lock.to_string(), false);
    let is_automatic = |finding: &&Told| finding.applicability > Some(Applicability::Manual);
    let fixed: Vec<_> = before.iter().filter(is_automatic).collect();
    let mut repaired = lock.clone();
    let mut overrides = BTreeMap::new();
    for (path, follows) in fixed.iter().flat_map(|finding| &finding.overrides) {
        let other = overrides.insert(path, follows);
        assert!(other.is_none_or(|other| other == follows), "{path:?} is to follow two paths");
    }
    for (path, follows) in overrides {
        write_override(&mut repaired, path, follows);
    }
    let key = |finding: &Told| (finding.rule, finding.path.clone());
    let known: BTreeSet<_> = before.iter().map(key).collect();
    let cured: BTreeSet<_> = fixed.iter().map(|finding| key(finding)).collect();
    for finding in told(&repaired.to_string(), false) {
        // What a follows has released stays in this text, whereas Nix drops it.
        if finding.rule == "unreachable-node" {
            continue;
        }
        assert!(!cured.contains(&key(&finding)), "not cured: {finding:?}");
        assert!(known.contains(&key(&finding)), "new: {finding:?}");
    }
    fixed.len()
}
