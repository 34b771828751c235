//! Real flakes with their sources:
//! `FLAKE_AUDIT_FLAKES=DIR cargo test --features corpus-tests --test corpus -- --ignored --nocapture`.
//! `DIR` contains checkouts, and in `store` the sources that their locks name, as in a store.
//!
//! Less knowledge must never silence a finding, and more knowledge must never make one stronger
//! without naming a package (the monotony of `tests/nix/worlds`, on real flakes).

use std::fs;
use std::path::{Path, PathBuf};

use flake_audit::audit::{LockInput, Report, Setup, audit};
use flake_audit::finding::Strength;
use flake_audit::lock::Unescaped;
use flake_audit::source::{Reader, Stores};

/// The rules that report per output.
const PER_OUTPUT: [&str; 3] = ["inline-configuration", "root-unconfigured", "unconfigured-nixpkgs"];

/// The result for a flake: the strongest of the findings per output, whether each firm one names a
/// package, and whether the report says that not everything was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    loudest: u8,
    names_packages: bool,
    in_part: bool,
    read: usize,
}

fn said(report: &Report<'_>) -> Said {
    let told = || report.findings.iter().filter(|it| PER_OUTPUT.contains(&it.rule.id));
    let loudness = |strength| match strength {
        Some(Strength::Firm) => 2,
        _ => 1,
    };
    let firm = || told().filter(|it| it.strength == Some(Strength::Firm));
    Said {
        loudest: told().map(|it| loudness(it.strength)).max().unwrap_or(0),
        names_packages: firm().all(|it| !it.packages.is_empty()),
        in_part: report.outputs_in_part().next().is_some() || report.outputs.is_empty(),
        read: report.sources.read,
    }
}

/// The result for a flake with these entries of the store on disk.
fn ask(flake: &Path, entries: &[PathBuf]) -> Option<Said> {
    let store = tempfile::tempdir().unwrap();
    for entry in entries {
        let link = store.path().join(entry.file_name().unwrap());
        std::os::unix::fs::symlink(entry, link).unwrap();
    }
    let bytes = fs::read(flake.join("flake.lock")).ok()?;
    let unescaped = Unescaped::new();
    let reader = Reader::new(Stores::new(Some(store.path()), None), Some(flake.to_owned()));
    let source = LockInput {
        name: "flake.lock",
        bytes: &bytes,
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let report = audit(source, None, &Setup { lists: true, ..Setup::default() });
    report.error.is_none().then(|| said(&report))
}

#[test]
#[ignore = "asks for checkouts of flakes with their sources: FLAKE_AUDIT_FLAKES"]
fn reading_more_is_never_louder() {
    let folder = std::env::var_os("FLAKE_AUDIT_FLAKES").map(PathBuf::from);
    let folder = folder.expect("FLAKE_AUDIT_FLAKES names a folder of checkouts").canonicalize();
    let folder = folder.unwrap();
    let all = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut entries: Vec<PathBuf> = entries.collect();
        entries.sort();
        entries
    };
    let store = all(&folder.join("store"));
    let (mut flakes, mut pairs) = (0, 0);
    let mut wrong = Vec::new();
    for flake in all(&folder) {
        let Some(bare) = ask(&flake, &[]) else { continue };
        // The entries that this lock names.
        let mut with: Vec<PathBuf> = Vec::new();
        for entry in &store {
            let alone = ask(&flake, std::slice::from_ref(entry)).unwrap();
            if alone.read > bare.read {
                with.push(entry.clone());
            }
        }
        let whole = ask(&flake, &with).unwrap();
        flakes += 1;
        println!("{}: {} sources, {bare:?}, {whole:?}", flake.display(), with.len());
        let mut compare = |more: Said, less: Said, what: &str| {
            pairs += 1;
            let vanishes = less.loudest == 0 && more.loudest > 0 && !less.in_part;
            let louder = more.loudest > less.loudest && !more.names_packages;
            if vanishes || louder {
                wrong.push(format!("{}, {what}: {more:?} {less:?}", flake.display()));
            }
        };
        compare(whole, bare, "all");
        for left_out in &with {
            let rest: Vec<PathBuf> = with.iter().filter(|it| *it != left_out).cloned().collect();
            let less = ask(&flake, &rest).unwrap();
            compare(whole, less, &left_out.display().to_string());
        }
    }
    println!("{flakes} flakes, {pairs} pairs");
    assert!(pairs > flakes, "no source of these flakes is in the store");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
