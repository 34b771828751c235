//! Audits every fixture with every rule: `findings.txt` lists exactly the findings.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use flake_audit::audit::{LockInput, Report, Reported, Setup, audit};
use flake_audit::change::Applicability;
use flake_audit::config::ConfigInScope;
use flake_audit::config::{Config, FILE_NAME};
use flake_audit::lock::Unescaped;
use flake_audit::rules::RULES;
use flake_audit::source::{Reader, Stores};

/// The folders `fixtures/AREA/CASE`.
pub(crate) fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<_> = areas().iter().flat_map(|area| folders(area)).collect();
    cases.sort();
    cases
}

fn areas() -> Vec<PathBuf> {
    folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// A case as `AREA/CASE`.
pub(crate) fn name(case: &Path) -> String {
    let mut parts = case.iter().rev().map(|part| part.to_str().unwrap());
    let (case, area) = (parts.next().unwrap(), parts.next().unwrap());
    format!("{area}/{case}")
}

/// Audits the lock of a folder, with the configuration beside it and silent findings.
pub(crate) fn with_report<T>(case: &Path, then: impl FnOnce(&Report<'_>) -> T) -> T {
    let bytes = fs::read(case.join("flake.lock")).unwrap();
    let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    let config = fs::read_to_string(case.join(FILE_NAME)).ok();
    let config = config.map(|text| Config::parse(Path::new(FILE_NAME), &text, &rules).unwrap());
    let setup = Setup { include_allowed: true, lists: true, ..Setup::default() };
    let unescaped = Unescaped::new();
    let store = case.join("store");
    let stores = Stores::new(store.is_dir().then_some(store.as_path()), None);
    let reader = Reader::new(stores, Some(case.to_path_buf()));
    let reader = Some(&reader);
    let source = LockInput { name: "flake.lock", bytes: &bytes, unescaped: &unescaped, reader };
    then(&audit(
        source,
        config.as_ref().map(|config| ConfigInScope { config, beside: true }),
        &setup,
    ))
}

fn line(finding: &Reported<'_>) -> String {
    let path = |names: &[&str]| if names.is_empty() { ".".into() } else { names.join("/") };
    let mut line = format!(
        "{} {} {}",
        finding.level.as_str(),
        finding.rule.id,
        path(finding.input_path.names())
    );
    let mut affects: Vec<_> = finding.affects.iter().map(|p| p.names()).collect();
    affects.sort();
    if !affects.is_empty() {
        let affects: Vec<_> = affects.into_iter().map(path).collect();
        write!(line, " | affects {}", affects.join(", ")).unwrap();
    }
    if let Some(fix) = &finding.fix {
        write!(line, " | {}", fix.applicability.as_str()).unwrap();
        if fix.applicability > Applicability::Manual {
            let changes = fix.remedy.overrides().iter();
            let changes =
                changes.map(|o| format!("{} -> {}", path(&o.input_path), path(&o.follows)));
            let removes =
                fix.remedy.removed().into_iter().map(|path| format!("{} removed", path.join("/")));
            let relocks = fix.remedy.is_relock().then(|| "locked again".to_owned());
            let moves =
                fix.remedy.moved().map(|setting| format!("{} into {}", setting.name, setting.into));
            let all: Vec<_> = changes.chain(removes).chain(moves).chain(relocks).collect();
            write!(line, " {}", all.join(", ")).unwrap();
        }
    }
    if finding.exempted.is_some() {
        line += " | exempted";
    }
    line
}

#[test]
fn every_fixture_has_the_findings_that_it_lists() {
    let mut wrong = String::new();
    let mut seen = 0;
    for case in cases() {
        let Ok(expected) = fs::read_to_string(case.join("findings.txt")) else { continue };
        seen += 1;
        let found = with_report(&case, |report| {
            assert_eq!(report.error, None, "{}", name(&case));
            let mut lines: Vec<_> = report.findings.iter().map(line).collect();
            lines.sort();
            lines.iter().fold(String::new(), |all, line| all + line + "\n")
        });
        if found != expected {
            writeln!(wrong, "== {}\n-- listed\n{expected}-- found\n{found}", name(&case)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen > 100, "only {seen} fixtures");
}

#[test]
fn every_finding_says_what_to_do() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.join("findings.txt").is_file()) {
        with_report(case, |report| {
            let without = report.findings.iter().filter(|finding| match &finding.fix {
                Some(fix) => fix.reason.is_empty() && fix.nix.is_empty(),
                None => true,
            });
            wrong.extend(without.map(|finding| format!("{}: {}", name(case), finding.message)));
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With neither file a fixture would test nothing; with both, one of them would never be used.
#[test]
fn every_fixture_says_what_is_to_be_found_or_what_is_wrong() {
    let says = |case: &PathBuf| {
        ["findings.txt", "error.txt"].iter().filter(|file| case.join(file).is_file()).count()
    };
    let wrong: Vec<_> = cases().iter().filter(|case| says(case) != 1).map(|c| name(c)).collect();
    assert!(wrong.is_empty(), "neither findings.txt nor error.txt, or both: {wrong:?}");
    let empty: Vec<_> = areas().into_iter().filter(|area| folders(area).is_empty()).collect();
    assert!(empty.is_empty(), "no case in {empty:?}");
}

#[test]
fn malformed_locks_are_one_error_with_its_place() {
    let mut told = String::new();
    for case in cases().iter().filter(|case| case.join("error.txt").exists()) {
        with_report(case, |report| {
            let error = report.error.as_ref().expect("an error");
            let position = error.position.unwrap();
            let message = &error.message;
            writeln!(told, "{}: {}:{}: {message}", name(case), position.line, position.column)
                .unwrap();
        });
    }
    insta::assert_snapshot!(told);
}
