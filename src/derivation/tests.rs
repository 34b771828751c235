use super::stub::Stub;
use super::*;

fn closure(stub: &Stub) -> Closure {
    let any = format!("/nix/store/{}-x.drv", "0".repeat(32));
    Closure::new(DerivationStore::of(&any, Some(stub.folder())).unwrap())
}

#[test]
fn a_closure_has_each_derivation_once() {
    let stub = Stub::new();
    let a = stub.add("a-1", &[], &[]);
    let b = stub.add("b-1", &[("deps", &a.out)], &[&a]);
    let c = stub.add("c-1", &[("deps", &format!("{} {}", a.out, b.out))], &[&a, &b]);
    let mut closure = closure(&stub);
    let root = closure.read(&c.path).unwrap();
    let names: Vec<&str> = closure.below(root).into_iter().map(|id| closure.name(id)).collect();
    assert_eq!(names, ["a-1", "b-1", "c-1"]);
    assert_eq!(closure.read(&c.path).unwrap(), root);
    assert_eq!(closure.len(), 3);
}

#[test]
fn what_has_the_same_outputs_is_the_same() {
    let stub = Stub::new();
    // Another curl fetches the same source: all `.drv` files differ, but only one output does.
    let curl = stub.add("curl-1", &[], &[]);
    let other = stub.add("curl-1", &[("flag", "1")], &[]);
    let package = |curl| {
        let source = stub.fetched("source", &[curl]);
        stub.add("package-1", &[("src", &source.out)], &[&source])
    };
    let (one, two) = (package(&curl), package(&other));
    assert_ne!(one.path, two.path);
    let mut closure = closure(&stub);
    assert_eq!(closure.read(&one.path).unwrap(), closure.read(&two.path).unwrap());
    // The derivation that fetches it is not even read.
    assert_eq!(closure.len(), 2);
}

#[test]
fn what_is_no_derivation_is_an_error() {
    let stub = Stub::new();
    let a = stub.add("a", &[], &[]);
    let b = stub.add("b", &[], &[&a]);
    let file = |path: &str| stub.folder().join(path.rsplit('/').next().unwrap());
    for garbage in [&b""[..], b"Derive(", b"\xff\xfe", b"Derive([],[],[],\"\",\"\",[],[])x"] {
        std::fs::write(file(&a.path), garbage).unwrap();
        let error = closure(&stub).read(&b.path).unwrap_err();
        assert!(matches!(error, DerivationError::Malformed { .. }), "{error}");
    }
    std::fs::remove_file(file(&a.path)).unwrap();
    let error = closure(&stub).read(&b.path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read {}", a.path)), "{error}");
    // A folder is not a derivation, nor is one that needs itself.
    std::fs::create_dir(file(&a.path)).unwrap();
    assert!(closure(&stub).read(&b.path).is_err());
    std::fs::remove_dir(file(&a.path)).unwrap();
    let text = std::fs::read(file(&b.path)).unwrap();
    std::fs::write(file(&a.path), String::from_utf8(text).unwrap().replace(&a.path, &b.path))
        .unwrap();
    let error = closure(&stub).read(&b.path).unwrap_err();
    assert!(matches!(error, DerivationError::Circle(_)), "{error}");
}

#[test]
fn nothing_recurses_on_what_needs_what() {
    let stub = Stub::new();
    let mut top = stub.add("x0", &[], &[]);
    for number in 1..20_000 {
        top = stub.add(&format!("x{number}"), &[("deps", &top.out)], &[&top]);
    }
    let mut closure = closure(&stub);
    let root = closure.read(&top.path).unwrap();
    assert_eq!(closure.below(root).len(), 20_000);
}

#[test]
fn members_of_a_shell_come_with_what_they_propagate() {
    let stub = Stub::new();
    let c = stub.add("c", &[], &[]);
    let b = stub.add("b", &[("propagatedBuildInputs", &c.out)], &[&c]);
    let a = stub.add("a", &[("buildInputs", &c.out)], &[&c]);
    let inputs = format!("{} {}", a.out, b.out);
    let shell = stub.add("shell", &[("buildInputs", &inputs), ("shellHook", "")], &[&a, &b]);
    let links = stub.add(
        "links",
        &[("pkgs", &format!("[{{\"paths\":[\"{}\"]}}]", b.out)), ("pathsToLink", "/")],
        &[&b],
    );
    let mut closure = closure(&stub);
    let mut members = |drv: &str| -> Vec<String> {
        let id = closure.read(drv).unwrap();
        closure.members(id).into_iter().map(|id| closure.name(id).to_owned()).collect()
    };
    assert_eq!(members(&shell.path), ["a", "b", "c"]);
    assert_eq!(members(&links.path), ["b"]);
}
