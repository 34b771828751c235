//! Processes that are killed while they replace files.
//!
//! The process is this test binary again, controlled by environment variables.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio, abort};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::RngCore;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::*;

/// The flake's folder, for the process that will be killed.
const FOLDER: &str = "FLAKE_AUDIT_TEST_FOLDER";
/// The effect before which it exits; without it, it runs until it is killed.
const EFFECT: &str = "FLAKE_AUDIT_TEST_EFFECT";
/// How many processes are killed at random moments.
const KILLS: &str = "FLAKE_AUDIT_TEST_KILLS";

fn start(folder: &Path, effect: Option<usize>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    let module = module_path!().split_once("::").unwrap().1;
    command.args(["--exact", "--ignored", "--nocapture", &format!("{module}::victim")]);
    command.env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(effect) = effect {
        command.env(EFFECT, effect.to_string());
    }
    command.spawn().unwrap()
}

/// The process that will be killed.
#[test]
#[ignore = "a process that the other tests start and kill"]
fn victim() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let Ok(effect) = env::var(EFFECT) else { go_on(&folder) };
    let effect: usize = effect.parse().unwrap();
    let aborts = &mut |number, _| if number == effect { abort() } else { Ok(()) };
    replace_watched(&folder, &Repair::changes(), aborts).unwrap();
}

#[test]
fn whatever_a_process_leaves_the_next_one_ends_with_the_same_bytes() {
    let effects = Repair::effects();
    let mut outcomes = BTreeMap::new();
    let mut last = Outcome::Old;
    for effect in 0..effects {
        let flake = Repair::flake();
        let status = start(flake.path(), Some(effect)).wait().unwrap();
        assert!(!status.success(), "it was to end at {effect}");
        let outcome = Repair::outcome(&flake);
        assert!(outcome >= last, "{effect}: {outcome:?} after {last:?}");
        // All other files are spares, whose names say whose they are.
        for name in flake.all() {
            let is_known = name.ends_with('/') || Repair::FILES.contains(&&*name);
            let (_, file) = name.rsplit_once('/').unwrap_or(("", &name));
            let is_spare = file.starts_with(".flake-audit-") && file.ends_with(".tmp");
            assert!(is_known || is_spare, "{effect}: {name}");
        }
        let leftovers = flake.leftovers();
        Repair::again(&flake);
        assert_eq!(flake.leftovers(), leftovers, "what lies about is nobody's instruction");
        last = outcome;
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    println!("ended before each of {effects} effects: {outcomes:?}");
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
}

/// A file of a version: long enough to take several writes, and different in every line.
fn content(version: usize) -> String {
    let line = format!("version {version} of this file\n");
    line.repeat(1_000 + version % 7 * 100)
}

fn version(text: &str) -> Option<usize> {
    let version = text.strip_prefix("version ")?.split(' ').next()?.parse().ok()?;
    (content(version) == text).then_some(version)
}

const PAIR: [&str; 2] = ["flake.nix", "shared/flake.lock"];

/// Replaces a pair by its next version, forever.
fn go_on(folder: &Path) -> ! {
    loop {
        let texts = PAIR.map(|name| fs::read_to_string(folder.join(name)).unwrap());
        let versions = texts.each_ref().map(|text| version(text).unwrap());
        // A lock that is behind is updated first.
        let next = versions[1] + 1;
        let text = content(next);
        let changes = [change("flake.nix", &texts[0], &text), change(PAIR[1], &texts[1], &text)];
        replace(folder, &changes).unwrap();
        println!("{next} done");
    }
}

#[test]
fn a_process_that_is_killed_at_any_moment_tears_no_file() {
    let kills = env::var(KILLS).map_or(30, |kills| kills.parse().unwrap());
    let first = content(1);
    let flake = Flake::on_disk(&PAIR.map(|name| (name, first.as_str())));
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let mut last = 1;
    for _ in 0..kills {
        let mut child = start(flake.path(), None);
        // Once it is running, any moment of its next two runs will do.
        let mut said = child.stdout.take().unwrap();
        let mut runs = BufReader::new(&mut said).lines().map(Result::unwrap);
        let mut run = || runs.by_ref().find(|line| line.ends_with(" done")).unwrap();
        run();
        let started = Instant::now();
        run();
        let nanoseconds = u64::try_from(started.elapsed().as_nanos()).unwrap();
        thread::sleep(Duration::from_nanos(random.next_u64() % (2 * nanoseconds)));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(said);

        let found = PAIR.map(|name| version(&flake.read(name).unwrap()));
        let [nix, lock] = found.map(|version| version.expect("a file that is whole"));
        assert!(lock >= last && (nix == lock || nix == lock + 1), "{last} {nix} {lock}");
        last = lock;
        let spares = flake.leftovers();
        let pair = if nix == lock { "one version" } else { "the lock is behind" };
        *states.entry(format!("{pair}, spares left: {}", spares.len())).or_default() += 1;
        for spare in spares {
            assert!(spare.ends_with(".tmp"), "{spare}");
            fs::remove_file(flake.at(&spare)).unwrap();
        }
    }
    println!("{kills} kills, {last} versions");
    for (state, count) in states {
        println!("{count:5} {state}");
    }
}
