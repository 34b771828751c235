//! Several runs at once.

use std::thread;

use super::*;

/// Increments the number in both files, as a repair would: read, then replace. False if another run
/// interfered.
fn add_one(folder: &Path) -> bool {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (nix, lock) = (read("flake.nix"), read("flake.lock"));
    // Another run is between its two files.
    if nix != lock {
        return false;
    }
    let next = (nix.parse::<usize>().unwrap() + 1).to_string();
    let changes = [change("flake.nix", &nix, &next), change("flake.lock", &lock, &next)];
    match replace(folder, &changes) {
        Ok(()) => true,
        Err(error) => {
            assert!(matches!(error.problem, WriteProblem::Busy | WriteProblem::Changed), "{error}");
            assert!(error.written.is_empty(), "{error}");
            false
        }
    }
}

/// On systems that can lock a folder.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn runs_at_the_same_time_do_not_mix_their_files() {
    let flake = Flake::new(&[("flake.nix", "0"), ("flake.lock", "0")]);
    let folder = flake.path();
    let (runs, each) = (3, 25);
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
    let (nix, lock) = (flake.read("flake.nix"), flake.read("flake.lock"));
    assert_eq!(nix, lock);
    // Two runs that want the same increment may share it.
    assert!((each..=runs * each).contains(&nix.unwrap().parse().unwrap()));
    assert_eq!(flake.leftovers(), [""; 0]);
}

/// The lock is held from before the first effect to after the last.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn nobody_else_writes_meanwhile() {
    let flake = Repair::flake();
    let mut refused = 0;
    let watch = &mut |_, _| {
        let changes = [change("flake.lock", "old lock", "another")];
        let error = replace(flake.path(), &changes).unwrap_err();
        assert!(matches!(error.problem, WriteProblem::Busy), "{error}");
        assert_eq!(
            error.below("sub/").to_string(),
            "sub/: another flake-audit is writing here; nothing was written"
        );
        refused += 1;
        Ok(())
    };
    replace_watched(flake.path(), &Repair::changes(), watch).unwrap();
    assert!(refused > 10, "{refused}");
    assert_eq!(Repair::outcome(&flake), Outcome::New);
}
