//! Somebody changes a file while it is being replaced.

use super::*;

/// How somebody saves a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saves {
    InPlace,
    ByRenaming,
}

const THEIRS: &str = "somebody's work";

fn save(flake: &Flake, file: &str, saves: Saves) {
    match saves {
        Saves::InPlace => flake.write(file, THEIRS),
        Saves::ByRenaming => {
            flake.write("editor's", THEIRS);
            fs::rename(flake.at("editor's"), flake.at(file)).unwrap();
        }
    }
}

/// Runs a repair in which a file is saved before one effect, and perhaps the disk dies before
/// another one; then what is left is mended. Says whether the repair was done.
fn changed_at(by: By, file: &str, saves: Saves, effect: usize, dies: usize) -> bool {
    let flake = Repair::flake();
    let mut saved = false;
    let done = replace_watched(flake.path(), by, &Repair::changes(), &mut |number, _| {
        if number == effect {
            save(&flake, file, saves);
            saved = true;
        }
        dead_from(dies, number)
    });
    let left = done.as_ref().is_err_and(|error| error.left);
    let case = format!("{by:?} {file} {saves:?} {effect} {dies}");
    if !left && done.is_err() {
        assert_eq!(flake.leftovers(), [""; 0], "{case}");
    }
    let mended = flake.mend();
    let case = format!("{case}: {mended:?} {:?}", Repair::texts(&flake));
    assert_eq!(flake.leftovers(), [""; 0], "{case}");
    if !saved {
        return done.is_ok();
    }
    // Whatever happened, their work is there.
    assert_eq!(flake.read(file).as_deref(), Some(THEIRS), "{case}");
    let others = || Repair::FILES.iter().filter(|name| **name != file).map(|name| flake.read(name));
    let is_new = |text: &Option<String>| text.as_ref().is_some_and(|text| text.starts_with("new"));
    let new = others().filter(is_new).count();
    if mended.iter().any(|mended| matches!(mended, Mended::Abandoned { .. })) {
        assert!(new > 0, "{case}");
    } else {
        assert_eq!(new, if done.is_ok() { 3 } else { 0 }, "{case}");
    }
    done.is_ok()
}

#[test]
fn a_file_that_is_changed_at_any_moment_is_never_overwritten() {
    // Without an exchange there is a moment after the last look in which a file that is renamed
    // into this place is lost.
    let cases = [
        (By::Exchange, Saves::InPlace),
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        (By::Exchange, Saves::ByRenaming),
        (By::Renaming, Saves::InPlace),
    ];
    for (by, saves) in cases {
        for file in ["flake.nix", "flake.lock"] {
            let effects = Repair::effects(by);
            let done = (0..effects)
                .filter(|effect| changed_at(by, file, saves, *effect, usize::MAX))
                .count();
            println!("{by:?} {saves:?} {file}: {effects} moments, after {done} the repair is done");
            assert!(done > 0 && done < effects / 2);
        }
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn nor_if_the_machine_fails_then() {
    for saves in [Saves::InPlace, Saves::ByRenaming] {
        for file in ["flake.nix", "flake.lock"] {
            // Taking back has effects of its own.
            let effects = Repair::effects(By::Exchange) + 10;
            for effect in 0..effects {
                for dies in effect + 1..effects {
                    changed_at(By::Exchange, file, saves, effect, dies);
                }
            }
        }
    }
}

#[test]
fn a_file_that_somebody_makes_meanwhile_stays() {
    let file = "nix/gpu/default.nix";
    // It stays too if it has the very bytes that the run would have written.
    for (by, theirs) in BOTH.into_iter().flat_map(|by| [(by, THEIRS), (by, "new default")]) {
        let mut refused = 0;
        for effect in 0..Repair::effects(by) {
            let flake = Repair::flake();
            let mut made = false;
            let makes = &mut |number, _| {
                if number == effect && flake.read(file).is_none() {
                    flake.write(file, theirs);
                    made = true;
                }
                Ok(())
            };
            let done = replace_watched(flake.path(), by, &Repair::changes(), makes);
            assert_eq!(done.is_err(), made, "{by:?} {effect}");
            assert_eq!(flake.leftovers(), [""; 0]);
            match done {
                Ok(()) => assert!(Repair::is_after(&flake)),
                Err(error) => {
                    assert!(!error.left);
                    refused += 1;
                    let old = [None, Some("old flake"), Some("old lock"), Some(theirs)];
                    assert_eq!(Repair::texts(&flake), old.map(|text| text.map(str::to_owned)));
                }
            }
        }
        assert!(refused > 10, "{refused}");
    }
}
