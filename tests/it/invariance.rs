//! The keys of nodes, and the order of members in the file, must not matter.

use std::cell::Cell;

use crate::support::builder::canonical;
use crate::support::json_style::Style;
use crate::support::property::check_locks;
use crate::support::random::Shape;
use crate::support::renamed::renamed;
use crate::support::story::tell;

#[test]
fn facts_do_not_depend_on_keys_and_order() {
    let causes = Cell::new(0);
    for shape in [Shape::default(), Shape::WILD] {
        check_locks(shape, |lock, seed| {
            let story = tell(&canonical(lock));
            causes.set(causes.get() + story.causes.len());
            let other = renamed(lock, seed);
            assert_eq!(story, tell(&Style::shuffled(seed).write(&other)));
        });
    }
    println!("{} causes", causes.get());
}
