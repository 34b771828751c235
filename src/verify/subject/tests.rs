use super::*;
use crate::audit::{LockInput, with_analysis};
use crate::lock::{Unescaped, sketch};
use crate::source::{Reader, Stores};

/// The keys of what is compared and of what is not, for a sketched lock and the outputs of the
/// flake.nix beside it, if there is one.
fn subjects_of(text: &str, outputs: Option<&str>) -> Result<(Vec<String>, Vec<String>), String> {
    let folder = tempfile::tempdir().unwrap();
    if let Some(outputs) = outputs {
        let flake =
            format!("{{ outputs = {{ self, ... }}@inputs: with inputs; {{ {outputs} }}; }}");
        std::fs::write(folder.path().join("flake.nix"), flake).unwrap();
    }
    let reader = Reader::new(Stores::new(None, None), Some(folder.path().to_path_buf()));
    let (text, unescaped) = (sketch::lock(text), Unescaped::new());
    let source = LockInput {
        name: "flake.lock",
        bytes: text.as_bytes(),
        unescaped: &unescaped,
        reader: outputs.map(|_| &reader),
    };
    let keys = |subjects: &[ComparedInstance]| {
        subjects
            .iter()
            .map(|subject| match &subject.recipe {
                Recipe::None(why) if why.contains("overlays") => {
                    format!("{} overlaid", subject.node)
                }
                Recipe::Import { config } if !config.is_empty() => format!("{} made", subject.node),
                _ => subject.node.clone(),
            })
            .collect()
    };
    with_analysis(source, None, &[], |analysis, _| {
        subjects(analysis)
            .map(|found| (keys(&found.compared), keys(&found.idle)))
            .map_err(|endless| endless.to_string())
    })
    .unwrap()
}

/// A root that holds plain nixpkgs and a wrapper, which the dependency follows.
const CLEAN: &str = "
    root: nixpkgs, nixpkgs-gpu, dep
    nixpkgs-gpu: nixpkgs=/nixpkgs
    dep: nixpkgs=/nixpkgs-gpu
";

#[test]
fn a_plain_nixpkgs_beside_a_wrapper_is_compared_where_code_builds_from_it() {
    let gpu = "packages.x86_64-linux.gpu = nixpkgs-gpu.legacyPackages.x86_64-linux.hello;";
    for (builds, outputs) in [
        (false, ""),
        (true, "packages.x86_64-linux.a = nixpkgs.legacyPackages.x86_64-linux.hello;"),
        (true, r#"packages.x86_64-linux.a = (import nixpkgs { system = "x86_64-linux"; }).hello;"#),
        // With overlays it is another instance.
        (
            false,
            "packages.x86_64-linux.a = (import nixpkgs { overlays = [ (final: prev: { }) ]; }).hello;",
        ),
        // Only its library is used, or an import whose result is not used.
        (false, "names = nixpkgs.legacyPackages.x86_64-linux.lib.attrNames { };"),
        (false, r#"names = nixpkgs.lib.attrNames { };"#),
        (false, r#"packages.x86_64-linux.a = let p = import nixpkgs { }; in 1;"#),
        // Overlays are built by those who use them.
        (false, r#"overlays.default = final: prev: { a = final.hello; };"#),
    ] {
        let (compared, idle) = subjects_of(CLEAN, Some(&format!("{gpu} {outputs}"))).unwrap();
        // What the root makes is an instance of its own.
        let compared: Vec<_> = compared.into_iter().filter(|at| at != "nixpkgs overlaid").collect();
        let (one, other): (&[&str], &[&str]) = match builds {
            true => (&["nixpkgs", "nixpkgs-gpu"], &[]),
            false => (&["nixpkgs-gpu"], &["nixpkgs"]),
        };
        assert_eq!(
            (compared.as_slice(), idle.as_slice()),
            (&strings(one)[..], &strings(other)[..]),
            "{outputs}"
        );
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn one_that_the_root_configures_itself_is_another_instance() {
    let configured = r#"packages.x86_64-linux.a = (import nixpkgs {
        system = "x86_64-linux"; config.cudaSupport = true; }).hello;"#;
    let lock = "root: nixpkgs, dep\ndep: nixpkgs=nixpkgs_2";
    let (compared, idle) = subjects_of(lock, Some(configured)).unwrap();
    assert_eq!(compared, ["nixpkgs made"]);
    assert_eq!(idle, ["nixpkgs", "nixpkgs_2"], "nothing is taken of `dep`, nor built plainly");
    let both = format!("{configured} b = nixpkgs.legacyPackages.x86_64-linux.hello;");
    let (compared, _) = subjects_of(lock, Some(&both)).unwrap();
    assert_eq!(compared, ["nixpkgs", "nixpkgs made"]);
    let taken =
        format!("{configured} packages.x86_64-linux.d = dep.packages.x86_64-linux.default;");
    let (compared, _) = subjects_of(lock, Some(&taken)).unwrap();
    assert_eq!(compared, ["nixpkgs_2", "nixpkgs made"]);
}

#[test]
fn without_code_what_may_pin_a_version_does() {
    // The root's own, which is also the wrapper's base.
    assert_eq!(subjects_of(CLEAN, None).unwrap().1, ["nixpkgs"]);
    let base = CLEAN.replace("root: nixpkgs,", "root: base=nixpkgs, nixpkgs=nixpkgs_2,");
    let base = base.replace("nixpkgs=/nixpkgs\n", "nixpkgs=/base\n");
    assert_eq!(subjects_of(&base, None).unwrap().1, ["nixpkgs", "nixpkgs_2"]);
    // Something may be built from another one.
    let other = CLEAN.replace("root: nixpkgs,", "root: nixpkgs, other=nixpkgs_2,");
    assert_eq!(subjects_of(&other, None).unwrap().0, ["nixpkgs-gpu", "nixpkgs_2"]);
    // A dependency that holds the wrapper uses its primary slot to pin a version, and no other.
    let dependency = CLEAN.replace("dep: ", "dep: x=/nixpkgs-gpu, stable=nixpkgs_3, ");
    let dependency = dependency.replace("nixpkgs=/nixpkgs-gpu\n", "nixpkgs=nixpkgs_2\n");
    let (compared, idle) = subjects_of(&dependency, None).unwrap();
    assert_eq!(idle, ["nixpkgs", "nixpkgs_2"]);
    assert_eq!(compared, ["nixpkgs-gpu", "nixpkgs_3"]);
    // Without a wrapper, all of them are used.
    let none = subjects_of("root: nixpkgs, dep\ndep: nixpkgs=nixpkgs_2", None).unwrap();
    assert_eq!(none, (strings(&["nixpkgs", "nixpkgs_2"]), vec![]));
}

#[test]
fn nix_is_not_asked_where_it_would_not_stop() {
    let told = subjects_of("root: a\na: b\nb: a", None).unwrap_err();
    assert!(told.starts_with("a/b/a leads back"), "{told}");
    let told = subjects_of("root: nixpkgs, x=/y, y=/x", None).unwrap_err();
    assert!(told.starts_with("x follows itself"), "{told}");
    // An unreachable loop does not matter.
    assert!(subjects_of("root: nixpkgs\nleft: x=/left/x", None).is_ok());
}
