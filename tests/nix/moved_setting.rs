//! After `fix` moves a setting from beside `config` into it, nixpkgs reads it.

use std::fs;

use crate::program;
use crate::world::World;

/// The arguments of nixpkgs: before, and after.
const FORMS: [(&str, &str); 6] = [
    ("{ inherit system; cudaSupport = true; }", "{ inherit system; config.cudaSupport = true; }"),
    (
        "{\n        inherit system;\n        cudaSupport = true; # the GPU\n        config.allowUnfree = true;\n      }",
        "{\n        inherit system;\n        config.cudaSupport = true; # the GPU\n        config.allowUnfree = true;\n      }",
    ),
    (
        "{\n        inherit system;\n        cudaSupport = true;\n        config = {\n          allowUnfree = true;\n        };\n      }",
        "{\n        inherit system;\n        config = {\n          allowUnfree = true;\n          cudaSupport = true;\n        };\n      }",
    ),
    (
        "{ inherit system; config = { }; cudaSupport = true; }",
        "{ inherit system; config = { cudaSupport = true; }; }",
    ),
    // A comment belongs to it, so it stays in place, beside the set of the other settings.
    (
        "{\n        inherit system;\n        config = { allowUnfree = true; };\n        # the GPU\n        cudaSupport = true;\n      }",
        "{\n        inherit system;\n        config = { allowUnfree = true; };\n        # the GPU\n        config.cudaSupport = true;\n      }",
    ),
    (
        "{\n        inherit system;\n        # the GPU\n        cudaSupport = true;\n        config = { allowUnfree = true; };\n      }",
        "{\n        inherit system;\n        # the GPU\n        config.cudaSupport = true;\n        config = { allowUnfree = true; };\n      }",
    ),
];

#[test]
fn nixpkgs_reads_a_setting_that_was_moved() {
    for nix in &program::all() {
        for (before, after) in FORMS {
            let world = World::new(nix);
            let root = |import: &str| {
                world.referring(&format!(
                    r#"{{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = {{ self, nixpkgs }}:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs {import};
    in
    {{
      seen = pkgs.config.cudaSupport;
      devShells.x86_64-linux.default = pkgs.mkShell {{ packages = [ pkgs.python3Packages.torch ]; }};
    }};
}}
"#
                ))
            };
            world.write("root/flake.nix", &root(before));
            world.lock("root");
            let seen = || {
                let eval = ["eval", "--json", "--no-write-lock-file", ".#seen"];
                world.nix.ask(&world.at("root"), &eval).trim().to_owned()
            };
            assert_eq!(seen(), "false", "{}: {before}", nix.name);
            let lock = world.pair("root").lock;
            let fixed = world.flake_audit(&["fix", "root"]).output().unwrap();
            let told = String::from_utf8_lossy(&fixed.stdout).into_owned();
            let text = fs::read_to_string(world.at("root/flake.nix")).unwrap();
            assert_eq!(text, root(after), "{}: {told}", nix.name);
            assert_eq!(seen(), "true", "{}: {after}", nix.name);
            assert_eq!(world.pair("root").lock, lock);
            let again = world.flake_audit(&["fix", "root"]).output().unwrap();
            let again = String::from_utf8_lossy(&again.stdout).into_owned();
            assert!(again.contains("nothing to repair"), "{}: {again}", nix.name);
        }
    }
}
