//! Effects that fail: a full disk, a device that is gone.

use super::*;

#[test]
fn whichever_effect_fails_it_is_all_or_nothing() {
    for by in BOTH {
        let mut refused = 0;
        for failing in 0..Repair::effects(by) {
            let flake = Repair::flake();
            let fails = &mut |number, _| {
                if number == failing { Err(io::Error::other("the disk is full")) } else { Ok(()) }
            };
            match replace_watched(flake.path(), by, &Repair::changes(), fails) {
                Err(error) => {
                    refused += 1;
                    assert!(!error.left, "{by:?} {failing}: {error}");
                    assert!(Repair::is_before(&flake), "{by:?} {failing}: {:?}", flake.all());
                }
                // It was tidying up.
                Ok(()) => {
                    assert_eq!(flake.mend(), [Mended::AllDone]);
                    assert!(Repair::is_after(&flake), "{by:?} {failing}: {:?}", flake.all());
                }
            }
        }
        assert!(refused > 15, "{refused} effects failed");
    }
}

#[test]
fn whenever_the_disk_dies_the_next_run_makes_it_all_or_nothing() {
    for by in BOTH {
        let effects = Repair::effects(by);
        let (mut before, mut after) = (0, 0);
        for dies in 0..=effects {
            let flake = Repair::ended_before(by, dies);
            let mended = flake.mend();
            before += usize::from(Repair::is_before(&flake));
            after += usize::from(Repair::is_after(&flake));
            assert_eq!(before + after, dies + 1, "{by:?} {dies}: {mended:?} {:?}", flake.all());
        }
        println!("{by:?}: {before} taken back, {after} completed");
        assert!(before > 5 && after > 5);
    }
}

/// What mends may be interrupted too, any number of times.
#[test]
fn mending_can_die_as_well() {
    for by in BOTH {
        let mut deaths = 0;
        for dies in 0..=Repair::effects(by) {
            for dies_again in 0.. {
                let flake = Repair::ended_before(by, dies);
                let dead = &mut |number, _| dead_from(dies_again, number);
                let died = mend_watched(flake.path(), by, dead).is_err();
                flake.mend();
                let whole = Repair::is_before(&flake) || Repair::is_after(&flake);
                assert!(whole, "{by:?} {dies} {dies_again}: {:?}", flake.all());
                if !died {
                    break;
                }
                deaths += 1;
            }
        }
        println!("{by:?}: mending died {deaths} times");
        assert!(deaths > 50);
    }
}
