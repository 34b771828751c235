mod formats;

use super::chains::Chains;
use super::variants::{Duplicates, duplicates};
use crate::derivation::stub::{Drv, Stub};
use crate::derivation::{Closure, DerivationStore, DrvId};

/// A small nixpkgs: a bootstrap in which compilers exist twice by design, libraries, and an
/// environment of packages.
struct World {
    stub: Stub,
}

/// A nixpkgs with settings.
#[derive(Clone, Copy)]
struct Instance<'i> {
    version: &'i str,
    cuda: &'i str,
}

const PLAIN: Instance<'_> = Instance { version: "1", cuda: "" };
const CUDA: Instance<'_> = Instance { version: "1", cuda: "1" };

impl World {
    fn new() -> Self {
        Self { stub: Stub::new() }
    }

    fn stdenv(&self) -> Drv {
        let seed = self.stub.fetched("bootstrap-tools", &[]);
        let mut gcc = self.stub.add("gcc-13", &[("stage", "1"), ("cc", &seed.out)], &[&seed]);
        for stage in ["2", "3"] {
            gcc = self.stub.add("gcc-13", &[("stage", stage), ("cc", &gcc.out)], &[&gcc]);
        }
        self.stub.add("stdenv-linux", &[("cc", &gcc.out)], &[&gcc])
    }

    fn package(&self, name: &str, env: &[(&str, &str)], inputs: &[&Drv]) -> Drv {
        let stdenv = self.stdenv();
        let outs: Vec<&str> = inputs.iter().map(|input| input.out.as_str()).collect();
        let outs = outs.join(" ");
        let env: Vec<(&str, &str)> = env
            .iter()
            .copied()
            .chain([("stdenv", &*stdenv.out), ("buildInputs", &*outs)])
            .collect();
        let inputs: Vec<&Drv> = inputs.iter().copied().chain([&stdenv]).collect();
        self.stub.add(name, &env, &inputs)
    }

    fn openblas(&self, of: Instance<'_>) -> Drv {
        let name = format!("openblas-{}", of.version);
        self.package(&name, &[("cudaSupport", of.cuda), ("version", of.version)], &[])
    }

    fn numpy(&self, of: Instance<'_>) -> Drv {
        let blas = self.package("blas-3", &[], &[&self.openblas(of)]);
        let site = self.stub.add(
            "site.cfg",
            &[("text", &blas.out), ("preferLocalBuild", "1"), ("allowSubstitutes", "")],
            &[&blas],
        );
        self.package("python3.13-numpy-2", &[("site", &site.out)], &[&blas, &site])
    }

    fn solver(&self, of: Instance<'_>) -> Drv {
        self.package("solver-1", &[], &[&self.numpy(of)])
    }

    fn environment(&self, packages: &[&Drv]) -> Drv {
        let paths: Vec<String> = packages.iter().map(|it| format!("\"{}\"", it.out)).collect();
        let pkgs = format!("[{{\"paths\":[{}]}}]", paths.join(","));
        self.stub.add("env", &[("pkgs", &pkgs), ("pathsToLink", "/")], packages)
    }

    fn compare(&self, one: &Drv, other: &Drv) -> (Closure, DrvId, Duplicates) {
        let store = DerivationStore::of(&one.path, Some(self.stub.folder())).unwrap();
        let mut closure = Closure::new(store);
        let (root, repaired) =
            (closure.read(&one.path).unwrap(), closure.read(&other.path).unwrap());
        let found = duplicates(&closure, root, &[(root, repaired)]).unwrap();
        (closure, root, found)
    }
}

/// Name, whether it collides, and where the difference begins.
fn told(found: &Duplicates) -> Vec<(String, bool, Vec<String>)> {
    let begins = |duplicate: &super::Duplicate| {
        duplicate
            .begins
            .iter()
            .flat_map(|begins| {
                begins.differences.iter().map(|difference| {
                    let [one, other] = &difference.values;
                    format!("{}: {} {one:?} {other:?}", begins.name, difference.attribute)
                })
            })
            .collect()
    };
    found.twice.iter().map(|it| (it.name.clone(), it.collides.is_some(), begins(it))).collect()
}

