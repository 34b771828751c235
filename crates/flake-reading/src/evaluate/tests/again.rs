//! Reused results are the same as those of a new evaluation.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};

use super::*;

/// Only evaluations with at most this many steps are repeated several times in tests.
const CHEAP: u64 = 20_000;

/// The same world, with other texts for some files of the root.
fn with_texts<'n>(world: &World<'n>, texts: &[(TreePath, Arc<str>)]) -> World<'n> {
    let ids = || (0..world.len()).map(FlakeId::new);
    let references: Vec<_> = ids().map(|id| world.reference(id).unwrap().clone()).collect();
    let mut again = World::new(references, world.len(), 0);
    for id in ids() {
        let flake = world.flake(id).unwrap();
        let files = flake.files.as_ref().map(|files| {
            let mut tree = Tree::open_flake(files.tree().root()).unwrap();
            if id.is_root() {
                for (path, text) in texts {
                    tree.lay_over(path.clone(), text.clone());
                }
            }
            Files::new(tree, files.flake().clone())
        });
        again.add(files, flake.kind, world.inputs(id).iter().cloned());
    }
    again
}

/// A result without its cost, for comparison.
fn shown(reading: &Reading) -> String {
    format!("{:#?}", Reading { steps: 0, ..reading.clone() })
}

/// Every world that is read in tests is read again, unchanged and with comments added to its files.
pub(super) fn holds_again(world_as_it_is: &World<'_>, reading: &Reading) {
    let is_refused = reading.files.is_empty();
    if is_refused || reading.steps > CHEAP || reading.cut_short {
        return;
    }
    let earlier = Earlier::default();
    let first = earlier.read(world_as_it_is, FlakeId::ROOT).unwrap();
    assert_eq!(shown(&first), shown(reading));
    let second = earlier.read(&with_texts(world_as_it_is, &[]), FlakeId::ROOT).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    let own = reading.files.iter().filter(|file| file.flake.is_root());
    let all: Vec<_> = own.map(|file| (file.path.clone(), file.text.clone())).collect();
    for comment in ["# c\n", "/* c */ ", "\n\n"] {
        let texts: Vec<_> = all
            .iter()
            .map(|(path, text)| (path.clone(), format!("{comment}{text} # ü\n").into()))
            .collect();
        let world = with_texts(world_as_it_is, &texts);
        let kept = earlier.kept();
        let again = earlier.read(&world, FlakeId::ROOT).unwrap();
        let anew = super::super::read(&world, FlakeId::ROOT).unwrap();
        assert_eq!(shown(&again), shown(&anew), "{texts:#?}");
        // Reports with line numbers are made again if the lines differ.
        assert!(comment.contains('\n') || earlier.kept() == kept, "{texts:#?}");
        earlier.read(world_as_it_is, FlakeId::ROOT).unwrap();
    }
}

/// A flake with declared inputs, hosts that share modules, and a shell.
const FILES: [(&str, &str); 5] = [
    (
        "flake.nix",
        "{
  inputs = {
    nixpkgs.url = \"github:NixOS/nixpkgs\";
    dep.url = \"github:acme/dep\";
  };
  outputs = { self, nixpkgs, dep, ... }: let
    system = \"x86_64-linux\";
    gpu = import nixpkgs { inherit system; config.cudaSupport = true; };
    names = builtins.fromJSON (builtins.readFile ./names.json);
    host = name: nixpkgs.lib.nixosSystem {
      inherit system;
      modules = [ ./modules (./hosts + \"/${name}.nix\") ];
    };
  in {
    nixosConfigurations = nixpkgs.lib.genAttrs names host;
    devShells.${system}.default = gpu.mkShell {
      packages = [ gpu.python3Packages.torch dep.packages.${system}.default (gpu.oh.my ./flake.nix) ];
    };
    unused.thing = gpu.hello;
  };
}
",
    ),
    ("names.json", "[ \"desk\" ]"),
    (
        "modules/default.nix",
        "{ pkgs, lib, config, ... }: {
  imports = [ ./gpu.nix ];
  environment.systemPackages = [ pkgs.hello ] ++ lib.optional config.services.x.enable pkgs.ollama;
}
",
    ),
    ("modules/gpu.nix", "{ ... }: { nixpkgs.config.cudaSupport = true; }\n"),
    ("hosts/desk.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.python3Packages.torch ]; }\n"),
];

/// What people type, and what breaks files.
const PIECES: [&str; 20] = [
    "", "", " ", "\n", "# c\n", "/* c */", "{", "}", ";", "\"", "true", "false", "pkgs", ".", "a",
    "ü", "torch", "nixpkgs", "= 1;", "[ ]",
];

