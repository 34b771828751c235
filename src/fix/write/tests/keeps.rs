//! What stays as it was, and what is refused.

use super::super::{Problem, replace};
use super::*;

#[test]
fn all_are_replaced_and_nothing_else_is_left() {
    for by in BOTH {
        let flake = Flake::on_disk(&[("flake.nix", "old flake"), ("flake.lock", "old lock")]);
        replace_watched(flake.path(), by, &Repair::changes(), &mut |_, _| Ok(())).unwrap();
        assert!(Repair::is_after(&flake), "{:?}", flake.all());
        assert_eq!(flake.mend(), []);
    }
}

#[test]
fn what_does_not_change_is_not_touched() {
    let flake = Flake::new(&[("flake.nix", "a")]);
    let untouched = fs::metadata(flake.at("flake.nix")).unwrap().modified().unwrap();
    let mut effects = 0;
    let counted = &mut |_, _| {
        effects += 1;
        Ok(())
    };
    let same = change("flake.nix", "a", "a");
    replace_watched(flake.path(), By::Exchange, std::slice::from_ref(&same), counted).unwrap();
    assert_eq!(effects, 0);
    replace(flake.path(), &[same, new_file("flake.lock", "b")]).unwrap();
    assert_eq!(flake.read("flake.lock").as_deref(), Some("b"));
    assert_eq!(fs::metadata(flake.at("flake.nix")).unwrap().modified().unwrap(), untouched);
}