#[test]
fn a_library_of_another_instance_is_there_twice() {
    let world = World::new();
    let environment = |solver: Instance<'_>| {
        world.environment(&[&world.numpy(CUDA), &world.numpy(solver), &world.solver(solver)])
    };
    let (closure, root, found) = world.compare(&environment(PLAIN), &environment(CUDA));
    let begins = vec!["openblas: cudaSupport \"\" \"1\"".to_owned()];
    // Neither compilers of the bootstrap, nor the solver, which exists once.
    assert_eq!(
        told(&found),
        [
            ("python3.13-numpy".to_owned(), true, begins.clone()),
            ("blas".to_owned(), false, begins.clone()),
            ("openblas".to_owned(), false, begins.clone()),
            ("site.cfg".to_owned(), false, begins),
        ]
    );
    let numpy = &found.twice[0];
    assert_eq!(numpy.collides.map(|id| closure.name(id)), Some("env"));
    // The variant that would be replaced.
    assert_eq!(numpy.variants.len(), 2);
    assert_eq!(Chains::from(&closure, root).to(numpy.variants[0]), ["env", "python3.13-numpy-2"]);
    let openblas = &found.twice[2];
    assert_eq!(
        Chains::from(&closure, root).to(openblas.variants[0]),
        ["env", "python3.13-numpy-2", "blas-3", "openblas-1"]
    );
}

#[test]
fn packages_that_both_instances_have_find_the_same() {
    let world = World::new();
    let environment = |solver: Instance<'_>| {
        world.environment(&[&world.numpy(CUDA), &world.numpy(solver), &world.solver(solver)])
    };
    let (mut closure, root, whole) = world.compare(&environment(PLAIN), &environment(CUDA));
    let mut pair = |of: &dyn Fn(Instance<'_>) -> Drv| {
        (closure.read(&of(PLAIN).path).unwrap(), closure.read(&of(CUDA).path).unwrap())
    };
    let numpy = pair(&|of| world.numpy(of));
    let openblas = pair(&|of| world.openblas(of));
    // Something that is not part of the output does not matter.
    let newer = pair(&|of| world.openblas(Instance { version: "2", ..of }));
    let found = duplicates(&closure, root, &[numpy, newer]).unwrap();
    assert_eq!(told(&found), told(&whole));
    let found = duplicates(&closure, root, &[openblas]).unwrap();
    let names: Vec<&str> = found.twice.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["openblas"]);
    assert_eq!(duplicates(&closure, root, &[newer]).unwrap(), Duplicates::default());
    // With one instance there is nothing of the other.
    let one = closure.read(&environment(CUDA).path).unwrap();
    assert_eq!(duplicates(&closure, one, &[numpy, openblas]).unwrap(), Duplicates::default());
}

#[test]
fn what_an_environment_of_python_lacks_is_told() {
    let world = World::new();
    let python = |name: &str, packages: &[&Drv]| {
        let paths: Vec<String> = packages.iter().map(|it| format!("\"{}\"", it.out)).collect();
        let pkgs = format!("[{{\"paths\":[{}]}}]", paths.join(","));
        world.stub.add(name, &[("pkgs", &pkgs), ("pathsToLink", "/")], packages)
    };
    let solver = world.package("python3.13-solver-1", &[], &[&world.numpy(CUDA)]);
    let module = |version: &str| world.package(&format!("python{version}-tool-1"), &[], &[]);
    let dropped = |name: &str, one: &[&Drv], other: &[&Drv]| {
        let (closure, _, found) = world.compare(&python(name, one), &python(name, other));
        let name = |id: &DrvId| closure.name(*id).to_owned();
        let dropped = found.dropped.iter().map(|(id, names)| (name(id), names.join(" ")));
        dropped.collect::<Vec<_>>()
    };
    let (numpy, old, new) = (world.numpy(CUDA), module("3.12"), module("3.13"));
    assert_eq!(
        dropped("python3-3.13.1-env", &[&numpy, &old], &[&numpy, &new, &solver]),
        [("python3-3.13.1-env".to_owned(), "solver".to_owned())]
    );
    // An environment with all modules under another interpreter's name lacks nothing, and no other
    // kind of environment drops anything.
    assert_eq!(dropped("python3-3.13.1-env", &[&numpy, &old], &[&numpy, &new]), []);
    assert_eq!(dropped("tools-env", &[&numpy], &[&numpy, &solver]), []);
}

