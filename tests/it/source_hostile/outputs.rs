//! One source of which every node is asked for other outputs: nothing that was found for one node
//! serves another, and the whole is bounded all the same.

use std::collections::{BTreeMap, BTreeSet};

use flake_audit::audit::{Source, with_facts};
use flake_audit::lock::Unescaped;
use flake_audit::source::evaluate::Wanted;
use flake_audit::source::evaluate::facts::Place;
use flake_audit::source::{Reader, Stores};

use super::many::taking_of;
use super::*;

/// How many nodes lead to the source.
const NODES: usize = 100;

/// What a source can be asked for, and where that is.
const KINDS: [(Wanted, &str); 4] = [
    (Wanted::Built, "packages.x"),
    (Wanted::Overlays, "overlays"),
    (Wanted::Modules, "nixosModules"),
    (Wanted::Lib, "lib"),
];

/// The kinds of which the root takes something from a node: another set of them for fifteen nodes,
/// and other inputs for each.
fn asked(at: usize) -> impl Iterator<Item = (Wanted, &'static str)> {
    let taken = at % 15 + 1;
    let kinds = KINDS.iter().enumerate().filter(move |(bit, _)| taken & (1 << bit) != 0);
    kinds.map(|(_, kind)| *kind)
}

/// A root that takes them, and their one source, which is filled with `unit` up to so many bytes.
/// Its outputs come to a file of their kind, and to whichever of a hundred inputs the node has.
fn asking(length: usize, unit: &str) -> FlakeFolder {
    let flake = taking_of(
        NODES,
        |_| "same".into(),
        |at| {
            let taken = asked(at).map(|(_, output)| {
                format!("packages.x.\"{at} of {output}\" = inputs.d{at}.{output}.o{at};\n")
            });
            taken.collect()
        },
    );
    let mut outputs = String::new();
    for (_, output) in KINDS {
        for at in 0..NODES {
            outputs += &format!(
                "{output}.o{at} = _: _: [ {at} filling own (import ./{}) ];\n",
                file(output)
            );
        }
        flake.file(&format!("same/{}", file(output)), "null\n");
    }
    let own: String = (0..NODES).map(|at| format!(" (import inputs.i{at} {{ }})")).collect();
    let start = format!("{{ outputs = inputs: let own = [{own} ]; filling = [");
    let end = format!(" ]; in {{\n{outputs}}}; }}\n");
    let room = length - start.len() - end.len();
    let filling = unit.repeat(room / unit.len());
    flake.file("same/flake.nix", format!("{start}{filling}{end}"));
    flake
}

/// The file that outputs of a kind come to.
fn file(output: &str) -> String {
    format!("{}.nix", output.split('.').next().unwrap())
}

/// What the sources of an audit came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Looked {
    /// What each node was looked at for, by its number.
    runs: BTreeMap<usize, Vec<Run>>,
    /// Those of which not all was looked at.
    cut_short: BTreeSet<usize>,
    /// How often the source's `flake.nix` was read.
    reads: usize,
    steps: u64,
}

/// What was found for one node in outputs of one kind.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    wanted: Wanted,
    /// The files that it came to, but for `flake.nix`.
    files: Vec<String>,
    /// What stands where it uses a nixpkgs.
    uses: Vec<String>,
}

/// Looks at the sources of a folder.
fn looked(flake: &FlakeFolder) -> Looked {
    let bytes = std::fs::read(flake.path().join("flake.lock")).unwrap();
    let unescaped = Unescaped::new();
    let stores = Stores::new(Some(&flake.store()), None);
    let reader = Reader::new(stores, Some(flake.path().to_owned()));
    let source =
        Source { name: "flake.lock", bytes: &bytes, unescaped: &unescaped, reader: Some(&reader) };
    let looked = with_facts(source, None, &[], |facts, _| {
        let mut looked = Looked::default();
        // All of them are held, so that no two are at one place.
        let mut texts: Vec<Arc<str>> = Vec::new();
        let (lock, code) = (facts.graph().lock(), facts.code());
        for node in lock.nodes().ids() {
            let number = lock.node(node).key.strip_prefix('d').and_then(|at| at.parse().ok());
            let Some(number) = number else { continue };
            if code.cut_short.contains(&node) {
                looked.cut_short.insert(number);
            }
            let Some(flake) = code.flake(node) else { continue };
            for (wanted, _) in KINDS {
                let Some(run) = flake.run(wanted) else { continue };
                let (first, others) = run.files.split_first().unwrap();
                let used = |place: &Place| {
                    run.files[place.file as usize].text[place.span.range()].to_owned()
                };
                looked.steps += run.steps;
                looked.runs.entry(number).or_default().push(Run {
                    wanted,
                    files: others.iter().map(|file| file.path.to_string()).collect(),
                    uses: run.uses.values().map(used).collect(),
                });
                texts.push(first.text.clone());
            }
        }
        looked.reads = texts.iter().map(|text| text.as_ptr()).collect::<BTreeSet<_>>().len();
        looked
    });
    looked.unwrap()
}

/// What each node uses is found, whether it was seen or is assumed.
fn assert_found(name: &str, told: &Told) {
    assert_holds(name, told, ROOT_FINDING);
    for at in 0..NODES {
        assert_holds(name, told, &format!("unconfigured-secondary d{at}/i{at}"));
    }
}

/// Where all of it fits, each node is looked at for what it was asked, with its own inputs.
#[test]
fn every_node_is_asked_for_something_else() {
    let flake = asking(60_000, "/* */ ");
    let looked = looked(&flake);
    assert_eq!(looked.runs.len(), NODES);
    for (at, runs) in &looked.runs {
        let expected: Vec<Run> = asked(*at)
            .map(|(wanted, output)| Run {
                wanted,
                files: vec![format!("same/{}", file(output))],
                uses: vec![format!("import inputs.i{at} {{ }}")],
            })
            .collect();
        assert_eq!(runs, &expected, "d{at}");
    }
    assert_eq!((looked.cut_short, looked.reads), (BTreeSet::new(), 1));
    let told = flake.audit("every node");
    assert!(!told.dependencies_cut_short && !told.cut_short, "{:#?}", told.warnings);
    assert_found("every node", &told);
}

/// Where it does not, the budget is that of the lock, and not of each question: what did not fit is
/// said, and judged as if it were not on disk.
#[test]
fn what_every_node_is_asked_for_is_too_much() {
    /// What the sources of one lock may cost.
    const WHOLE: u64 = 16_000_000;
    // The one is much to read, the other to evaluate.
    for (length, unit) in [(LONGEST, "/* */ "), (100_000, "[]")] {
        let flake = asking(length, unit);
        let first = looked(&flake);
        assert!(!first.runs.is_empty(), "{unit}");
        let whole = first.runs.keys().filter(|at| !first.cut_short.contains(at)).count();
        assert_eq!(whole + first.cut_short.len(), NODES, "{unit}: {first:#?}");
        assert!(first.cut_short.len() > NODES / 2, "{unit}: {first:#?}");
        assert_eq!(first.reads, 1, "{unit}");
        assert!(first.steps < WHOLE, "{unit}: {} steps", first.steps);
        // Whichever thread was first.
        assert_eq!(looked(&flake), first, "{unit}");
        let told = flake.audit(unit);
        assert!(told.dependencies_cut_short, "{unit}: {told:#?}");
        assert_found(unit, &told);
    }
}
