//! Which folders a lock can cause to be read.

use std::path::Path;

use super::{run, text, write};

/// How many sources were read of a flake with one input that is locked to this path.
fn read(root: &Path, nix: &str, path: &Path) -> u64 {
    let path = path.to_str().unwrap();
    let reference = format!(r#"{{"type":"path","path":"{path}"}}"#);
    let node = format!(r#"{{"locked":{reference},"original":{reference}}}"#);
    let lock = format!(
        r#"{{"nodes":{{"root":{{"inputs":{{"dep":"dep"}}}},"dep":{node}}},"root":"root","version":7}}"#
    );
    write(root, "flake.lock", lock);
    // Sources are read if they could matter: beside something configured.
    write(root, "flake.nix", nix);
    let output = run(root, &["check", "--format", "json", "."]);
    let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    report["reports"][0]["sources"]["read"].as_u64().unwrap()
}

#[test]
fn an_absolute_path_is_read_only_if_the_roots_own_flake_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (root, home) = (folder.path().join("root"), folder.path().join("home"));
    let outputs = "outputs = { self, dep }: { packages.x = dep.packages.x; };";
    let flake = "{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = { self, nixpkgs }: { \
        legacyPackages.x86_64-linux = import nixpkgs { config.cudaSupport = true; }; }; }";
    write(&home, "secret/flake.nix", flake);
    write(&root, "sub/flake.nix", flake);
    let secret = home.join("secret");
    let shown = secret.display();
    for (inputs, is_read) in [
        (format!("inputs.dep.url = \"path:{shown}\";"), true),
        (format!("inputs.dep.url = \"{shown}/\";"), true),
        (format!("inputs.dep = {{ type = \"path\"; path = \"{shown}\"; }};"), true),
        (format!("inputs.other.inputs.below.url = \"path:{shown}\";"), true),
        ("inputs.dep.url = \"github:acme/dep\";".to_owned(), false),
        (format!("inputs.dep.url = \"path:{shown}/..\";"), false),
        (format!("# path:{shown}\n"), false),
    ] {
        let nix = format!("{{ {inputs} {outputs} }}");
        assert_eq!(read(&root, &nix, &secret), u64::from(is_read), "{inputs}");
    }
    // A folder in the flake is its own; a link in it is followed.
    let nix = format!("{{ {outputs} }}");
    let inside = root.canonicalize().unwrap();
    assert_eq!(read(&root, &nix, &inside.join("sub")), 1);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, root.join("link")).unwrap();
        assert_eq!(read(&root, &nix, &inside.join("link")), 0);
    }
}