#[test]
fn after_any_edit_the_same_is_found_as_without_a_memory() {
    let seed = TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let edit = (0..FILES.len(), any::<Index>(), 0_usize..6, 0..PIECES.len(), 0_u8..3);
    let mut edits = || edit.new_tree(&mut runner).unwrap().current();
    let sources = [
        flake("root", "nixpkgs dep", &FILES),
        flake(
            "dep",
            "nixpkgs",
            &[(
                "flake.nix",
                "{ outputs = { nixpkgs, ... }: { packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.python3Packages.torch; }; }",
            )],
        ),
    ];
    asked(&sources, |world| {
        let first: Vec<(TreePath, Arc<str>)> = FILES
            .iter()
            .map(|(name, text)| (TreePath::root().join(name).unwrap(), Arc::from(*text)))
            .collect();
        let mut texts = first.clone();
        let earlier = Earlier::default();
        let (mut taken, mut different) = (0, std::collections::BTreeSet::new());
        for number in 0..1_500 {
            let (which, at, length, piece, undo) = edits();
            let text = &texts[which].1;
            let mut start = at.index(text.len() + 1);
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let new = format!("{}{}{}", &text[..start], PIECES[piece], &text[end..]);
            texts[which].1 = if undo == 0 { first[which].1.clone() } else { new.into() };
            let world = with_texts(world, &texts);
            let kept = earlier.kept();
            match (earlier.read(&world, FlakeId::ROOT), super::super::read(&world, FlakeId::ROOT)) {
                (Ok(again), Ok(anew)) => {
                    assert_eq!(shown(&again), shown(&anew), "{number}: {texts:#?}");
                    taken += usize::from(earlier.kept() == kept);
                    different.insert(shown(&Reading { files: Vec::new(), ..(*again).clone() }));
                }
                (Err(again), Err(anew)) => assert_eq!(again, anew),
                (again, anew) => panic!("{number}: {again:?} {anew:?}"),
            }
            if number % 7 == 0 {
                earlier.forget_the_rest();
            }
        }
        assert!(taken > 200 && different.len() > 50, "{taken} {}", different.len());
    });
}

/// A look at the disk: the modules of a host, and a changed file.
const LOOKS: [(&str, &str, Option<&str>); 9] = [
    ("import ./a.nix", "a.nix", Some("{ nixpkgs.config.rocmSupport = true; }")),
    ("import ./a.nix", "a.nix", None),
    ("./folder", "folder/default.nix", Some("{ nixpkgs.config.rocmSupport = true; }")),
    ("./missing.nix", "missing.nix", Some("{ nixpkgs.config.rocmSupport = true; }")),
    ("(if builtins.pathExists ./flag then ./a.nix else ./b.nix)", "flag", Some("")),
    (
        "{ imports = map (name: ./folder + \"/${name}\") (builtins.attrNames (builtins.readDir ./folder)); }",
        "folder/new.nix",
        Some("{ nixpkgs.config.rocmSupport = true; }"),
    ),
    (
        "{ imports = nixpkgs.lib.filesystem.listFilesRecursive ./folder; }",
        "folder/below/new.nix",
        Some("{ nixpkgs.config.rocmSupport = true; }"),
    ),
    ("./broken.nix", "broken.nix", Some("{ nixpkgs.config.rocmSupport = true; }")),
    (
        "{ nixpkgs.config = builtins.fromJSON (builtins.readFile ./config.json); }",
        "config.json",
        Some("{ \"rocmSupport\": true }"),
    ),
];

#[test]
fn whatever_is_looked_at_on_the_disk_is_looked_at_again() {
    for (module, path, text) in LOOKS {
        let flake_text = format!(
            "{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ \
             system = \"x86_64-linux\"; modules = [ ({module}) ({{ pkgs, ... }}: {{ \
             environment.systemPackages = [ pkgs.hello ]; }}) ]; }}; }}; }}"
        );
        let files = [
            ("flake.nix", &*flake_text),
            ("a.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("b.nix", "{ nixpkgs.config.allowUnfree = true; }"),
            ("folder/old.nix", "{ nixpkgs.config.allowUnfree = true; }"),
            ("broken.nix", "{ nixpkgs.config."),
            ("config.json", "{ \"cudaSupport\": true }"),
        ];
        asked(&[flake("root", "nixpkgs", &files)], |world| {
            let earlier = Earlier::default();
            let before = earlier.read(world, FlakeId::ROOT).unwrap();
            let root = world.flake(FlakeId::ROOT).unwrap().files.as_ref().unwrap();
            let file = root.tree().root().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            match text {
                Some(text) => std::fs::write(file, text).unwrap(),
                None => std::fs::remove_file(file).unwrap(),
            }
            let world = with_texts(world, &[]);
            let again = earlier.read(&world, FlakeId::ROOT).unwrap();
            let anew = super::super::read(&world, FlakeId::ROOT).unwrap();
            assert_eq!(shown(&again), shown(&anew), "{module}");
            assert_ne!(shown(&before), shown(&anew), "{module}");
        });
    }
}
