//! Automatic plans keep their promises: applied to the graph they configure what they explain, and
//! move nothing that pins a version.

use std::cell::Cell;

use crate::support::builder::{LockBuilder, ROOT};
use crate::support::json_style::Style;
use crate::support::plans::check_plans;
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::source::{Source, Spelling};

#[test]
fn automatic_plans_cure_and_move_no_pin() {
    let (plans, cases) = (Cell::new(0), Cell::new(0));
    for shape in [Shape::default(), Shape { dangling: true, cycles: true, ..Shape::default() }] {
        check_locks(shape, |lock, seed| {
            let text = Style::shuffled(seed).write(lock);
            plans.set(plans.get() + check_plans(&text));
            cases.set(cases.get() + 1);
        });
    }
    println!("{} automatic plans in {} locks", plans.get(), cases.get());
    assert!(plans.get() > cases.get() / 10, "the random locks give too few plans");
}

/// Overriding `a/nixpkgs` would take its `source` away from `b`, whose path to it leads through
/// another slot that follows `a/nixpkgs`.
#[test]
fn what_something_leads_through_by_way_of_another_slot_is_left_alone() {
    let mut lock = LockBuilder::new();
    lock.add(ROOT, "nixpkgs", Source::NIXPKGS);
    let wrapper = lock.add(ROOT, "nixpkgs-gpu", Source::Acme("nixpkgs-gpu"));
    lock.follows(wrapper, "nixpkgs", &["nixpkgs"]);
    let a = lock.add(ROOT, "a", Source::Acme("dep"));
    let patched = lock.add(a, "nixpkgs", Source::Nixpkgs(Spelling::Devenv));
    let source = lock.add(patched, "source", Source::Utils);
    lock.not_a_flake(source);
    let b = lock.add(ROOT, "b", Source::Acme("dep"));
    lock.follows(b, "pkgs", &["a", "nixpkgs"]);
    lock.follows(b, "source", &["b", "pkgs", "source"]);
    assert_eq!(check_plans(&lock.to_text()), 0);
}