#[cfg(unix)]
#[test]
fn modes_are_kept_and_new_files_have_the_usual_one() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let flake = Flake::new(&[]);
    flake.write("usual", "");
    let usual = fs::metadata(flake.at("usual")).unwrap().mode();
    for by in BOTH {
        for mode in [0o644, 0o600, 0o755, 0o640, 0o444] {
            flake.write("flake.nix", "old");
            fs::set_permissions(flake.at("flake.nix"), fs::Permissions::from_mode(mode)).unwrap();
            let changes = [change("flake.nix", "old", "new"), new_file("wrapper/flake.nix", "new")];
            replace_watched(flake.path(), by, &changes, &mut |_, _| Ok(())).unwrap();
            assert_eq!(fs::metadata(flake.at("flake.nix")).unwrap().mode() & 0o7777, mode);
            assert_eq!(fs::metadata(flake.at("wrapper/flake.nix")).unwrap().mode(), usual);
            assert_eq!(flake.read("flake.nix").as_deref(), Some("new"));
            fs::remove_file(flake.at("flake.nix")).unwrap();
            fs::remove_dir_all(flake.at("wrapper")).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn owners_are_kept_where_the_user_may_give_files_away() {
    use std::os::unix::fs::{MetadataExt, chown};

    let flake = Flake::new(&[("flake.nix", "old")]);
    if chown(flake.at("flake.nix"), Some(12_345), Some(54_321)).is_err() {
        println!("not as root: nothing to see");
        return;
    }
    replace(flake.path(), &[change("flake.nix", "old", "new")]).unwrap();
    let data = fs::metadata(flake.at("flake.nix")).unwrap();
    assert_eq!((data.uid(), data.gid()), (12_345, 54_321));
}

#[cfg(unix)]
#[test]
fn symlinks_stay_and_what_they_lead_to_is_replaced() {
    use std::os::unix::fs::symlink;

    for by in BOTH {
        let flake = Flake::new(&[("home/flake.nix", "old flake"), ("far/lock", "old lock")]);
        fs::create_dir(flake.at("here")).unwrap();
        // Relative; a chain, and its end absolute.
        symlink("../home/flake.nix", flake.at("here/flake.nix")).unwrap();
        symlink("step", flake.at("here/flake.lock")).unwrap();
        symlink(flake.at("far/lock"), flake.at("here/step")).unwrap();
        // A folder, in which a file is new.
        symlink("../far", flake.at("here/away")).unwrap();
        let changes = [
            new_file("away/new/flake.nix", "new wrapper"),
            change("flake.nix", "old flake", "new flake"),
            change("flake.lock", "old lock", "new lock"),
        ];
        replace_watched(&flake.at("here"), by, &changes, &mut |_, _| Ok(())).unwrap();
        assert_eq!(flake.read("home/flake.nix").as_deref(), Some("new flake"));
        assert_eq!(flake.read("far/lock").as_deref(), Some("new lock"));
        assert_eq!(flake.read("far/new/flake.nix").as_deref(), Some("new wrapper"));
        let links = ["here/flake.nix", "here/flake.lock", "here/step", "here/away"];
        let targets = links.map(|link| fs::read_link(flake.at(link)).unwrap());
        let far = flake.at("far/lock");
        let expected =
            [Path::new("../home/flake.nix"), Path::new("step"), &far, Path::new("../far")];
        assert_eq!(targets.each_ref().map(PathBuf::as_path), expected);
        assert_eq!(flake.leftovers(), [""; 0]);
    }
}

/// A flake in which something is wrong, and what is said of it.
fn refused(changes: &[Replacement], prepare: impl Fn(&Flake)) -> String {
    let flake = Flake::new(&[("flake.nix", "old"), ("flake.lock", "old")]);
    prepare(&flake);
    let before = flake.all();
    let error = replace(flake.path(), changes).unwrap_err();
    assert!(!error.left);
    assert_eq!(flake.all(), before);
    assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
    // Only system messages differ between systems.
    match error.problem {
        Problem::Io(_) => format!("{}: the system says no", error.file),
        _ => error.to_string(),
    }
}

#[test]
fn nothing_is_written_where_one_file_is_not_as_expected() {
    let nix = || change("flake.nix", "old", "new");
    let lock = |before: &str| change("flake.lock", before, "new");
    let untouched = |_: &Flake| {};
    let told = [
        refused(&[nix(), lock("older")], untouched),
        refused(&[nix(), change("flake.lock", "older", "older")], untouched),
        refused(&[nix(), new_file("flake.lock", "new")], untouched),
        refused(&[nix(), change("gone.nix", "old", "new")], untouched),
        refused(&[nix(), lock("old"), lock("old")], untouched),
        refused(&[nix(), lock("old")], |flake| {
            fs::remove_file(flake.at("flake.lock")).unwrap();
            fs::create_dir(flake.at("flake.lock")).unwrap();
        }),
        refused(&[nix(), new_file("flake.lock/sub/flake.nix", "new")], untouched),
        refused(&[nix(), change("none/flake.nix", "old", "new")], untouched),
    ];
    assert_eq!(
        told,
        [
            "flake.lock: somebody has changed it meanwhile; nothing was written",
            "flake.lock: somebody has changed it meanwhile; nothing was written",
            "flake.lock: it exists already; nothing was written",
            "gone.nix: somebody has changed it meanwhile; nothing was written",
            "flake.lock: it is named twice; nothing was written",
            "flake.lock: it is no regular file; nothing was written",
            "flake.lock/sub/flake.nix: the system says no",
            "none/flake.nix: the system says no",
        ]
    );
}

#[cfg(unix)]
#[test]
fn symlinks_to_nowhere_are_refused() {
    use std::os::unix::fs::symlink;

    let link = |flake: &Flake| {
        fs::remove_file(flake.at("flake.lock")).unwrap();
        symlink("nowhere", flake.at("flake.lock")).unwrap();
    };
    let nix = || change("flake.nix", "old", "new");
    let dangling = "flake.lock: it is a symlink that leads nowhere; nothing was written";
    assert_eq!(refused(&[nix(), change("flake.lock", "old", "new")], link), dangling);
    assert_eq!(refused(&[nix(), new_file("flake.lock", "new")], link), dangling);
    let both = |flake: &Flake| {
        fs::remove_file(flake.at("flake.lock")).unwrap();
        symlink("flake.nix", flake.at("flake.lock")).unwrap();
    };
    let twice = "flake.lock: it is named twice; nothing was written";
    assert_eq!(refused(&[nix(), change("flake.lock", "old", "new")], both), twice);
}

/// Nothing is written where nothing can be; root can write everywhere, so this needs another user.
#[cfg(unix)]
#[test]
fn read_only_folders_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let flake = Flake::new(&[("flake.nix", "old")]);
    fs::set_permissions(flake.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let probe = fs::write(flake.at("probe"), "");
    if probe.is_err() {
        let error = replace(flake.path(), &[change("flake.nix", "old", "new")]).unwrap_err();
        assert!(matches!(error.problem, Problem::Io(_)) && !error.left, "{error}");
        assert_eq!(flake.all(), ["flake.nix"]);
        assert_eq!(flake.mend(), []);
    } else {
        println!("as root: nothing to see");
    }
    fs::set_permissions(flake.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
}
