//! Several runs at once.

use std::thread;

use super::super::{Problem, replace};
use super::*;

/// Adds one to the number in both files, as a repair would: mended, read, replaced. False where
/// another one was at it.
fn add_one(folder: &Path) -> bool {
    let busy = |error: &WriteError| matches!(error.problem, Problem::Busy | Problem::Changed);
    match mend(folder) {
        Err(error) if busy(&error) => return false,
        mended => assert_eq!(mended.unwrap(), [], "nobody was interrupted"),
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (nix, lock) = (read("flake.nix"), read("flake.lock"));
    let next = |text: &str| (text.parse::<usize>().unwrap() + 1).to_string();
    let changes =
        [change("flake.nix", &nix, &next(&nix)), change("flake.lock", &lock, &next(&lock))];
    match replace(folder, &changes) {
        Ok(()) => true,
        Err(error) => {
            assert!(busy(&error) && !error.left, "{error}");
            false
        }
    }
}

/// Where a folder can be locked. Elsewhere a run may be refused a file that another one has open.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn runs_at_the_same_time_do_not_undo_each_other() {
    let flake = Flake::new(&[("flake.nix", "0"), ("flake.lock", "0")]);
    let folder = flake.path();
    let (runs, each) = (4, 25);
    let refused: Vec<usize> = thread::scope(|scope| {
        let run = || {
            let (mut done, mut refused) = (0, 0);
            while done < each {
                if add_one(folder) {
                    done += 1;
                } else {
                    refused += 1;
                }
                thread::yield_now();
            }
            refused
        };
        let runs: Vec<_> = (0..runs).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!("refused: {refused:?}");
    assert_eq!(flake.read("flake.nix"), Some((runs * each).to_string()));
    assert_eq!(flake.read("flake.lock"), Some((runs * each).to_string()));
    assert_eq!(flake.leftovers(), [""; 0]);
}

/// The lock holds from before the first effect to after the last.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_run_that_is_at_work_is_not_mended() {
    let flake = Repair::flake();
    let mut refused = 0;
    let folder = flake.path().to_owned();
    let watch = &mut |number, _| {
        // Before the first effect there is no journal.
        if number > 0 {
            let error = mend(&folder).unwrap_err();
            assert!(matches!(error.problem, Problem::Busy), "{error}");
            refused += 1;
        }
        let changes = [change("flake.lock", "old lock", "another")];
        let error = replace(&folder, &changes).unwrap_err();
        assert!(matches!(error.problem, Problem::Busy), "{error}");
        assert!(error.to_string().contains("another flake-audit is writing here"), "{error}");
        Ok(())
    };
    replace_watched(flake.path(), By::Exchange, &Repair::changes(), watch).unwrap();
    assert!(refused > 15);
    assert!(Repair::is_after(&flake));
}

/// Where a folder cannot be locked (network file systems), another run may mend one that is alive.
#[test]
fn a_run_that_is_mended_while_it_works_corrupts_nothing() {
    let effects = Repair::effects(By::Renaming);
    let (mut done, mut refused) = (0, 0);
    for effect in 0..effects {
        let flake = Repair::flake();
        let mut watched = |number, _: Effect| {
            if number == effect {
                // As `mend_on` does, without the lock.
                mended_unlocked(flake.path());
            }
            Ok(())
        };
        let result = replace_watched(flake.path(), By::Renaming, &Repair::changes(), &mut watched);
        let mended = flake.mend();
        match result {
            Ok(()) => {
                done += 1;
                assert!(Repair::is_after(&flake), "{effect} {mended:?} {:?}", flake.all());
            }
            Err(error) => {
                refused += 1;
                let whole = Repair::is_before(&flake) || Repair::is_after(&flake);
                assert!(whole, "{effect} {error} {mended:?} {:?}", flake.all());
            }
        }
    }
    println!("{done} done, {refused} refused");
    assert!(done > 0);
}

fn mended_unlocked(folder: &Path) {
    use super::super::journal::{self, Found};
    use super::super::run::Run;

    let folder = fs::canonicalize(folder).unwrap();
    let mut quiet = |_| Ok(());
    let mut disk = Disk::new(&mut quiet);
    disk.never_exchange();
    for left in journal::find(&folder).unwrap() {
        match left.read() {
            Found::Journal(journal) => {
                let _ = Run::resume(&folder, journal).settle(&mut disk);
            }
            Found::Unfinished => disk.remove(left.path()).unwrap(),
            Found::Bad(reason) => panic!("{reason}"),
        }
    }
}
