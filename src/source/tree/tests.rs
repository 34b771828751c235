use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;

use super::*;

/// A folder with these files, and beside it one that nobody may read.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn with(files: &[(&str, &str)]) -> Self {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(disk.path("")).unwrap();
        fs::create_dir(disk.folder.path().join("out")).unwrap();
        fs::write(disk.folder.path().join("out/secret.nix"), "secret").unwrap();
        for (path, text) in files {
            let path = disk.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        disk
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("tree").join(path)
    }

    fn link(&self, target: &str, path: &str) {
        symlink(target, self.path(path)).unwrap();
    }

    fn tree(&self) -> Tree {
        Tree::open(&self.path("")).unwrap()
    }
}

fn at(path: &str) -> TreePath {
    TreePath::root().join(path).unwrap()
}

fn below(tree: &Tree, path: &str) -> Vec<String> {
    tree.files_below(&at(path)).iter().map(|path| path.as_str().to_owned()).collect()
}

#[test]
fn files_are_read_and_told_from_folders() {
    let disk = Disk::with(&[("flake.nix", "{ }"), ("a/b.nix", "b"), ("empty", "")]);
    let tree = disk.tree();
    assert_eq!(tree.read(&at("flake.nix")).as_deref(), Ok("{ }"));
    assert_eq!(tree.read(&at("a/b.nix")).as_deref(), Ok("b"));
    assert_eq!(tree.read(&at("empty")).as_deref(), Ok(""));
    assert_eq!(tree.kind(&at("a/b.nix")), Kind::File);
    assert_eq!(tree.kind(&at("a")), Kind::Folder);
    assert_eq!(tree.kind(&TreePath::root()), Kind::Folder);
    for missing in ["b", "flake.nix/b", "a/b.nix/c/d", &"x".repeat(300)] {
        assert_eq!(tree.kind(&at(missing)), Kind::Missing, "{missing}");
        assert_eq!(tree.read(&at(missing)), Err(ReadProblem::Missing), "{missing}");
    }
    for folder in ["a", ""] {
        assert_eq!(tree.read(&at(folder)), Err(ReadProblem::Missing));
    }
    assert_eq!(tree.join(&at("a"), "../flake.nix"), Some(at("flake.nix")));
    assert_eq!(tree.join(&at("a"), "../../out/secret.nix"), None);
}

#[test]
fn what_is_no_folder_is_no_tree() {
    let disk = Disk::with(&[("file", "")]);
    assert!(Tree::open(&disk.path("file")).is_none());
    assert!(Tree::open(&disk.path("nowhere")).is_none());
    assert!(Tree::open_flake(&disk.path("nowhere")).is_none());
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
        assert_eq!(tree.kind(&at(path)), Kind::File, "{path}");
    }
    assert_eq!(tree.kind(&at("folder")), Kind::Folder);
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
        assert_eq!(tree.kind(&at(path)), Kind::Missing, "{path}");
    }
    for path in ["loop.nix", "ping.nix", "pong.nix", "dangling.nix"] {
        assert!(tree.read(&at(path)).is_err(), "{path}");
        assert_eq!(tree.kind(&at(path)), Kind::Missing, "{path}");
    }
    assert_eq!(tree.entries(&at("out")), []);
    assert_eq!(tree.entries(&at("parent")), []);
    assert_eq!(tree.entries(&at("folder")), [("a.nix".to_owned(), Kind::File)]);
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
    assert_eq!(flake.kind(&at("flake.nix")), Kind::File);
    for name in ["other.nix", "sub/flake.nix"] {
        assert_eq!(flake.read(&at(name)), Err(ReadProblem::LeadsOut));
    }
    assert_eq!(disk.tree().read(&at("flake.nix")), Err(ReadProblem::LeadsOut));
    // It was linked to something else since.
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
        assert_eq!(tree.kind(&at(path)), Kind::Missing, "{path}");
    }
    assert_eq!(below(&tree, ""), ["a.nix"]);
    let names: Vec<_> = tree.entries(&TreePath::root()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.nix", "sub"]);
}

#[test]
fn a_folder_may_be_called_like_a_file() {
    let disk = Disk::with(&[("flake.nix/a.nix", ""), ("sub/flake.nix/b.nix", "")]);
    let tree = disk.tree();
    assert_eq!(tree.kind(&at("flake.nix")), Kind::Folder);
    assert_eq!(tree.read(&at("flake.nix")), Err(ReadProblem::Missing));
    assert_eq!(below(&tree, ""), ["flake.nix/a.nix", "sub/flake.nix/b.nix"]);
    assert!(Tree::open_flake(&disk.path("")).is_some());
}

