//! Effects that fail: a full disk, a missing device.

use super::*;

#[test]
fn whichever_effect_fails_what_is_said_is_what_is_there() {
    let effects = Repair::effects();
    let mut outcomes = BTreeMap::new();
    for failing in 0..effects {
        let flake = Repair::flake();
        let fails = &mut |number, _| {
            if number == failing { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        };
        let error = replace_watched(flake.path(), &Repair::changes(), fails).unwrap_err();
        let outcome = Repair::outcome(&flake);
        let written = match outcome {
            Outcome::Old => 0,
            Outcome::WrapperAlone => 1,
            Outcome::OldLock => 2,
            Outcome::New => panic!("{failing} was to fail"),
        };
        assert_eq!(error.written, Repair::FILES[..written], "{failing}: {error}");
        assert_eq!(error.written.is_empty(), error.to_string().ends_with("nothing was written"));
        if written > 0 {
            assert_eq!(error.left, Repair::FILES[written..], "{failing}: {error}");
        } else {
            assert_eq!(flake.all(), ["flake.lock", "flake.nix"], "{failing}: {error}");
        }
        assert_eq!(flake.leftovers(), [""; 0]);
        Repair::again(&flake);
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    println!("each of {effects} effects failed: {outcomes:?}");
    // Space runs out before anything has changed.
    assert_eq!((outcomes[&Outcome::WrapperAlone], outcomes[&Outcome::OldLock]), (1, 1));
}

#[test]
fn a_run_that_stops_halfway_says_what_is_to_be_done() {
    let flake = Repair::flake();
    let fails = &mut |_, effect| match effect {
        DiskEffect::Replace => Err(io::Error::other("the disk is gone")),
        _ => Ok(()),
    };
    let error = replace_watched(flake.path(), &Repair::changes(), fails).unwrap_err();
    assert_eq!(
        error.below("a/").to_string(),
        "a/flake.nix: it cannot be written: the disk is gone; a/nix/gpu/flake.nix was written, \
         a/flake.nix, a/flake.lock were not: run the same command again"
    );
}

/// A real full disk, if this user may mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_changes_nothing() {
    use std::process::Command;

    let flake = Flake::new(&[]);
    let disk = ["-t", "tmpfs", "-o", "size=64k", "none"];
    let mounted = Command::new("mount").args(disk).arg(flake.path()).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        println!("may not mount: nothing to see");
        return;
    }
    let tried = std::panic::catch_unwind(|| {
        let flake = &flake;
        flake.write("flake.nix", "old");
        flake.write("flake.lock", "old");
        // There is room for one, not for both.
        let long = "x".repeat(40_000);
        let changes = [change("flake.nix", "old", &long), change("flake.lock", "old", &long)];
        let error = replace(flake.path(), &changes).unwrap_err();
        assert!(
            matches!(&error.problem, WriteProblem::Io(error) if error.kind() == io::ErrorKind::StorageFull),
            "{error}"
        );
        assert!(error.file == "flake.lock" && error.written.is_empty(), "{error}");
        assert_eq!(flake.all(), ["flake.lock", "flake.nix"]);
        assert_eq!(["flake.nix", "flake.lock"].map(|f| flake.read(f).unwrap()), ["old", "old"]);
    });
    assert!(Command::new("umount").arg(flake.path()).status().unwrap().success());
    tried.unwrap();
}
