#[cfg(unix)]
mod links;

use std::thread;

use super::*;

/// A folder with these files, and beside it one that must not be read.
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

    fn tree(&self) -> Tree {
        Tree::open(&self.path("")).unwrap()
    }
}

fn at(path: &str) -> TreePath {
    TreePath::root().join(path).unwrap()
}

fn below(tree: &Tree, path: &str) -> Vec<String> {
    tree.files_below(&at(path)).files.iter().map(|path| path.as_str().to_owned()).collect()
}

#[test]
fn files_are_read_and_told_from_folders() {
    let disk = Disk::with(&[("flake.nix", "{ }"), ("a/b.nix", "b"), ("empty", "")]);
    let tree = disk.tree();
    assert_eq!(tree.read(&at("flake.nix")).as_deref(), Ok("{ }"));
    assert_eq!(tree.read(&at("a/b.nix")).as_deref(), Ok("b"));
    assert_eq!(tree.read(&at("empty")).as_deref(), Ok(""));
    assert_eq!(tree.kind(&at("a/b.nix")), PathKind::File);
    assert_eq!(tree.kind(&at("a")), PathKind::Folder);
    assert_eq!(tree.kind(&TreePath::root()), PathKind::Folder);
    for missing in ["b", "flake.nix/b", "a/b.nix/c/d", &"x".repeat(300)] {
        assert_eq!(tree.kind(&at(missing)), PathKind::Missing, "{missing}");
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
fn a_folder_may_be_called_like_a_file() {
    let disk = Disk::with(&[("flake.nix/a.nix", ""), ("sub/flake.nix/b.nix", "")]);
    let tree = disk.tree();
    assert_eq!(tree.kind(&at("flake.nix")), PathKind::Folder);
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
    // As long as a disk, without using space.
    let sparse = fs::File::create(disk.path("sparse")).unwrap();
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
    for _ in 0..16 {
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
        ("C.nix", ""),
        ("a/b.nix", ""),
    ]);
    let is = |name: &str, kind| (name.to_owned(), kind);
    assert_eq!(
        disk.tree().entries(&TreePath::root()).0,
        [
            is(".github", PathKind::Folder),
            is(".hidden.nix", PathKind::File),
            is("C.nix", PathKind::File),
            is("a", PathKind::Folder),
            is("b.nix", PathKind::File),
        ]
    );
    assert_eq!(disk.tree().entries(&at("b.nix")), (vec![], true));
    assert_eq!(disk.tree().entries(&at("nowhere")), (vec![], true));
    let many = Disk::with(&[]);
    for number in 0..5_000 {
        fs::write(many.path(&format!("{number:04}.nix")), "").unwrap();
    }
    let (entries, all) = many.tree().entries(&TreePath::root());
    assert!(!all);
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
