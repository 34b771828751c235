//! The whole audit of random locks: the same findings whatever the keys and their order, and fixes
//! that cure what they promised after being written into the lock's text.

use std::cell::Cell;

use crate::support::json_style::Style;
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::renamed::renamed;
use crate::support::repairs::{Told, check_repair, told};

#[test]
fn findings_do_not_depend_on_keys_and_order() {
    let seen = Cell::new(0);
    for shape in [Shape::default(), Shape::WILD] {
        check_locks(shape, |lock, seed| {
            let first = told(&lock.to_string(), true);
            seen.set(seen.get() + first.len());
            // Which of the unreachable nodes is first depends on the file.
            let plain = |found: Vec<Told>| -> Vec<Told> {
                found.into_iter().filter(|finding| finding.rule != "unreachable-node").collect()
            };
            let other = Style::shuffled(seed).write(&renamed(lock, seed));
            assert_eq!(plain(first), plain(told(&other, true)));
        });
    }
    println!("{} findings", seen.get());
}

#[test]
fn automatic_fixes_cure_and_bring_nothing_new() {
    let fixes = Cell::new(0);
    let broken = Shape { dangling: true, cycles: true, ..Shape::default() };
    // Twice each, because one round of random locks may have fewer than a hundred.
    for shape in [Shape::default(), broken, Shape::default(), broken] {
        check_locks(shape, |lock, _| fixes.set(fixes.get() + check_repair(lock)));
    }
    println!("{} automatic fixes", fixes.get());
    assert!(fixes.get() > 100, "the random locks give too few fixes");
}
