use super::*;
use crate::graph::{Graph, Overrides};
use crate::lock::sketch::lock;
use crate::lock::{Lock, Unescaped};
use crate::source::declare::Declarations;
use crate::source::syntax::File;

/// The needs of a sketched lock, and of a flake.nix with these inputs.
fn needed(sketch: &str, inputs: &str) -> Vec<String> {
    let text = lock(sketch);
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let file = File::parse_flake(format!("{{ {inputs} outputs = _: {{ }}; }}").into()).unwrap();
    let declared = Declarations::read(&file).unwrap();
    let all = lock::needs(&graph).into_iter().chain(flake::needs(&graph, &declared));
    let name = |need: &Need| match &need.place {
        NeedPlace::Node(node, _) => graph.owner_path(*node).names().join("/"),
        NeedPlace::Input(input) => graph.input_path(*input).names().join("/"),
        NeedPlace::Flake(path, _) => path.join("/"),
    };
    all.map(|need| format!("{} {}", need.nix, name(&need))).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn overrides_are_deep_where_somebody_looks_at_them() {
    let sketch = "root: a, c
        a: b, f=/c
        b: x=/c
        c: x";
    let needed = |inputs| needed(sketch, inputs);
    assert_eq!(needed(r#"inputs.a.inputs.b.follows = "c";"#), NOTHING);
    let deep = ["Nix 2.30 a/b/x"];
    assert_eq!(needed(r#"inputs.a.inputs.b.inputs.x.follows = "c";"#), deep);
    assert_eq!(needed(r#"inputs.a.inputs.b.inputs.x.url = "github:acme/x";"#), deep);
    assert_eq!(needed(r#"inputs.a = { inputs = { b.inputs.x.follows = "c"; }; };"#), deep);
    for line in [
        // Below an input that follows, by flake.nix or by the dependency, and below one that does
        // not exist.
        r#"inputs.a.inputs.b.follows = "c"; inputs.a.inputs.b.inputs.x.follows = "c";"#,
        r#"inputs.a.inputs.f.inputs.x.follows = "c";"#,
        r#"inputs.a.inputs.gone.inputs.x.follows = "c";"#,
        r#"inputs.gone.inputs.b.inputs.x.follows = "c";"#,
        // It overrides nothing.
        r#"inputs.a.inputs.b.inputs.x.flake = false;"#,
    ] {
        assert_eq!(needed(line), NOTHING, "{line}");
    }
}

#[test]
fn follows_lead_through_follows() {
    let lock = |y: &str| format!("root: a, c, y=/{y}\n a: b=/c, d\n d: x\n c: x");
    assert_eq!(needed(&lock("a/b/x"), ""), ["Nix 2.18 y"]);
    // The last step may be a follows; a path that leads nowhere is not a need.
    for path in ["a/b", "a/d/x", "c/x", "a/b/gone", "", "y/x"] {
        assert_eq!(needed(&lock(path), ""), NOTHING, "{path}");
    }
}

#[test]
fn what_flake_nix_says() {
    let needed = |inputs| needed("root: a\n a:", inputs);
    assert_eq!(needed("inputs.self.lfs = true; inputs.self.submodules = true;").len(), 2);
    assert_eq!(needed("inputs.a.url = ./a;"), ["Nix 2.26 a"]);
    assert_eq!(needed(r#"inputs.a.url = "path:./a";"#), NOTHING);
    assert_eq!(needed("inputs.a.buildTime = true;"), ["Determinate Nix a"]);
    assert_eq!(needed("inputs.a.buildTime = false;"), NOTHING);
}

#[test]
fn a_version_is_met_from_itself_on() {
    let since = Needed::Since(NixVersion::minor(26));
    assert!(since.is_met_from(NixVersion::minor(26)) && since.is_met_from(NixVersion::minor(34)));
    assert!(!since.is_met_from(NixVersion::patch(25, 9)));
    assert!(!Needed::Determinate.is_met_from(NixVersion::minor(99)));
}
