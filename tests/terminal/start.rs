//! The time from the command to the first picture and out again. Only printed, because it depends
//! on the machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::keys::made;
use super::locks::largest;
use super::tmux::{fixture, program};

#[test]
fn a_start_takes_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("flake.lock");
    std::fs::write(&large, made(10_000)).unwrap();
    let mut locks = vec![("the seed scenario", fixture("seed/a-follows-plain"))];
    locks.push(("10,000 nodes", large));
    locks.extend(largest().map(|lock| ("the largest real lock", lock)));
    for (name, lock) in locks {
        let mut times: Vec<_> = (0..15).map(|_| whole(&lock)).collect();
        times.sort_unstable();
        println!("{name}: {:?} from start to end, at best {:?}", times[7], times[0]);
        assert!(times[7] < Duration::from_secs(2), "{name}: {times:?}");
    }
}

/// The time of a run that ends at once: `q` is typed before it starts.
fn whole(lock: &Path) -> Duration {
    let explore = format!("{} explore '{}'", program(), lock.display());
    let command = format!("stty columns 80 rows 24; exec {explore}");
    let start = Instant::now();
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", "xterm-256color")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("script is needed: {error}"));
    let mut stdin = script.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, b"q").unwrap();
    let output = script.wait_with_output().unwrap();
    let time = start.elapsed();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("Inputs"), "{shown}");
    drop(stdin);
    time
}
