//! Links in a repository that lead out of it, and other things in place of a file.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::World;

const INIT: [&str; 4] = ["init", "gpu", "--config", "cudaSupport=true"];

/// A flake with inline settings, for which `fix --init` writes three files.
fn inline() -> World {
    World::of("inline-configuration/import-literal")
}

fn plain() -> World {
    World::of("seed/a-follows-plain")
}

#[test]
fn what_leads_out_is_refused_and_named() {
    let cases: &[(&str, fn() -> World, fn(&World), &[&str])] = &[
        (
            "flake.nix is a link",
            plain,
            |world| world.move_out("repo/flake.nix", "home/flake.nix", "../home/flake.nix"),
            &["fix"],
        ),
        (
            "flake.lock is a link",
            plain,
            |world| world.move_out("repo/flake.lock", "home/flake.lock", "../home/flake.lock"),
            &["fix"],
        ),
        (
            "flake.lock leads nowhere",
            plain,
            |world| {
                world.move_out("repo/flake.lock", "home/flake.lock", "../home/nothing");
            },
            &["fix"],
        ),
        (
            "gpu is a link",
            inline,
            |world| world.link("repo/gpu", "../home"),
            &["fix", "--init", "gpu"],
        ),
        (
            "a folder on the way is a link",
            inline,
            |world| world.link("repo/lib", "../home"),
            &["fix", "--init", "lib/deep/gpu"],
        ),
        (
            "gpu leads nowhere",
            inline,
            |world| world.link("repo/gpu", "../home/nothing"),
            &["fix", "--init", "gpu"],
        ),
        (
            "gpu/flake.nix is a link",
            inline,
            |world| {
                world.folder("repo/gpu");
                world.link("repo/gpu/flake.nix", "../../home/profile");
            },
            &["fix", "--init", "gpu"],
        ),
        (
            "gpu leads into Git",
            inline,
            // In the flake's folder, and so followed; but an existing file is not overwritten.
            |world| {
                world.write("repo/.git/flake.nix", b"");
                world.link("repo/gpu", ".git");
            },
            &["fix", "--init", "gpu"],
        ),
        ("init: gpu is a link", plain, |world| world.link("repo/gpu", "../home"), &INIT),
        (
            "init: a folder on the way is a link",
            plain,
            |world| world.link("repo/lib", "../home"),
            &["init", "lib/deep/gpu", "--config", "cudaSupport=true"],
        ),
        (
            "init: gpu leads nowhere",
            plain,
            |world| world.link("repo/gpu", "../home/nothing"),
            &INIT,
        ),
        (
            "init: gpu/flake.nix is a link",
            plain,
            |world| {
                world.folder("repo/gpu");
                world.link("repo/gpu/flake.nix", "../../home/nothing");
            },
            &INIT,
        ),
        (
            "man: a page is a link",
            plain,
            |world| {
                world.folder("repo/pages");
                world.link("repo/pages/flake-audit.1", "../../home/profile");
            },
            &["man", "--dir", "pages"],
        ),
    ];
    let mut told = String::new();
    for (what, world, plant, command) in cases {
        let world = world();
        plant(&world);
        let before = world.everything();
        let shown = world.run(command, &["repo/pages"]);
        assert!(shown.starts_with("exit 2\n"), "{what}: {shown}");
        if command[0] != "man" {
            assert!(world.everything() == before, "{what}: {shown}");
        }
        assert_eq!(world.read("home/profile"), b"mine\n", "{what}");
        told += &format!("== {what}\n$ {}\n{shown}", command.join(" "));
        // Nor does a dry run announce it.
        if command[0] == "fix" {
            for looks in ["--diff", "--dry-run"] {
                let shown = world.run(&[command, &[looks][..]].concat(), &[]);
                assert!(shown.starts_with("exit 2\n"), "{what}: {shown}");
            }
        }
        world.run_all();
        assert_eq!(world.read("home/profile"), b"mine\n", "{what}");
    }
    assert_snapshot!(told);
}

#[test]
fn what_stays_inside_is_followed_and_stays_a_link() {
    let world = inline();
    world.folder("repo/real");
    world.move_out("repo/flake.nix", "repo/real/flake.nix", "real/flake.nix");
    world.move_out("repo/flake.lock", "repo/real/lock", "real/lock");
    world.link("repo/gpu", "nix");
    // The folder itself may be a link.
    world.link("linked", "repo");
    let shown = world.run(&["fix", "../linked", "--init", "gpu"], &[]);
    assert!(shown.starts_with("exit 0\n"), "{shown}");
    for (link, target) in
        [("flake.nix", "real/flake.nix"), ("flake.lock", "real/lock"), ("gpu", "nix")]
    {
        let link = world.at("repo").join(link);
        assert_eq!(fs::read_link(link).unwrap().to_str(), Some(target));
    }
    let text = |name: &str| String::from_utf8(world.read(name)).unwrap();
    assert!(text("repo/nix/flake.nix").contains("cudaSupport = true;"));
    assert!(text("repo/real/flake.nix").contains("path:./gpu"));
    assert!(text("repo/real/lock").contains("\"gpu\""));
}

/// The other hard link belongs to somebody else.
#[test]
fn hard_links_are_cut() {
    let world = plain();
    for file in ["flake.nix", "flake.lock"] {
        fs::hard_link(world.at("repo").join(file), world.at("home").join(file)).unwrap();
    }
    let before = world.read("home/flake.nix");
    let shown = world.run(&["fix"], &[]);
    assert!(shown.starts_with("exit 0\n"), "{shown}");
    assert_eq!(world.read("home/flake.nix"), before);
    assert_ne!(world.read("repo/flake.nix"), before);
}

#[test]
fn what_is_no_file_is_neither_opened_nor_replaced() {
    let plant: [(&str, fn(&World)); 2] = [
        ("a folder", |world| world.folder("repo/gpu/flake.nix")),
        ("a FIFO", |world| {
            world.folder("repo/gpu");
            let file = world.at("repo/gpu/flake.nix");
            assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
        }),
    ];
    for (what, plant) in plant {
        for command in [&["fix", "--init", "gpu"][..], &INIT] {
            let world = inline();
            plant(&world);
            let before = world.everything();
            let shown = world.run(command, &[]);
            assert!(shown.starts_with("exit 2\n"), "{what}: {shown}");
            assert!(shown.contains("gpu/flake.nix"), "{what}: {shown}");
            assert!(world.everything() == before, "{what}: {shown}");
        }
    }
}

/// What an interrupted run has written counts as written; anything else is kept.
#[test]
fn a_new_file_that_is_found_again() {
    let world = inline();
    let first = world.run(&INIT, &[]);
    assert!(first.contains("wrote gpu/flake.nix"), "{first}");
    let before = world.everything();
    let again = world.run(&INIT, &[]);
    assert_eq!(
        again,
        first.replace("wrote gpu/flake.nix", "gpu/flake.nix is there already, with the same text")
    );
    let other = world.run(&["init", "gpu", "--config", "rocmSupport=true"], &[]);
    assert!(other.contains("gpu/flake.nix: it exists already and is not overwritten"), "{other}");
    assert!(world.everything() == before);
}
