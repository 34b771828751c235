//! Interrupted runs: what they leave, and that the next one ends with the same bytes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use proptest::prelude::RngCore;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::cli::shown;
use crate::fixtures::{cases, name};
use crate::support::workspace::{Files, Workspace};

const INIT: [&str; 3] = ["fix", "--init", "gpu"];
/// In the order in which they are written.
const FILES: [&str; 3] = ["gpu/flake.nix", "flake.nix", "flake.lock"];

/// A flake with inline settings, whose repair writes three files.
fn inline() -> Workspace {
    Workspace::of("inline-configuration/import-literal")
}

/// A flake with the first files of a repair already written.
fn halfway(case: &Path, done: &Workspace, number: usize) -> Workspace {
    let workspace = Workspace::of(case);
    for file in &FILES[..number] {
        workspace.write(file, done.read(file));
    }
    workspace
}

#[test]
fn a_wrapper_that_was_begun_is_finished() {
    let mut seen = 0;
    for case in cases() {
        let text = std::fs::read_to_string(case.join("findings.txt")).unwrap_or_default();
        if !text.lines().any(|line| line.split(' ').nth(1) == Some("inline-configuration")) {
            continue;
        }
        let done = Workspace::of(&case);
        let before = done.files();
        shown(&mut done.command(&INIT));
        if done.files() == before {
            continue;
        }
        seen += 1;
        let first = &done;
        // Without `--init` it repairs the rest, as after a complete run.
        let whole = halfway(&case, &done, FILES.len());
        shown(&mut whole.command(&["fix"]));
        for (number, command, done) in
            [(1, &INIT[..], &done), (2, &INIT[..], &done), (2, &["fix"], &whole)]
        {
            let workspace = halfway(&case, first, number);
            let shown = shown(&mut workspace.command(command));
            assert!(workspace.files() == done.files(), "{} {number}: {shown}", name(&case));
        }
    }
    println!("{seen} fixtures");
    assert!(seen > 10, "{seen}");
}

#[test]
fn what_the_next_run_says() {
    let case = crate::cli::fixtures().join("inline-configuration/import-literal");
    let done = inline();
    shown(&mut done.command(&INIT));
    let mut told = String::new();
    for number in 0..=3 {
        for more in ["--diff", "--dry-run", "-v"] {
            let workspace = halfway(&case, &done, number);
            let shown = shown(&mut workspace.command(&[&INIT[..], &[more]].concat()));
            if number > 0 && more != "--diff" {
                told += &format!("== {number} files were written: {more}\n{shown}");
            }
            let news = shown.matches("+++ b/gpu/flake.nix").count();
            assert_eq!(news, usize::from(number == 0 && more == "--diff"), "{shown}");
        }
    }
    assert_snapshot!(told);
}

/// A file that somebody has changed since is kept.
#[test]
fn another_file_in_its_place_is_not_overwritten() {
    let case = crate::cli::fixtures().join("inline-configuration/import-literal");
    let done = inline();
    shown(&mut done.command(&INIT));
    let workspace = halfway(&case, &done, 1);
    workspace.write("gpu/flake.nix", done.read("gpu/flake.nix") + "# mine\n");
    let shown = workspace.fix_without_writing(&INIT[1..]);
    assert!(shown.contains("gpu/flake.nix exists already and is not overwritten"), "{shown}");
}

/// Which of the files have their new bytes; a file that has neither fails the test.
fn outcome(files: &Files, old: &Files, new: &Files) -> [bool; 3] {
    let is_spare = |name: &Path| {
        let name = name.file_name().unwrap().to_str().unwrap();
        name.starts_with(".flake-audit-") && name.ends_with(".tmp")
    };
    for (name, bytes) in files.iter().filter(|(name, _)| !is_spare(name)) {
        let is_known = [old, new].iter().any(|files| files.get(name) == Some(bytes));
        assert!(is_known, "{}: {}", name.display(), String::from_utf8_lossy(bytes));
    }
    FILES.map(Path::new).map(|name| {
        assert!(files.contains_key(name) || !old.contains_key(name), "{}", name.display());
        files.get(name) == new.get(name)
    })
}

/// Kills the program itself at random moments: `FLAKE_AUDIT_TEST_KILLS` says how often.
#[test]
fn a_run_that_is_killed_leaves_what_the_next_one_finishes() {
    let kills = std::env::var("FLAKE_AUDIT_TEST_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let (old, done) = (inline().files(), inline());
    let started = Instant::now();
    shown(&mut done.command(&INIT));
    let new = done.files();
    let whole = u64::try_from(started.elapsed().as_nanos()).unwrap();
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut states: BTreeMap<_, usize> = BTreeMap::new();
    for number in 0..kills {
        let workspace = inline();
        let mut child = Command::new(env!("CARGO_BIN_EXE_flake-audit"))
            .args(INIT)
            .current_dir(workspace.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if number % 2 == 0 {
            thread::sleep(Duration::from_nanos(random.next_u64() % (whole * 5 / 4)));
        } else {
            // Kill half of them once they write, which is the shortest part of a run.
            while child.try_wait().unwrap().is_none() && workspace.files().len() <= old.len() {}
            thread::sleep(Duration::from_nanos(random.next_u64() % 4_000_000));
        }
        let _ = child.kill();
        child.wait().unwrap();
        let left = workspace.files();
        let state = outcome(&left, &old, &new);
        assert!(state.is_sorted_by(|one, other| one >= other), "{state:?}");
        shown(&mut workspace.command(&INIT));
        let after = workspace.files();
        assert_eq!(outcome(&after, &old, &new), [true; 3]);
        let spares = after.len() - new.len();
        // Every file left over is one that the next run completes.
        assert!(left.iter().all(|(name, _)| after.contains_key(name)));
        *states.entry((state, spares)).or_default() += 1;
    }
    for ((state, spares), count) in states {
        println!("{count:5} times {FILES:?} new: {state:?}, spares left: {spares}");
    }
}

#[test]
fn runs_at_the_same_time() {
    let (old, done) = (inline().files(), inline());
    shown(&mut done.command(&INIT));
    let new = done.files();
    for runs in [2, 3, 3, 3] {
        let workspace = inline();
        let codes: Vec<_> = thread::scope(|scope| {
            let run = || shown(&mut workspace.command(&INIT));
            let runs: Vec<_> = (0..runs).map(|_| scope.spawn(run)).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let left = workspace.files();
        assert_eq!(outcome(&left, &old, &new), [true; 3], "{codes:?}");
        assert_eq!(left.len(), new.len(), "{codes:?}");
        // A run that comes too late finds nothing to do, or fails.
        for code in &codes {
            let is_told = code.starts_with("exit 0\n")
                || code.contains("another flake-audit is writing here")
                || code.contains("somebody has changed it meanwhile")
                || code.contains("exists already");
            assert!(is_told, "{code}");
        }
    }
}