#[test]
fn one_instance_has_nothing_twice() {
    let world = World::new();
    let one = world.environment(&[&world.numpy(CUDA), &world.solver(CUDA)]);
    let (_, _, found) = world.compare(&one, &one);
    assert_eq!(found, Duplicates::default());
    // A dependency of another instance that shares nothing with the rest has no duplicates either.
    let alone = world.environment(&[&world.solver(PLAIN)]);
    let repaired = world.environment(&[&world.solver(CUDA)]);
    let (_, _, found) = world.compare(&alone, &repaired);
    assert_eq!(found, Duplicates::default());
}

#[test]
fn two_dependencies_with_an_instance_each() {
    let world = World::new();
    let newer = Instance { version: "2", cuda: "" };
    let tool = |of: Instance<'_>| world.package("tool-1", &[], &[&world.openblas(of)]);
    let one = world.environment(&[&world.solver(PLAIN), &tool(newer)]);
    let repaired = world.environment(&[&world.solver(CUDA), &tool(CUDA)]);
    let (_, _, found) = world.compare(&one, &repaired);
    let names: Vec<&str> = found.twice.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["openblas"]);
    // A version explains more than other differences.
    let begins: Vec<&str> =
        found.twice[0].begins.iter().flat_map(|b| &b.differences).map(|d| &*d.attribute).collect();
    assert!(begins.contains(&"version"), "{begins:?}");
}

#[test]
fn what_is_meant_to_be_another_is_left() {
    let world = World::new();
    // Two openblas in one instance, which the repair changes in the same way.
    let pair = |of: Instance<'_>| {
        let minimal = world.package("openblas-1", &[("minimal", of.cuda), ("version", "1")], &[]);
        let tool = world.package("tool-1", &[], &[&minimal]);
        world.package("app-1", &[], &[&tool, &world.openblas(of)])
    };
    let (_, _, found) = world.compare(&pair(PLAIN), &pair(CUDA));
    assert_eq!(found, Duplicates::default());
}

#[test]
fn a_text_that_differs_by_itself_is_meant() {
    let world = World::new();
    let text = |text: &str| {
        let env = [("text", text), ("preferLocalBuild", "1"), ("allowSubstitutes", "")];
        world.stub.add("config.toml", &env, &[])
    };
    let tool = |of: &Drv| world.package("tool-1", &[("config", &of.out)], &[of]);
    let (ours, theirs) = (text("ours"), text("theirs"));
    let one = world.environment(&[&tool(&theirs), &ours]);
    let other = world.environment(&[&tool(&ours), &ours]);
    let (_, _, found) = world.compare(&one, &other);
    assert!(found.twice.iter().all(|it| it.name != "config.toml"), "{found:?}");
}

#[test]
fn sources_in_no_attribute_are_told_where_nothing_else_differs() {
    let world = World::new();
    let hash = "1".repeat(32);
    let library = |script: &str| {
        let source = format!("/nix/store/{hash}-{script}");
        world.stub.add_with("lib-1", &[("version", "1")], &[], &[&source])
    };
    let tool = |library: &Drv| world.package("tool-1", &[], &[library]);
    let (a, b) = (library("a.sh"), library("b.sh"));
    let one = world.environment(&[&tool(&a), &b]);
    let other = world.environment(&[&tool(&b), &b]);
    let (_, _, found) = world.compare(&one, &other);
    assert_eq!(
        told(&found),
        [("lib".to_owned(), false, vec!["lib: (sources) \"a.sh\" \"b.sh\"".to_owned()])]
    );
}
