//! One budget for all sources of a lock, and one reading of each.

use super::*;
use crate::instance::Reach;

/// A folder that is listed so often.
fn listed(times: usize) -> String {
    dependency(&format!("[ {} ]", "(builtins.attrNames (builtins.readDir ./many))".repeat(times)))
}

/// A root that takes a package of each of so many flakes, which are in folders of these names.
fn taking(count: usize, folder: impl Fn(usize) -> String) -> Flake {
    let takes: String =
        (0..count).map(|at| format!("packages.x.p{at} = inputs.d{at}.packages.x.a;\n")).collect();
    let mut flake = Flake::new(&format!(
        "{{ nixpkgs, ... }}@inputs: {{
           packages.x.mine = (import nixpkgs {{ config.cudaSupport = true; }}).hello;
           {takes} }}"
    ));
    for at in 0..count {
        let name = format!("d{at}");
        flake.folder(&name, &format!("./{}", folder(at)));
        flake.follows(&name, "nixpkgs", &["nixpkgs"]);
    }
    flake
}

fn dependency(package: &str) -> String {
    format!("{{ outputs = {{ nixpkgs, ... }}: {{ packages.x.a = {package}; }}; }}")
}

/// How each slot is reached, and how many of the flakes were cut short.
fn told(flake: &Flake, count: usize) -> (Vec<Option<Reach>>, usize, usize) {
    flake.read(|facts| {
        let graph = facts.graph();
        let reach = |at: usize| {
            let holder = node(facts, &format!("d{at}"));
            let slot = graph.lock().input_named(holder, "nixpkgs").unwrap();
            facts.code().reach(graph, slot)
        };
        let code = facts.code();
        ((0..count).map(reach).collect(), code.cut_short.len(), code.read)
    })
}

#[test]
fn flakes_with_the_same_code_and_inputs_are_looked_through_once() {
    const MANY: usize = 200;
    let flake = taking(MANY, |_| "same".into());
    flake.write("same/flake.nix", &dependency("nixpkgs.legacyPackages.x.hello"));
    flake.read(|facts| {
        let run = |at: usize| {
            let flake = facts.code().flake(node(facts, &format!("d{at}"))).unwrap();
            let run: *const _ = flake.run(crate::source::evaluate::Wanted::Built).unwrap();
            run
        };
        assert!((1..MANY).all(|at| run(at) == run(0)));
    });
}

#[test]
fn inputs_are_what_tells_flakes_with_the_same_code_apart() {
    let mut flake = taking(2, |_| "same".into());
    flake.write("same/flake.nix", &dependency("nixpkgs.legacyPackages.x.hello"));
    // The second one's nixpkgs is a flake like any other.
    flake.github("root", "plain", "acme/plain");
    flake.follows("d1", "nixpkgs", &["plain"]);
    let (reach, ..) = told(&flake, 2);
    assert_eq!(reach[0], Some(Reach::Firm));
    flake.read(|facts| {
        let takes = |key: &str| {
            let code = facts.code().flake(node(facts, key)).unwrap();
            code.runs().map(|run| run.uses.len()).sum::<usize>()
        };
        assert_eq!((takes("d0"), takes("d1")), (1, 0));
    });
}

#[test]
fn whoever_costs_too_much_counts_as_unread_and_the_others_are_read() {
    const MANY: usize = 30;
    // The small ones use no nixpkgs: nothing of it is reached, but for what is not known.
    let flake = taking(MANY, |at| format!("f{at}"));
    for at in 0..MANY {
        if at % 3 == 0 {
            flake.write(&format!("f{at}/flake.nix"), &dependency("1"));
            continue;
        }
        flake.write(&format!("f{at}/flake.nix"), &listed(1_000));
        for name in 0..200 {
            flake.write(&format!("f{at}/many/{name}"), "");
        }
    }
    let (reach, cut_short, read) = told(&flake, MANY);
    // None uses nixpkgs, which is known of those that were read.
    assert!(reach.iter().step_by(3).all(|reach| *reach == Some(Reach::Not)), "{reach:?}");
    let firm = reach.iter().filter(|reach| **reach == Some(Reach::Firm)).count();
    assert_eq!((firm, read), (cut_short, MANY - cut_short));
    // The first of the large ones fits, and not all do.
    assert_eq!(reach[1], Some(Reach::Not));
    assert!(cut_short > 10 && cut_short < 20, "{cut_short}");
    // However many threads: nothing of it is chance.
    for _ in 0..3 {
        assert_eq!(told(&flake, MANY), (reach.clone(), cut_short, read));
    }
}

#[test]
fn a_listing_costs_each_time() {
    let told = |times: usize| {
        let flake = taking(1, |_| "f".into());
        flake.write("f/flake.nix", &listed(times));
        for at in 0..1_000 {
            flake.write(&format!("f/many/{at}"), "");
        }
        let (reach, cut_short, _) = told(&flake, 1);
        (reach, cut_short)
    };
    assert_eq!(told(10), (vec![Some(Reach::Not)], 0));
    assert_eq!(told(2_500), (vec![Some(Reach::Firm)], 1));
}
