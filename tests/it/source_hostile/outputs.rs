//! One source of which every node is asked for another output: results for one node are not used
//! for another, but the source is read only once.

use std::collections::BTreeSet;

use flake_audit::audit::{LockInput, with_analysis};
use flake_audit::lock::Unescaped;
use flake_audit::source::evaluate::facts::Use;
use flake_audit::source::{Reader, Stores};

use super::many::taking_of;
use super::*;

/// How many nodes lead to the source.
const NODES: usize = 100;

/// A root whose shells take another package of each node, and their one source, in which each
/// package is made from another input. It is padded to so many bytes.
fn asking(length: usize) -> FlakeFolder {
    let flake = taking_of(
        NODES,
        |_| "same".into(),
        |at| {
            format!(
                "devShells.x86_64-linux.s{at} =
                   inputs.nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {{
                     packages = [ inputs.d{at}.packages.x.o{at} ]; }};\n"
            )
        },
    );
    let made = |at| format!("packages.x.o{at} = (import inputs.i{at} {{ }}).ollama;\n");
    let outputs: String = (0..NODES).map(made).collect();
    let start = format!("{{ outputs = inputs: {{\n{outputs}}}; }}\n");
    let filling = "# …\n".repeat((length.saturating_sub(start.len())) / "# …\n".len());
    flake.file("same/flake.nix", format!("{start}{filling}"));
    flake
}

#[test]
fn every_node_is_asked_for_something_else() {
    let flake = asking(80_000);
    let bytes = std::fs::read(flake.path().join("flake.lock")).unwrap();
    let unescaped = Unescaped::new();
    let stores = Stores::new(Some(&flake.store()), None);
    let reader = Reader::new(stores, Some(flake.path().to_owned()));
    let source = LockInput {
        name: "flake.lock",
        bytes: &bytes,
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let seen = with_analysis(source, None, &[], |analysis, _| {
        let (lock, code) = (analysis.graph().lock(), analysis.sources());
        for at in 0..NODES {
            let node = lock.node_keyed(&format!("d{at}")).unwrap();
            let done = code.flake_facts(node).unwrap();
            let imported: Vec<&str> = done
                .uses
                .keys()
                .filter(|(_, used)| *used == Use::Import)
                .filter_map(|(input, _)| analysis.graph().inputs_of(node).nth(input.index()))
                .map(|input| lock.input(input).name)
                .collect();
            assert_eq!(imported, [format!("i{at}")]);
        }
        let files = &code.evaluated_root().unwrap().files;
        let same = files.iter().filter(|file| file.path.as_str() == "same/flake.nix");
        let texts: Vec<_> = same.map(|file| file.text.as_ptr()).collect();
        (texts.len(), texts.into_iter().collect::<BTreeSet<_>>().len())
    });
    // Each node evaluates it, and it is in memory once.
    assert_eq!(seen.unwrap(), (NODES, 1));
    let told = flake.audit("every node");
    assert!(!told.dependencies_cut_short && !told.cut_short, "{:#?}", told.warnings);
    for at in 0..NODES {
        assert_holds("every node", &told, &format!("unconfigured-nixpkgs d{at}/i{at}"));
    }
}
