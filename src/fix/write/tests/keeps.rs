//! What is preserved, and what is refused.

use super::super::examine;
use super::*;

#[test]
fn all_are_replaced_and_nothing_else_is_left() {
    let flake = Flake::on_disk(&[("flake.nix", "old flake"), ("flake.lock", "old lock")]);
    replace(flake.path(), &Repair::changes()).unwrap();
    assert_eq!(Repair::outcome(&flake), Outcome::New);
    let all = ["flake.lock", "flake.nix", "nix/", "nix/gpu/", "nix/gpu/flake.nix"];
    assert_eq!(flake.all(), all);
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
    replace_watched(flake.path(), std::slice::from_ref(&same), counted).unwrap();
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
    for mode in [0o644, 0o600, 0o755, 0o640, 0o444] {
        flake.write("flake.nix", "old");
        fs::set_permissions(flake.at("flake.nix"), fs::Permissions::from_mode(mode)).unwrap();
        let changes = [change("flake.nix", "old", "new"), new_file("wrapper/flake.nix", "new")];
        replace(flake.path(), &changes).unwrap();
        assert_eq!(fs::metadata(flake.at("flake.nix")).unwrap().mode() & 0o7777, mode);
        assert_eq!(fs::metadata(flake.at("wrapper/flake.nix")).unwrap().mode(), usual);
        assert_eq!(flake.read("flake.nix").as_deref(), Some("new"));
        fs::remove_file(flake.at("flake.nix")).unwrap();
        fs::remove_dir_all(flake.at("wrapper")).unwrap();
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

/// Another hard link keeps the old content, wherever it is.
#[test]
fn what_has_another_name_elsewhere_is_not_written_there() {
    let flake = Flake::new(&[("home/profile", "old"), ("repo/flake.lock", "old")]);
    fs::hard_link(flake.at("home/profile"), flake.at("repo/flake.nix")).unwrap();
    replace(&flake.at("repo"), &[change("flake.nix", "old", "new")]).unwrap();
    assert_eq!(flake.read("repo/flake.nix").as_deref(), Some("new"));
    assert_eq!(flake.read("home/profile").as_deref(), Some("old"));
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_stay_and_what_they_lead_to_is_replaced() {
    use std::os::unix::fs::symlink;

    let flake = Flake::new(&[("home/flake.nix", "old flake"), ("far/lock", "old lock")]);
    // A chain of links whose end is absolute; a linked folder that gets a new file.
    let far = flake.at("far/lock");
    let links = [
        ("flake.nix", Path::new("home/flake.nix")),
        ("flake.lock", Path::new("step")),
        ("step", &far),
        ("away", Path::new("far")),
    ];
    for (link, target) in links {
        symlink(target, flake.at(link)).unwrap();
    }
    let changes = [
        new_file("away/new/flake.nix", "new wrapper"),
        change("flake.nix", "old flake", "new flake"),
        change("flake.lock", "old lock", "new lock"),
    ];
    replace(flake.path(), &changes).unwrap();
    assert_eq!(flake.read("home/flake.nix").as_deref(), Some("new flake"));
    assert_eq!(flake.read("far/lock").as_deref(), Some("new lock"));
    assert_eq!(flake.read("far/new/flake.nix").as_deref(), Some("new wrapper"));
    for (link, target) in links {
        assert_eq!(fs::read_link(flake.at(link)).unwrap(), target);
    }
    assert_eq!(flake.leftovers(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_refused_and_named() {
    use std::os::unix::fs::symlink;

    let flake = Flake::new(&[("home/flake.nix", "old"), ("repo/flake.lock", "old")]);
    for (link, target) in [
        ("flake.nix", "../home/flake.nix"),
        ("gpu", "../home"),
        ("up", ".."),
        ("dangling", "../home/nothing"),
    ] {
        symlink(target, flake.at("repo").join(link)).unwrap();
    }
    let before = flake.all();
    let home = fs::canonicalize(flake.at("home")).unwrap();
    let home = home.to_str().unwrap();
    for (change, told) in [
        (change("flake.nix", "old", "new"), format!("{home}/flake.nix")),
        // An existing file is refused like a new one, even if nothing would change.
        (change("gpu/flake.nix", "old", "old"), format!("{home}/flake.nix")),
        (new_file("gpu/new.nix", "new"), format!("{home}/new.nix")),
        (new_file("gpu/a/b/new.nix", "new"), format!("{home}/a/b/new.nix")),
        (new_file("up/home/new.nix", "new"), format!("{home}/new.nix")),
    ] {
        let lock =
            Replacement { before: Some(b"old".as_slice().into()), ..new_file("flake.lock", "new") };
        let changes = [lock, change];
        for refused in [examine, replace] {
            let error = refused(&flake.at("repo"), &changes).unwrap_err().to_string();
            let name = changes[1].name.as_str();
            let expected = format!(
                "{name}: a symlink leads out of the folder, to {told}; nothing was written"
            );
            assert_eq!(error, expected);
        }
    }
    let error = replace(&flake.at("repo"), &[new_file("dangling", "new")]).unwrap_err();
    assert!(error.to_string().contains("is a symlink that leads nowhere"), "{error}");
    assert_eq!(flake.all(), before);
    assert_eq!(flake.read("repo/flake.lock").as_deref(), Some("old"));
    assert_eq!(flake.read("home/flake.nix").as_deref(), Some("old"));
}

/// The error for a flake in which something is wrong.
fn refused(changes: &[Replacement], prepare: impl Fn(&Flake)) -> String {
    let flake = Flake::new(&[("flake.nix", "old"), ("flake.lock", "old")]);
    prepare(&flake);
    let before = flake.all();
    let error = replace(flake.path(), changes).unwrap_err();
    assert!(error.written.is_empty());
    assert_eq!(flake.all(), before);
    assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
    // The system's own messages differ between systems.
    match error.problem {
        WriteProblem::Io(_) => format!("{}: the system says no", error.file),
        _ => error.to_string(),
    }
}

#[test]
fn nothing_is_written_where_one_file_is_not_as_expected() {
    let nix = || change("flake.nix", "old", "new");
    let lock = |before: &'static str| change("flake.lock", before, "new");
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
        refused(&[nix(), new_file("new/flake.nix", "new"), lock("older")], untouched),
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
            "none/flake.nix: somebody has changed it meanwhile; nothing was written",
            "flake.lock: somebody has changed it meanwhile; nothing was written",
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
    for lock in [change("flake.lock", "old", "new"), new_file("flake.lock", "new")] {
        let told = refused(&[nix(), lock], link);
        assert!(told.contains("flake.lock is a symlink that leads nowhere"), "{told}");
    }
    let both = |flake: &Flake| {
        fs::remove_file(flake.at("flake.lock")).unwrap();
        symlink("flake.nix", flake.at("flake.lock")).unwrap();
    };
    let twice = "flake.lock: it is named twice; nothing was written";
    assert_eq!(refused(&[nix(), change("flake.lock", "old", "new")], both), twice);
}

/// Nothing is written if one file is read-only. Root can write everywhere, so this needs another
/// user.
#[cfg(unix)]
#[test]
fn read_only_folders_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let flake = Flake::new(&[("flake.nix", "old")]);
    fs::set_permissions(flake.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let probe = fs::write(flake.at("probe"), "");
    if probe.is_err() {
        let error = replace(flake.path(), &[change("flake.nix", "old", "new")]).unwrap_err();
        assert!(
            matches!(error.problem, WriteProblem::Io(_)) && error.written.is_empty(),
            "{error}"
        );
        assert_eq!(flake.all(), ["flake.nix"]);
    } else {
        println!("as root: nothing to see");
    }
    fs::set_permissions(flake.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(flake.read("flake.nix").as_deref(), Some("old"));
}
