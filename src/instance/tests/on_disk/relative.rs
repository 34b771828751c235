//! Flakes in folders of other flakes.

use super::*;

/// The flakes, besides the root, that are read when the root takes a package of the last of these
/// inputs: the first is the root's, each other one the former's, in a folder of that one.
fn read(inputs: &[(&str, &str)], files: &[&str]) -> Vec<String> {
    let (first, _) = inputs[0];
    let mut flake =
        Flake::new(&format!("{{ {first}, ... }}: {{ packages.x.a = {first}.packages.x.a; }}"));
    let mut holder = "root";
    let mut parent = Vec::new();
    for (name, folder) in inputs {
        flake.folder_of(holder, &parent, name, folder);
        holder = name;
        parent.push(*name);
    }
    for file in files {
        flake.write(file, "{ outputs = _: { }; }");
    }
    flake.read(|analysis| {
        let is_read = |name: &&str| analysis.sources().flake(node(analysis, name)).is_some();
        let names = inputs.iter().map(|(name, _)| *name).filter(is_read);
        names.map(str::to_owned).collect()
    })
}

/// A path starts from the folder of the flake that it was written in.
#[test]
fn folders_of_folders_are_read() {
    for (inputs, files, is) in [
        (&[("a", "./a"), ("b", "./b")][..], &["a/flake.nix", "a/b/flake.nix"][..], &["a", "b"][..]),
        (&[("a", "./a"), ("b", "../b")], &["a/flake.nix", "b/flake.nix"], &["a", "b"]),
        (&[("a", "./a"), ("b", "./b")], &["a/flake.nix", "b/flake.nix"], &["a"]),
        (&[("a", "./a"), ("b", "./b")], &["a/b/flake.nix"], &["b"]),
        (
            &[("a", "./x/a"), ("b", "../b"), ("c", "./c")],
            &["x/a/flake.nix", "x/b/flake.nix", "x/b/c/flake.nix"],
            &["a", "b", "c"],
        ),
        // Out of the root's tree.
        (&[("a", "./a"), ("b", "../../b")], &["a/flake.nix", "b/flake.nix"], &["a"]),
        (&[("a", "../a"), ("b", "./b")], &["a/flake.nix", "a/b/flake.nix"], &[]),
    ] {
        assert_eq!(read(inputs, files), is, "{inputs:?}");
    }
}

/// A folder that a link leads out of its source is not read.
#[cfg(unix)]
#[test]
fn folders_behind_links_out_are_not_read() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("flake.nix"), "{ outputs = _: { }; }").unwrap();
    let mut flake = Flake::new("{ a, ... }: { packages.x.a = a.packages.x.a; }");
    flake.folder("a", "./a");
    flake.folder_of("a", &["a"], "b", "./b");
    flake.write("a/flake.nix", "{ outputs = _: { }; }");
    std::os::unix::fs::symlink(outside.path(), flake.path().join("a/b")).unwrap();
    flake.read(|analysis| {
        let is_read = |name| analysis.sources().flake(node(analysis, name)).is_some();
        assert_eq!((is_read("a"), is_read("b")), (true, false));
    });
}

/// Flakes that are each in a folder of the other are nowhere, and many below each other are found in
/// one pass.
#[test]
fn folders_in_a_circle_and_without_end() {
    let mut flake = Flake::new("{ ... }: { }");
    flake.folder_of("root", &["b"], "a", "./b");
    flake.folder_of("root", &["a"], "b", "./a");
    flake.folder_of("root", &["c"], "c", ".");
    flake.folder_of("root", &["none"], "d", ".");
    flake.write("b/flake.nix", "{ outputs = _: { }; }");
    flake.read(|analysis| assert_eq!(analysis.sources().read, 0));

    const MANY: usize = 500;
    let names: Vec<String> = (0..MANY).map(|at| format!("f{at}")).collect();
    let inputs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), ".")).collect();
    assert_eq!(read(&inputs, &[]).len(), MANY);
}
