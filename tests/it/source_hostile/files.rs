//! Files that lead to others, to themselves, and out of the tree.

use std::fs;

use super::*;

#[test]
fn files_that_lead_to_themselves() {
    for (name, files) in [
        ("itself", &[("other.nix", "import ./other.nix")][..]),
        ("itself called", &[("other.nix", "inputs: import ./other.nix inputs")]),
        ("the flake", &[("other.nix", "inputs: (import ./flake.nix).outputs inputs")]),
        ("two", &[("other.nix", "import ./b.nix"), ("b.nix", "import ./other.nix")]),
        ("a folder", &[("other.nix", "import ./."), ("default.nix", "import ./.")]),
        (
            "a folder by names",
            &[
                ("other.nix", "i: import ./. i"),
                ("default.nix", "i: { a = import ./default.nix i; b = import ./. i; c = i.self; }"),
            ],
        ),
        (
            "modules",
            &[
                ("other.nix", "i: i.nixpkgs.lib.nixosSystem { modules = [ ./b.nix ]; }"),
                ("b.nix", "{ imports = [ ./b.nix ./c.nix ]; }"),
                ("c.nix", "{ imports = [ ./b.nix ./. ]; }"),
                ("default.nix", "{ imports = [ ./c.nix ]; }"),
            ],
        ),
        (
            "overlays",
            &[
                ("other.nix", "i: import i.nixpkgs { overlays = [ (import ./b.nix) ]; }"),
                ("b.nix", "final: prev: import ./b.nix final prev // import ./b.nix prev final"),
            ],
        ),
        (
            "callPackage",
            &[
                ("other.nix", "i: i.nixpkgs.legacyPackages.x.callPackage ./b.nix { }"),
                ("b.nix", "{ callPackage }: callPackage ./b.nix { }"),
            ],
        ),
        (
            "folders read",
            &[(
                "other.nix",
                "i: map (f: import (./. + \"/${f}\")) (builtins.attrNames (builtins.readDir ./.))",
            )],
        ),
    ] {
        let flake = FlakeFolder::new();
        for (path, text) in files {
            flake.file(path, text).dep_file(path, text);
        }
        let told = flake.audit(name);
        assert_holds(name, &told, ROOT_FINDING);
        assert_eq!(told.warnings, [], "{name}");
    }
}

#[test]
fn a_ring_of_files() {
    const FILES: usize = 1_000;
    for call in ["import ./FILE", "i: import ./FILE i", "i: { a = import ./FILE i; }"] {
        let flake = FlakeFolder::new();
        let next = |at: usize| call.replace("FILE", &format!("ring/r{}.nix", at % FILES));
        flake.file("other.nix", next(0)).dep_file("other.nix", next(0));
        for at in 0..FILES {
            let text = next(at + 1).replace("ring/", "");
            flake.file(&format!("ring/r{at}.nix"), &text);
            flake.dep_file(&format!("ring/r{at}.nix"), &text);
        }
        let told = flake.audit(call);
        assert_holds(call, &told, ROOT_FINDING);
    }
}

#[test]
fn a_folder_of_many_files() {
    let loaders = [
        "i: i.nixpkgs.lib.nixosSystem { modules = i.nixpkgs.lib.filesystem.listFilesRecursive ./many; }",
        "i: i.nixpkgs.lib.nixosSystem { modules = map (n: ./many + \"/${n}\") (builtins.attrNames (builtins.readDir ./many)); }",
        "i: i.nixpkgs.lib.nixosSystem { modules = [ ((import ./import-tree) ./many) ]; }",
    ];
    let flake = FlakeFolder::new();
    for at in 0..5_000 {
        let text = if at % 1_000 == 7 {
            "{ a = ; }"
        } else {
            "{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }"
        };
        flake.file(&format!("many/{}/m{at}.nix", at / 100), text);
    }
    for loader in loaders {
        flake.file("other.nix", loader);
        let told = flake.audit(loader);
        assert_holds(loader, &told, ROOT_FINDING);
        assert!(
            told.warnings.iter().filter(|w| w.file != "flake.nix").all(|w| w.position.is_some()),
            "{told:#?}"
        );
        if loader.contains("listFiles") {
            let broken = told.warnings.iter().filter(|w| w.file.starts_with("many/")).count();
            assert!(broken == 5 || told.cut_short, "{told:#?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    type Make = fn(&std::path::Path);
    let makers: [(&str, Make); 9] = [
        ("a symlink out", |path| symlink("/etc/passwd", path).unwrap()),
        ("a symlink up", |path| symlink("../../../../../../etc/passwd", path).unwrap()),
        ("a symlink to a device", |path| symlink("/dev/zero", path).unwrap()),
        ("a symlink to itself", |path| symlink(path, path).unwrap()),
        ("a symlink to its folder", |path| symlink(".", path).unwrap()),
        ("a symlink to nothing", |path| symlink("nothing.nix", path).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a FIFO", |path| {
            let status = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(status.success());
        }),
        ("a socket", |path| drop(UnixListener::bind(path).unwrap())),
    ];
    for (name, make) in makers {
        for file in ["flake.nix", "other.nix"] {
            for in_root in [true, false] {
                let flake = FlakeFolder::new();
                let folder = if in_root { flake.path().to_owned() } else { flake.dep() };
                fs::remove_file(folder.join(file)).unwrap();
                make(&folder.join(file));
                let told = flake.audit(name);
                if !told.is_refused {
                    assert_holds(name, &told, DEP_FINDING);
                }
                assert!(told.warnings.len() <= 1, "{name}: {told:#?}");
                if !(in_root && file == "flake.nix") {
                    assert_holds(name, &told, ROOT_FINDING);
                }
            }
        }
    }
    // Folders that lead into each other are not endless.
    let flake = FlakeFolder::new();
    fs::create_dir_all(flake.path().join("many/a/b")).unwrap();
    symlink("../..", flake.path().join("many/a/b/up")).unwrap();
    symlink("/", flake.path().join("many/root")).unwrap();
    flake.file("other.nix", "i: i.nixpkgs.lib.filesystem.listFilesRecursive ./many");
    assert_holds("folders", &flake.audit("folders"), ROOT_FINDING);
}
