//! What is said and done of interrupted runs.

use super::*;

/// The effect before which a repair is half done: flake.nix is replaced, flake.lock is not.
fn half() -> usize {
    let flake = Repair::flake();
    let mut half = None;
    let mut exchanges = 0;
    let watch = &mut |number, effect| {
        exchanges += usize::from(effect == Effect::Exchange);
        if exchanges == 2 {
            half.get_or_insert(number);
        }
        Ok(())
    };
    replace_watched(flake.path(), By::Exchange, &Repair::changes(), watch).unwrap();
    half.unwrap()
}

fn half_done() -> Flake {
    let flake = Repair::ended_before(By::Exchange, half());
    let texts = Repair::texts(&flake).map(Option::unwrap_or_default);
    assert_eq!(texts, ["new wrapper", "new flake", "old lock", ""]);
    flake
}

fn told(flake: &Flake) -> Vec<String> {
    flake.mend().iter().map(ToString::to_string).collect()
}

#[test]
fn a_half_done_repair_is_completed() {
    let flake = half_done();
    assert_eq!(
        told(&flake),
        ["an interrupted run is completed: flake.lock, nix/gpu/default.nix replaced"]
    );
    assert!(Repair::is_after(&flake));
}

#[test]
fn a_repair_that_has_changed_nothing_yet_is_taken_back() {
    let flake = Repair::ended_before(By::Exchange, 6);
    assert_ne!(flake.leftovers(), [""; 0]);
    assert_eq!(told(&flake), ["an interrupted run had changed no file; it is tidied up"]);
    assert!(Repair::is_before(&flake));
}

/// Whoever sees half a repair runs Nix, which writes the lock that flake.nix asks for.
#[test]
fn a_file_that_was_changed_since_stays_and_so_do_the_others() {
    let flake = half_done();
    flake.write("flake.lock", "by Nix");
    assert_eq!(
        told(&flake),
        ["an interrupted run had changed nix/gpu/flake.nix, flake.nix but not flake.lock, \
          nix/gpu/default.nix, and cannot be completed, because files were changed since; they \
          stay as they are"]
    );
    let texts = Repair::texts(&flake).map(Option::unwrap_or_default);
    assert_eq!(texts, ["new wrapper", "new flake", "by Nix", ""]);
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn a_file_that_was_replaced_and_then_changed_counts_as_changed() {
    let flake = half_done();
    flake.write("flake.nix", "new flake, edited");
    let mended = flake.mend();
    assert!(matches!(&mended[..], [Mended::Abandoned { .. }]), "{mended:?}");
    let texts = Repair::texts(&flake).map(Option::unwrap_or_default);
    assert_eq!(texts, ["new wrapper", "new flake, edited", "old lock", ""]);
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn a_repair_that_somebody_has_taken_back_stays_so() {
    let flake = half_done();
    flake.write("flake.nix", "old flake");
    fs::remove_dir_all(flake.at("nix/gpu")).unwrap();
    assert_eq!(told(&flake), ["an interrupted run had changed no file; it is tidied up"]);
    assert_eq!(Repair::texts(&flake)[1..3], [Some("old flake".into()), Some("old lock".into())]);
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn work_goes_on_after_a_repair_that_was_not_tidied_up() {
    let flake = Repair::ended_before(By::Exchange, Repair::effects(By::Exchange) - 2);
    for file in Repair::FILES {
        flake.write(file, "edited");
    }
    assert_eq!(told(&flake), ["an interrupted run had changed all files; it is tidied up"]);
    assert_eq!(Repair::texts(&flake), [(); 4].map(|()| Some("edited".to_owned())));
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn new_content_that_is_gone_is_not_made_up() {
    let flake = half_done();
    for name in flake.leftovers().iter().filter(|name| name.ends_with(".spare")) {
        fs::remove_file(flake.at(name)).unwrap();
    }
    let mended = flake.mend();
    assert!(matches!(&mended[..], [Mended::Abandoned { .. }]), "{mended:?}");
    assert_eq!(flake.read("flake.lock").as_deref(), Some("old lock"));
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[test]
fn a_folder_with_nothing_left_may_be_read_only() {
    let flake = Repair::flake();
    let mut effects = 0;
    let counted = &mut |_, _| {
        effects += 1;
        Ok(())
    };
    assert_eq!(mend_watched(flake.path(), By::Exchange, counted).unwrap(), []);
    assert_eq!(effects, 0);
    assert!(mend(&flake.at("nowhere")).is_err());
}

#[test]
fn several_runs_that_were_interrupted_are_each_mended() {
    let flake = half_done();
    // Somebody writes on without mending.
    let changes = [change("flake.nix", "new flake", "newer"), new_file("other.nix", "newer")];
    let dies = &mut |number, _| dead_from(6, number);
    assert!(replace_watched(flake.path(), By::Exchange, &changes, dies).is_err());
    let mut mended = flake.mend();
    mended.sort_by_key(|mended| *mended == Mended::NothingDone);
    assert!(matches!(&mended[..], [Mended::Completed(_), Mended::NothingDone]), "{mended:?}");
    assert!(Repair::is_after(&flake));
}

#[test]
fn mending_that_fails_leaves_the_rest_for_the_next_time() {
    let flake = half_done();
    let fails = &mut |_, _| Err(io::Error::other("the disk is full"));
    let error = mend_watched(flake.path(), By::Exchange, fails).unwrap_err();
    assert!(error.left);
    assert!(error.to_string().ends_with("half of the work is left for the next run"), "{error}");
    flake.mend();
    assert!(Repair::is_after(&flake));
}
