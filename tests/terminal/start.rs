//! The time from the command to the first picture and out again. Only printed, because it depends
//! on the machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::keys::made;
use super::locks::largest;
use super::tmux::{Tmux, fixture, program};

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

/// A flake of so many outputs that its audit takes a while.
fn large_flake() -> TempDir {
    let folder = TempDir::new().unwrap();
    let seed = fixture("seed/a-follows-plain");
    std::fs::copy(seed.join("flake.lock"), folder.path().join("flake.lock")).unwrap();
    let flake = std::fs::read_to_string(seed.join("flake.nix")).unwrap();
    let (inputs, _) = flake.split_once("outputs").unwrap();
    let shells: String = (0..6_000)
        .map(|at| {
            format!(
                "  s{at} = pkgs.mkShell {{ packages = [ dep.packages.${{system}}.p{at} ]; }};\n"
            )
        })
        .collect();
    let outputs = format!(
        "outputs = inputs: let\n  system = \"x86_64-linux\";\n  dep = inputs.another-dep;\n  \
         pkgs = inputs.nixpkgs-gpu.legacyPackages.${{system}};\nin {{ devShells.${{system}} = {{\n\
         {shells}}}; }};\n}}\n"
    );
    std::fs::write(folder.path().join("flake.nix"), format!("{inputs}{outputs}")).unwrap();
    folder
}

#[test]
fn inputs_are_shown_while_they_are_audited() {
    let explore = format!("{} explore; echo left", program());
    let tmux = Tmux::with(&format!("cd \"$(dirname \"$0\")\"\n{explore}"), large_flake());
    let early = tmux.wait_for("being audited");
    assert!(early.contains("another-dep"), "{early}");
    tmux.keys(&["j", "j"]);
    let known = tmux.wait_until("the end of the audit", |screen| {
        screen.contains("audited") && !screen.contains("being audited")
    });
    // Where one was is where one is: two rows below the first.
    assert!(known.lines().any(|row| row.contains("▌├╴  nixpkgs ")), "{known}");
    tmux.keys(&["q"]);
    tmux.wait_for("left");
}

#[test]
fn nobody_waits_for_an_audit_that_is_not_wanted() {
    let explore = format!("{} explore; echo left", program());
    let tmux = Tmux::with(&format!("cd \"$(dirname \"$0\")\"\n{explore}"), large_flake());
    tmux.wait_for("being audited");
    tmux.keys(&["q"]);
    tmux.wait_for("left");
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
