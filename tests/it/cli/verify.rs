//! `verify` as far as it needs no Nix; `tests/nix/` has the rest.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{fixtures, flake_audit, shown};

const CASE: &str = "seed/a-follows-plain";

/// A program with the name of Nix.
fn program(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nix");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

/// The output with this script as Nix.
fn with(script: &str) -> String {
    let (_folder, path) = program(script);
    shown(flake_audit(fixtures()).args(["verify", CASE, "--nix"]).arg(path))
}

#[test]
fn without_nix_it_says_so() {
    let shown = shown(flake_audit(fixtures()).args(["verify", CASE, "--nix", "no-such-program"]));
    assert_eq!(
        shown,
        "exit 2\n--- stderr\nerror: cannot run `no-such-program`: No such file or directory (os error 2)\n"
    );
}

#[test]
fn its_own_error_is_told_and_escaped() {
    assert_eq!(
        with(
            "printf 'error:\\n       … while a\\n\\n       error: b \\033[31mc\\n       at d\\n' >&2; exit 1"
        ),
        "exit 2\n--- stderr\nerror: nix flake metadata: b \\u001b[31mc\n"
    );
    assert_eq!(
        with("exit 3"),
        "exit 2\n--- stderr\nerror: nix flake metadata: it ends with exit status: 3 and says nothing\n"
    );
    assert_eq!(
        with("echo hello"),
        "exit 2\n--- stderr\nerror: nix flake metadata: what it says is not understood\n"
    );
}

/// The output with this script as Nix and a limit of a second, which it must not exceed.
fn within_a_second(script: &str) -> String {
    let (_folder, path) = program(script);
    let started = Instant::now();
    let mut command = flake_audit(fixtures());
    let shown = shown(command.args(["verify", CASE, "--timeout", "1", "--nix"]).arg(path));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    shown
}

#[test]
fn what_says_too_much_is_stopped() {
    let too_long = "exit 2\n--- stderr\nerror: nix flake metadata: its answer is too long\n";
    // More than pipes hold, on both at once, and more than is kept.
    let flood = "head -c 1000000 /dev/zero >&2; head -c 70000000 /dev/zero";
    assert_eq!(with(flood), too_long);
    assert_eq!(with("cat /dev/zero"), too_long);
    assert_eq!(with("yes >&2 & cat /dev/zero"), too_long);
}

#[test]
fn it_has_a_limit_of_time() {
    let too_slow = "exit 2\n--- stderr\nerror: nix flake metadata: Nix had no answer within 1 \
                    seconds; --timeout gives it more\n";
    for script in [
        "sleep 1000",
        "sleep 1000 & sleep 1000 & wait",
        "trap '' TERM INT HUP; sleep 1000; sleep 1000",
        "exec >/dev/null 2>&1; sleep 1000",
        "yes >&2",
        "while :; do echo warning >&2; sleep 0.1; done",
    ] {
        assert_eq!(within_a_second(script), too_slow, "{script}");
    }
}

#[test]
fn a_child_that_keeps_the_pipes_keeps_nobody() {
    for script in ["sleep 1000 & echo hello", "yes >&2 & echo hello", "yes error: a & echo hello"] {
        let shown = within_a_second(script);
        assert!(shown.starts_with("exit 2\n--- stderr\nerror: nix flake metadata: "), "{shown}");
    }
}

/// Counts processes with this in their command line.
#[cfg(target_os = "linux")]
fn processes(mark: &str) -> usize {
    let folders = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = folders.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(mark)).count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_leaves_nothing_behind() {
    for (number, arguments) in [(2, "fix"), (15, "fix"), (1, "fix"), (2, "verify"), (15, "verify")]
    {
        let folder = tempfile::tempdir().unwrap();
        let (flake, scratch) = (folder.path().join("flake"), folder.path().join("tmp"));
        fs::create_dir(&flake).unwrap();
        fs::create_dir(&scratch).unwrap();
        for name in ["flake.nix", "flake.lock"] {
            fs::copy(fixtures().join(CASE).join(name), flake.join(name)).unwrap();
        }
        // Signals that it runs, and has a child that must end, too.
        let mark = format!("1000.{number}{}", std::process::id());
        let (_folder, nix) = program(&format!("sleep {mark} & touch \"$0.runs\"; sleep {mark}"));
        let runs = nix.with_extension("runs");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_flake-audit"));
        command.arg(arguments).arg(&flake).arg("--nix").arg(&nix).env("TMPDIR", &scratch);
        if arguments == "fix" {
            command.arg("--verify");
        }
        let null = std::process::Stdio::null;
        let mut child = command.stdout(null()).stderr(null()).spawn().unwrap();
        let started = Instant::now();
        while !runs.exists() {
            assert!(started.elapsed() < Duration::from_secs(60), "{arguments}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let copies = fs::read_dir(&scratch).unwrap().count();
        assert_eq!(copies, usize::from(arguments == "fix"));
        let kill = [format!("-{number}"), child.id().to_string()];
        assert!(std::process::Command::new("kill").args(kill).status().unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{arguments}");
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "{arguments} {number}");
        // A killed process takes a moment to end.
        let ended = Instant::now();
        while processes(&mark) > 0 {
            assert!(ended.elapsed() < Duration::from_secs(30), "{arguments} {number}");
            std::thread::sleep(Duration::from_millis(20));
        }
        for name in ["flake.nix", "flake.lock"] {
            let before = fs::read(fixtures().join(CASE).join(name)).unwrap();
            assert_eq!(fs::read(flake.join(name)).unwrap(), before);
        }
    }
}

/// Dependencies are verified first; changes of the flake's own outputs are reported if there is
/// time.
#[test]
fn a_proof_stands_that_was_had_in_time() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["flake.nix", "flake.lock"] {
        fs::copy(fixtures().join(CASE).join(name), folder.path().join(name)).unwrap();
    }
    let before = fs::read(folder.path().join("flake.lock")).unwrap();
    let (_folder, nix) = program(
        r#"case "$*" in
  *"flake metadata"*) echo '{"path":"/nix/store/a","locked":{"narHash":"sha256-a"},"locks":{}}' ;;
  *currentSystem*) printf x86_64-linux ;;
  *concatLists*) echo '[["packages","x86_64-linux","a"]]' ;;
  *--json*) echo '["/nix/store/a.drv"]' ;;
  *) sleep 1000 ;;
