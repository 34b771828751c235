//! Automatic plans keep their promises in real locks, with a wrapper added to each.

use serde_json::Value;

use crate::real::wrapped;
use crate::support::plans::check_plans;
use crate::support::repairs::check_repair;

#[test]
fn automatic_plans_cure_and_move_no_pin() {
    let wrapped = wrapped();
    let texts = wrapped.iter().map(|lock| std::str::from_utf8(&lock.bytes).unwrap());
    let plans: usize = texts.map(check_plans).sum();
    println!("{plans} automatic plans in {} locks with a wrapper put into them", wrapped.len());
    assert!(plans > 0);
}

#[test]
fn automatic_fixes_cure_and_bring_nothing_new() {
    let wrapped = wrapped();
    let values = wrapped.iter().map(|lock| serde_json::from_slice::<Value>(&lock.bytes).unwrap());
    let fixes: usize = values.map(|lock| check_repair(&lock)).sum();
    println!("{fixes} automatic fixes in {} locks", wrapped.len());
    assert!(fixes > 0);
}
