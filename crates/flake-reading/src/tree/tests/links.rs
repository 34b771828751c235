//! Symbolic links, and other things that only Unix has in its folders.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

impl Disk {
    fn link(&self, target: &str, path: &str) {
        symlink(target, self.path(path)).unwrap();
    }
}

#[test]
fn symlinks_lead_nowhere_but_into_the_tree() {
    let disk = Disk::with(&[("real/a.nix", "a")]);
    let secret = disk.folder.path().join("out/secret.nix");
    disk.link("real/a.nix", "inside.nix");
    disk.link("real", "folder");
    disk.link("../tree/real/a.nix", "around.nix");
    disk.link("../out/secret.nix", "relative.nix");
    disk.link(secret.to_str().unwrap(), "absolute.nix");
    disk.link("../out", "out");
    disk.link("/dev/null", "device.nix");
    disk.link("absolute.nix", "chained.nix");
    disk.link("..", "parent");
    disk.link("loop.nix", "loop.nix");
    disk.link("pong.nix", "ping.nix");
    disk.link("ping.nix", "pong.nix");
    disk.link("gone.nix", "dangling.nix");
    // A folder beside the tree whose name begins like the tree's.
    fs::create_dir(disk.folder.path().join("tree-2")).unwrap();
    fs::write(disk.folder.path().join("tree-2/a.nix"), "secret").unwrap();
    disk.link("../tree-2/a.nix", "beside.nix");
    let tree = disk.tree();
    for path in ["inside.nix", "folder/a.nix", "around.nix", "parent/tree/real/a.nix"] {
        assert_eq!(tree.read(&at(path)).as_deref(), Ok("a"), "{path}");
        assert_eq!(tree.kind(&at(path)), PathKind::File, "{path}");
    }
    assert_eq!(tree.kind(&at("folder")), PathKind::Folder);
    for path in [
        "relative.nix",
        "absolute.nix",
        "chained.nix",
        "out/secret.nix",
        "parent/out/secret.nix",
        "device.nix",
        "beside.nix",
        "parent",
    ] {
        assert_eq!(tree.read(&at(path)), Err(ReadProblem::LeadsOut), "{path}");
        assert_eq!(tree.kind(&at(path)), PathKind::Missing, "{path}");
    }
    for path in ["loop.nix", "ping.nix", "pong.nix", "dangling.nix"] {
        assert!(tree.read(&at(path)).is_err(), "{path}");
        assert_eq!(tree.kind(&at(path)), PathKind::Missing, "{path}");
    }
    assert_eq!(tree.entries(&at("out")).0, []);
    assert_eq!(tree.entries(&at("parent")).0, []);
    assert_eq!(tree.entries(&at("folder")).0, [("a.nix".to_owned(), PathKind::File)]);
    assert_eq!(below(&tree, ""), ["around.nix", "inside.nix", "real/a.nix"]);
}

#[test]
fn only_the_flake_of_the_one_who_asks_may_be_elsewhere() {
    let disk = Disk::with(&[("other.nix", "")]);
    fs::remove_file(disk.path("other.nix")).unwrap();
    for name in ["flake.nix", "other.nix"] {
        disk.link("../out/secret.nix", name);
    }
    fs::create_dir(disk.path("sub")).unwrap();
    disk.link("../../out/secret.nix", "sub/flake.nix");
    let flake = Tree::open_flake(&disk.path("")).unwrap();
    assert_eq!(flake.read(&at("flake.nix")).as_deref(), Ok("secret"));
    assert_eq!(flake.kind(&at("flake.nix")), PathKind::File);
    for name in ["other.nix", "sub/flake.nix"] {
        assert_eq!(flake.read(&at(name)), Err(ReadProblem::LeadsOut));
    }
    assert_eq!(disk.tree().read(&at("flake.nix")), Err(ReadProblem::LeadsOut));
    // Meanwhile it links to something else.
    fs::remove_file(disk.path("flake.nix")).unwrap();
    fs::write(disk.folder.path().join("out/other.nix"), "").unwrap();
    disk.link("../out/other.nix", "flake.nix");
    assert_eq!(flake.read(&at("flake.nix")), Err(ReadProblem::LeadsOut));
}

#[test]
fn a_root_may_be_a_symlink() {
    let disk = Disk::with(&[("a.nix", "a")]);
    let link = disk.folder.path().join("link");
    symlink("tree", &link).unwrap();
    let tree = Tree::open(&link).unwrap();
    assert_eq!(tree.root(), disk.path("").canonicalize().unwrap());
    assert_eq!(tree.read(&at("a.nix")).as_deref(), Ok("a"));
}

#[test]
fn nothing_waits_for_a_pipe() {
    let disk = Disk::with(&[("a.nix", "")]);
    let made = Command::new("mkfifo").arg(disk.path("pipe.nix")).status().unwrap();
    assert!(made.success());
    disk.link("pipe.nix", "link.nix");
    fs::create_dir(disk.path("sub")).unwrap();
    let made = Command::new("mkfifo").arg(disk.path("sub/flake.nix")).status().unwrap();
    assert!(made.success());
    let tree = disk.tree();
    for path in ["pipe.nix", "link.nix", "sub/flake.nix"] {
        assert_eq!(tree.read(&at(path)), Err(ReadProblem::Missing), "{path}");
        assert_eq!(tree.kind(&at(path)), PathKind::Missing, "{path}");
    }
    assert_eq!(below(&tree, ""), ["a.nix"]);
    let names: Vec<_> =
        tree.entries(&TreePath::root()).0.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.nix", "sub"]);
}

#[test]
fn links_to_folders_are_not_walked() {
    let disk = Disk::with(&[("a/b/c.nix", ""), ("z.nix", "")]);
    disk.link(".", "a/loop");
    disk.link("../..", "a/b/up");
    assert_eq!(below(&disk.tree(), ""), ["a/b/c.nix", "z.nix"]);
}
