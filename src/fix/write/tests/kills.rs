//! Processes that are killed while they replace files.
//!
//! The process is this test binary again, told by the environment what to do.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio, abort};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::super::replace;
use super::*;

/// The flake's folder, for a process that is to be killed.
const FOLDER: &str = "FLAKE_AUDIT_TEST_FOLDER";
/// The effect before which it ends itself; without it, it goes on until it is killed.
const EFFECT: &str = "FLAKE_AUDIT_TEST_EFFECT";
/// How many processes are killed at random moments.
const KILLS: &str = "FLAKE_AUDIT_TEST_KILLS";

fn start(folder: &Path, effect: Option<(By, usize)>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    let module = module_path!().split_once("::").unwrap().1;
    command.args(["--exact", "--ignored", "--nocapture", &format!("{module}::victim")]);
    command.env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some((by, effect)) = effect {
        command.env(EFFECT, format!("{by:?} {effect}"));
    }
    command.spawn().unwrap()
}

/// What a killed process does.
#[test]
#[ignore = "a process that the other tests start and kill"]
fn victim() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let Ok(effect) = env::var(EFFECT) else { go_on(&folder) };
    let (by, effect) = effect.split_once(' ').unwrap();
    let by = if by == "Exchange" { By::Exchange } else { By::Renaming };
    let effect: usize = effect.parse().unwrap();
    let aborts = &mut |number, _| if number == effect { abort() } else { Ok(()) };
    replace_watched(&folder, by, &Repair::changes(), aborts).unwrap();
}

#[test]
fn a_process_that_ends_before_any_effect_leaves_what_can_be_mended() {
    for by in BOTH {
        let effects = Repair::effects(by);
        let (mut before, mut after) = (0, 0);
        for effect in 0..effects {
            let flake = Repair::flake();
            let status = start(flake.path(), Some((by, effect))).wait().unwrap();
            assert!(!status.success(), "it was to end at {effect}");
            for file in ["flake.nix", "flake.lock"] {
                let text = flake.read(file).unwrap();
                let (age, _) = text.split_once(' ').unwrap();
                assert!(["old", "new"].contains(&age), "{by:?} {effect} {file}: {text}");
            }
            let mended = flake.mend();
            before += usize::from(Repair::is_before(&flake));
            after += usize::from(Repair::is_after(&flake));
            assert_eq!(before + after, effect + 1, "{by:?} {effect} {mended:?} {:?}", flake.all());
        }
        println!("{by:?}: ended before each of {effects} effects: {before} old, {after} new");
        assert!(before > 5 && after > 5);
    }
}

/// A file of a version: so long that it takes several writes, and different in every line.
fn content(version: usize) -> String {
    let line = format!("version {version} of this file\n");
    line.repeat(1_000 + version % 7 * 100)
}

fn version(text: &str) -> Option<usize> {
    let version = text.strip_prefix("version ")?.split(' ').next()?.parse().ok()?;
    (content(version) == text).then_some(version)
}

const PAIR: [&str; 2] = ["flake.nix", "shared/flake.lock"];

/// Replaces a pair by its next version for ever.
fn go_on(folder: &Path) -> ! {
    loop {
        mend(folder).unwrap();
        let texts = PAIR.map(|name| fs::read_to_string(folder.join(name)).unwrap());
        let next = content(version(&texts[0]).unwrap() + 1);
        let changes = [change("flake.nix", &texts[0], &next), change(PAIR[1], &texts[1], &next)];
        replace(folder, &changes).unwrap();
        println!("{} done", version(&next).unwrap());
    }
}

#[test]
fn a_process_that_is_killed_at_any_moment_loses_nothing() {
    let kills = env::var(KILLS).map_or(30, |kills| kills.parse().unwrap());
    let first = content(1);
    let flake = Flake::on_disk(&PAIR.map(|name| (name, first.as_str())));
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let mut last = 1;
    for _ in 0..kills {
        let mut child = start(flake.path(), None);
        // Once it is at work, any moment of its next two runs is as good as another.
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
        assert!(nix >= last && (lock == nix || lock + 1 == nix), "{last} {nix} {lock}");
        let stages: Vec<_> =
            flake
                .leftovers()
                .iter()
                .map(|name| {
                    if name.ends_with("spare") { "spare" } else { name.rsplit('.').next().unwrap() }
                })
                .map(str::to_owned)
                .collect();
        let mended = flake.mend();
        let [nix_now, lock_now] = PAIR.map(|name| version(&flake.read(name).unwrap()).unwrap());
        assert_eq!((nix_now, lock_now), (nix, nix), "{mended:?}");
        assert_eq!(flake.leftovers(), [""; 0]);
        assert_eq!(flake.mend(), []);
        last = nix;
        let pair = if nix == lock { "one version" } else { "half done" };
        let mended = match &mended[..] {
            [] => "nothing".to_owned(),
            [mended] => format!("{mended:?}"),
            _ => panic!("{mended:?}"),
        };
        let mended = mended.split('(').next().unwrap();
        let state = format!("{pair}, left {stages:?}, mended {mended}");
        *states.entry(state).or_default() += 1;
    }
    println!("{kills} kills, {last} versions");
    for (state, count) in states {
        println!("{count:5} {state}");
    }
}