esac"#,
    );
    let said = shown(
        flake_audit(folder.path()).args(["fix", "--verify", "--timeout", "5", "--nix"]).arg(nix),
    );
    assert!(said.starts_with("exit 0\n"), "{said}");
    for part in [
        "note: 1 dependency evaluates with the repair as before\n",
        "note: what else would be twice is not known: nix eval: Nix had no answer within 5 seconds; \
         --timeout gives it more\n",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_ne!(fs::read(folder.path().join("flake.lock")).unwrap(), before);
}

#[test]
fn it_asks_for_no_more_than_it_should() {
    let (folder, path) = program(r#"for one in "$@"; do echo "$one"; done >> "$LOG"; exit 1"#);
    let log = folder.path().join("log");
    flake_audit(fixtures())
        .args(["verify", CASE, "--nix"])
        .arg(path)
        .env("LOG", &log)
        .output()
        .unwrap();
    let asked = fs::read_to_string(log).unwrap();
    for part in [
        "allow-import-from-derivation\nfalse\n",
        "accept-flake-config\nfalse\n",
        "flake\nmetadata\n--json\n--no-write-lock-file\n.\n",
    ] {
        assert!(asked.contains(part), "{asked}");
    }
}

#[test]
fn nix_is_not_asked_about_what_it_does_not_survive() {
    let (folder, path) = program("touch \"$(dirname \"$0\")/asked\"; exit 1");
    for (case, said) in [
        ("node-cycle/two-nodes", "leads back to a node that owns it, on which Nix eats all memory"),
        ("follows-cycle/each-other", "follows itself, which some versions of Nix do not survive"),
    ] {
        let shown = shown(flake_audit(fixtures()).args(["verify", case, "--nix"]).arg(&path));
        assert!(shown.starts_with("exit 2\n--- stderr\n") && shown.contains(said), "{shown}");
    }
    assert!(!folder.path().join("asked").exists());
}

#[test]
fn what_cannot_be_asked_is_a_matter_of_usage() {
    let said = |arguments: &[&str]| {
        shown(flake_audit(fixtures()).args([&["verify", CASE][..], arguments].concat()))
    };
    assert_eq!(
        said(&["--attr", "a..b"]),
        "exit 2\n--- stderr\nerror: --attr a..b: a name is missing; an attribute is written like python3Packages.torch\n"
    );
    let lock = fs::read(fixtures().join(CASE).join("flake.lock")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), &lock).unwrap();
    assert_eq!(
        shown(flake_audit(folder.path()).arg("verify")),
        "exit 2\n--- stderr\nerror: there is no flake.nix beside the lock, and without it nothing can be evaluated\n"
    );
    let mut piped = flake_audit(fixtures());
    let piped = piped.args(["verify", "-"]).write_stdin(lock);
    assert_eq!(shown(piped), "exit 2\n--- stderr\nerror: Nix needs a flake, not only a lock\n");
}
