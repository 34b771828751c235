//! Somebody changes a file while it is being replaced.

use super::*;

const THEIRS: &str = "somebody's work";

#[test]
fn what_somebody_writes_before_its_turn_stays() {
    for (place, file) in Repair::FILES.into_iter().enumerate() {
        let mut refused = 0;
        for effect in 0..Repair::effects() {
            let flake = Repair::flake();
            let mut number_of_files = 0;
            let mut is_theirs = false;
            let saves = &mut |number, effect_here| {
                let puts = matches!(effect_here, DiskEffect::Replace | DiskEffect::Place);
                // The last look at this file is over.
                if number == effect && number_of_files < place + usize::from(!puts) {
                    flake.write(file, THEIRS);
                    is_theirs = true;
                }
                number_of_files += usize::from(puts);
                Ok(())
            };
            let done = replace_watched(flake.path(), &Repair::changes(), saves);
            if !is_theirs {
                continue;
            }
            refused += 1;
            let error = done.unwrap_err();
            assert!(
                matches!(error.problem, WriteProblem::Changed | WriteProblem::Exists),
                "{error}"
            );
            assert_eq!(flake.read(file).as_deref(), Some(THEIRS), "{file} {effect}");
            assert_eq!(error.written, Repair::FILES[..error.written.len()]);
            assert!(error.written.len() <= place);
            assert_eq!(flake.leftovers(), [""; 0]);
        }
        assert!(refused > 5, "{file}: {refused}");
    }
}

/// A new file never overwrites another, not even at the last moment.
#[test]
fn a_file_that_somebody_makes_in_the_last_moment_stays() {
    let flake = Repair::flake();
    let makes = &mut |_, effect| {
        if effect == DiskEffect::Place {
            flake.write("nix/gpu/flake.nix", THEIRS);
        }
        Ok(())
    };
    let error = replace_watched(flake.path(), &Repair::changes(), makes).unwrap_err();
    assert!(matches!(error.problem, WriteProblem::Exists) && error.written.is_empty(), "{error}");
    assert_eq!(flake.read("nix/gpu/flake.nix").as_deref(), Some(THEIRS));
}

/// Two runs that want the same do not disturb each other.
#[test]
fn what_is_written_already_counts_as_written() {
    for number in 0..=Repair::FILES.len() {
        let flake = Repair::flake();
        for change in &Repair::changes()[..number] {
            flake.write(change.name.as_str(), std::str::from_utf8(&change.after).unwrap());
        }
        replace(flake.path(), &Repair::changes()).unwrap();
        assert_eq!(Repair::outcome(&flake), Outcome::New);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_becomes_a_link_meanwhile_leads_nowhere() {
    use std::os::unix::fs::symlink;

    for kind in [DiskEffect::Write, DiskEffect::Sync, DiskEffect::Place] {
        let flake = Flake::new(&[("home/file", ""), ("repo/flake.lock", "old lock")]);
        let swaps = &mut |_, effect| {
            if effect == kind {
                let folder = flake.at("repo/gpu");
                fs::rename(&folder, flake.at("repo/moved")).unwrap();
                symlink("../home", &folder).unwrap();
            }
            Ok(())
        };
        let changes = [new_file("gpu/flake.nix", "new")];
        let done = replace_watched(&flake.at("repo"), &changes, swaps);
        assert!(done.is_err(), "{kind:?}");
        assert_eq!(flake.read("home/flake.nix"), None, "{kind:?}");
        assert_eq!(fs::read_dir(flake.at("home")).unwrap().count(), 1);
    }
}
