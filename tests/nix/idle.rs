//! What `flake-audit verify` leaves out, because nothing is built from it.

use crate::program;
use crate::textbook::{FOLLOWS_PLAIN, world};
use crate::world::World;

#[test]
fn who_holds_a_wrapper_and_is_not_seen_to_build_without_it_only_pins_a_version() {
    let own = "nixpkgs-gpu.legacyPackages.x86_64-linux.python3Packages.torch";
    let plainly =
        FOLLOWS_PLAIN.replace(own, "nixpkgs.legacyPackages.x86_64-linux.python3Packages.torch");
    for nix in &program::all() {
        for (root, expected) in [(FOLLOWS_PLAIN, None), (&plainly, Some("this flake"))] {
            let root = root.replace(
                "dep.inputs.nixpkgs.follows = \"nixpkgs\"",
                "dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\"",
            );
            let world = world(nix, "root", &root);
            let verified = world.verify("root", &[]);
            let plain = world.torch("");
            let told = verified.derivations().into_iter().find(|(path, _)| *path == plain);
            let users = expected.map(|user| (plain, vec![format!("nixpkgs, used by {user}")]));
            assert_eq!(told, users, "{verified:?}");
            assert_eq!(verified.code, i32::from(expected.is_some()));
            assert_eq!(verified.stdout.contains("not compared: nixpkgs, "), expected.is_none());
        }
    }
}

#[test]
fn what_nothing_reaches_is_not_compared() {
    // Only `lib` is taken of `tool`, which builds nothing; that is known if its source is on disk,
    // such as in a given store.
    let root = FOLLOWS_PLAIN
        .replace("inputs.dep.inputs", "inputs.tool.url = \"@tool@\";\n  inputs.dep.inputs")
        .replace("follows = \"nixpkgs\";\n  outputs", "follows = \"nixpkgs-gpu\";\n  outputs")
        .replace("nixpkgs-gpu, dep }: {", "nixpkgs-gpu, dep, tool }: {\n    lib = tool.lib.one;");
    for nix in &program::all() {
        let world = World::new(nix);
        world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
        world.write(
            "tool/flake.nix",
            r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    lib.one = 1;
    packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.python3Packages.torch;
  };
}
"#,
        );
        world.write("root/flake.nix", &root);
        world.lock("root");
        let unread = world.verify("root", &["--no-source"]);
        assert_eq!((unread.count().as_str(), unread.code), ("2 derivations", 1), "{unread:?}");
        let lock: serde_json::Value =
            serde_json::from_str(world.pair("root").lock.as_ref().unwrap()).unwrap();
        let hash = lock["nodes"]["tool"]["locked"]["narHash"].as_str().unwrap();
        let name = flake_audit::source::store_name("/nix/store", hash, "source").unwrap();
        world.write(&format!("store/{name}/flake.nix"), &world.pair("tool").nix);
        let read = world.verify("root", &["--store", "store"]);
        assert_eq!((read.count().as_str(), read.code), ("1 derivation", 0), "{read:?}");
        let told = "not compared: tool/nixpkgs, held by tool/nixpkgs: nothing is built from it";
        assert!(read.stdout.contains(told), "{read:?}");
    }
}
