//! Settings and overlays by which instances differ.

use super::verdicts::{CUDA, DEP, Dep, PLAIN, WRAPPER, imported, root, shell, told};

/// Which settings are compared.
#[test]
fn settings_that_differ() {
    let ollama = |config: &str| format!("(import nixpkgs {{ {config} }}).ollama");
    for (what, main, taken, expected) in [
        // Two instances of the root's own.
        ("plain", CUDA, ollama(""), vec!["firm S: ollama by - lacks cudaSupport"]),
        ("the same elsewhere", CUDA, ollama("config = { cudaSupport = true; };"), vec![]),
        ("more", CUDA, ollama("config = { cudaSupport = true; allowUnfree = true; };"), vec![]),
        (
            "ROCm",
            CUDA,
            ollama("config.rocmSupport = true;"),
            vec!["firm S: ollama by - lacks cudaSupport"],
        ),
        ("ROCm in a plain one", PLAIN, ollama("config.rocmSupport = true;"), vec![]),
        // Perhaps it has the setting.
        (
            "unreadable",
            CUDA,
            ollama("config = builtins.fromJSON nixpkgs.x;"),
            vec!["light S: ollama by - lacks cudaSupport"],
        ),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|one| one.replace(" S:", " devShells.x86_64-linux.s:")).collect();
        let flake = root(&shell(main, &taken), None, Dep::Elsewhere);
        assert_eq!(told(&flake), expected, "{what}");
    }
    // Permissions are ignored, wherever they are.
    let unfree = "(import nixpkgs { config.allowUnfree = true; })";
    let ollama = format!("{PLAIN}.ollama");
    assert!(told(&root(&shell(unfree, DEP), None, Dep::Builds(&ollama))).is_empty());
    let flake = root(&shell(WRAPPER, DEP), Some("{ allowUnfree = true; }"), Dep::Builds(&ollama));
    assert!(told(&flake).is_empty());
}

/// Settings that refine CUDA change nothing if CUDA is off.
#[test]
fn capabilities_matter_with_cuda() {
    for (config, found) in [
        ("cudaCapabilities = [ \"8.9\" ];", None),
        ("cudaCapabilities = [ \"8.9\" ]; cudaForwardCompat = true; allowUnfree = true;", None),
        (
            "cudaCapabilities = [ \"8.9\" ]; cudaSupport = true;",
            Some(
                "firm devShells.x86_64-linux.s: ollama by dep/nixpkgs lacks cudaCapabilities+cudaSupport",
            ),
        ),
        (
            "cudaForwardCompat = true; cudaSupport = true;",
            Some("firm devShells.x86_64-linux.s: ollama by dep/nixpkgs lacks cudaSupport"),
        ),
    ] {
        let ollama = format!("{PLAIN}.ollama");
        let flake = root(&shell(&imported(config), DEP), None, Dep::Builds(&ollama));
        assert_eq!(told(&flake), found.into_iter().collect::<Vec<_>>(), "{config}");
    }
}

/// What the overlays of a wrapper change counts like what those of an import do.
#[test]
fn overlays_of_a_wrapper() {
    let wrapper = "{ }; overlays = [ (final: prev: {
        hello = prev.hello.overrideAttrs { doCheck = false; }; new = final.callPackage ({ }: 1) { };
    }) ]";
    for (package, found) in [
        (
            "hello",
            Some(
                "firm devShells.x86_64-linux.s: hello by dep/nixpkgs lacks an override of hello, to follow",
            ),
        ),
        ("new", None),
        ("other", None),
    ] {
        let of_dep = format!("{PLAIN}.{package}");
        let flake = root(&shell(WRAPPER, DEP), Some(wrapper), Dep::Builds(&of_dep));
        assert_eq!(told(&flake), found.into_iter().collect::<Vec<_>>(), "{package}");
    }
}

/// The same setting with other GPUs makes another package.
#[test]
fn other_capabilities_are_another_package() {
    let with = |capabilities: &str| {
        let on = "cudaSupport = true;";
        format!("{on} cudaCapabilities = {capabilities};")
    };
    let differs =
        "firm devShells.x86_64-linux.s: ollama by dep/nixpkgs lacks the same cudaCapabilities";
    let perhaps = "light devShells.x86_64-linux.s: ollama by dep/nixpkgs lacks cudaCapabilities";
    for (of_dep, found) in [
        ("[ \"8.9\" ]", None),
        ("[ (\"8.\" + \"9\") ]", None),
        ("(import ./gpus.nix)", Some(perhaps)),
        ("[ \"7.5\" ]", Some(differs)),
        ("[ \"8.9\" \"7.5\" ]", Some(differs)),
    ] {
        let ollama = format!("{}.ollama", imported(&with(of_dep)));
        let outputs = shell(&imported(&with("[ \"8.9\" ]")), DEP);
        assert_eq!(
            told(&root(&outputs, None, Dep::Builds(&ollama))),
            found.into_iter().collect::<Vec<_>>(),
            "{of_dep}"
        );
    }
    let wrapper = format!("{{ {} }}", with("[ \"8.9\" ]"));
    let ollama = format!("{}.ollama", imported(&with("[ \"7.5\" ]")));
    let flake = root(&shell(WRAPPER, DEP), Some(&wrapper), Dep::Builds(&ollama));
    assert_eq!(told(&flake), [format!("{differs}, to follow")]);
}

/// `cudaForwardCompat` is on where nobody sets it.
#[test]
fn what_is_on_by_default_is_no_difference() {
    for (config, other, found) in [
        ("cudaSupport = true; cudaForwardCompat = true;", "cudaSupport = true;", None),
        ("cudaSupport = true;", "cudaSupport = true; cudaForwardCompat = true;", None),
        (
            "cudaSupport = true; cudaForwardCompat = false;",
            "cudaSupport = true;",
            Some("firm devShells.x86_64-linux.s: ollama by - lacks cudaForwardCompat"),
        ),
    ] {
        let taken = format!("{}.ollama", imported(other));
        let flake = root(&shell(&imported(config), &taken), None, Dep::Builds("null"));
        assert_eq!(told(&flake), found.into_iter().collect::<Vec<_>>(), "{config} {other}");
    }
}