#[test]
fn files_have_a_length_to_reach() {
    let disk = Disk::with(&[]);
    let full = "a".repeat(1 << 20);
    fs::write(disk.path("full"), &full).unwrap();
    fs::write(disk.path("over"), full + "a").unwrap();
    // As long as a disk, and without a byte on it.
    let sparse = File::create(disk.path("sparse")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    let tree = disk.tree();
    assert_eq!(tree.read(&at("full")).map(|text| text.len()), Ok(1 << 20));
    assert_eq!(tree.read(&at("over")), Err(ReadProblem::TooLarge));
    assert_eq!(tree.read(&at("sparse")), Err(ReadProblem::TooLarge));
}

#[test]
fn what_is_no_text_is_refused() {
    let disk = Disk::with(&[]);
    fs::write(disk.path("latin"), b"caf\xe9").unwrap();
    fs::write(disk.path("half"), &"é".as_bytes()[..1]).unwrap();
    let tree = disk.tree();
    assert_eq!(tree.read(&at("latin")), Err(ReadProblem::NotText));
    assert_eq!(tree.read(&at("half")), Err(ReadProblem::NotText));
}

#[test]
fn a_tree_is_read_up_to_its_bytes() {
    let disk = Disk::with(&[]);
    fs::write(disk.path("full"), "a".repeat(1 << 20)).unwrap();
    let tree = disk.tree();
    for _ in 0..64 {
        assert!(tree.read(&at("full")).is_ok());
    }
    assert_eq!(tree.read(&at("full")), Err(ReadProblem::TooMany));
    fs::write(disk.path("more"), "a").unwrap();
    assert_eq!(tree.read(&at("more")), Err(ReadProblem::TooMany));
    assert!(disk.tree().read(&at("full")).is_ok());
}

#[test]
fn a_tree_is_read_up_to_its_files_by_all_threads_together() {
    let disk = Disk::with(&[("a", "a")]);
    let tree = disk.tree();
    let read = || (0..3_000).filter(|_| tree.read(&at("a")).is_ok()).count();
    let sum: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(sum, 10_000);
    assert_eq!(tree.read(&at("a")), Err(ReadProblem::TooMany));
}

#[test]
fn folders_are_listed_by_bytes_and_up_to_a_number() {
    let disk = Disk::with(&[
        (".git/config", ""),
        (".hidden.nix", ""),
        (".github/a.nix", ""),
        ("b.nix", ""),
        ("B.nix", ""),
        ("a/b.nix", ""),
    ]);
    let is = |name: &str, kind| (name.to_owned(), kind);
    assert_eq!(
        disk.tree().entries(&TreePath::root()),
        [
            is(".github", Kind::Folder),
            is(".hidden.nix", Kind::File),
            is("B.nix", Kind::File),
            is("a", Kind::Folder),
            is("b.nix", Kind::File),
        ]
    );
    assert_eq!(disk.tree().entries(&at("b.nix")), []);
    assert_eq!(disk.tree().entries(&at("nowhere")), []);
    let many = Disk::with(&[]);
    for number in 0..5_000 {
        fs::write(many.path(&format!("{number:04}.nix")), "").unwrap();
    }
    let entries = many.tree().entries(&TreePath::root());
    assert_eq!(entries.len(), 4_096);
    assert_eq!(entries.last().unwrap().0, "4095.nix");
}

#[test]
fn files_are_found_below_but_not_those_of_other_flakes() {
    let disk = Disk::with(&[
        ("flake.nix", ""),
        ("z.nix", ""),
        ("a/b/c.nix", ""),
        ("a.nix", ""),
        ("a/readme.md", ""),
        (".git/x.nix", ""),
        (".config/y.nix", ""),
        ("other/flake.nix", ""),
        ("other/deep/more.nix", ""),
    ]);
    disk.link(".", "a/loop");
    disk.link("../..", "a/b/up");
    let tree = disk.tree();
    assert_eq!(below(&tree, ""), [".config/y.nix", "a.nix", "a/b/c.nix", "flake.nix", "z.nix"]);
    assert_eq!(below(&tree, "other"), ["other/deep/more.nix", "other/flake.nix"]);
    assert_eq!(below(&tree, "a.nix"), [""; 0]);
    assert_eq!(below(&tree, "nowhere"), [""; 0]);
}

#[test]
fn a_deep_tree_ends() {
    let disk = Disk::with(&[]);
    let mut folder = String::new();
    for depth in 0..40 {
        fs::create_dir_all(disk.path(&folder)).unwrap();
        fs::write(disk.path(&format!("{folder}{depth}.nix")), "").unwrap();
        folder.push_str("d/");
    }
    assert_eq!(below(&disk.tree(), "").len(), 33);
}
