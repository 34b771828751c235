//! Real locks, read and resolved: no panic, the same ends as two other resolvers, and no dependence
//! on the keys of nodes or the order of members.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::real::locks;
use crate::support::everything::survive;
use crate::support::json_style::Style;
use crate::support::renamed::renamed;
use crate::support::resolved::{Compared, compare_with_crate, compare_with_naive, with_graph};
use crate::support::story::tell;

#[test]
fn locks_are_read_or_refused_without_panic() {
    let locks = locks();
    let refused = locks.iter().filter(|lock| survive(&lock.bytes).is_err()).count();
    println!("{refused} refused");
    assert!(refused < locks.len(), "not one was read");
}

#[test]
fn locks_resolve_as_defined() {
    let locks = locks();
    let mut sum = Compared::default();
    let mut ours: BTreeMap<String, usize> = BTreeMap::new();
    let mut theirs: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let (mut accepted, mut inputs) = (0, 0);
    for lock in &locks {
        let compared = with_graph(&lock.bytes, |graph| {
            (compare_with_naive(graph), compare_with_crate(&lock.bytes, graph))
        });
        match compared {
            Ok((naive, by_crate)) => {
                sum = sum.plus(naive);
                match by_crate {
                    Ok(compared) => {
                        accepted += 1;
                        inputs += compared;
                    }
                    Err(reason) => theirs.entry(reason).or_default().push(&lock.name),
                }
            }
            Err(reason) => *ours.entry(reason).or_default() += 1,
        }
    }
    let refused: usize = ours.values().sum();
    println!("read {}, {sum:?}; refused {refused}: {ours:#?}", locks.len() - refused);
    println!("nix-flake-lock: read {accepted} ({inputs} inputs), refused {theirs:#?}");
    assert_eq!(sum.too_long, 0);
    assert!(inputs > 0, "not one input was compared");
}

#[test]
fn facts_do_not_depend_on_keys_and_order() {
    let mut told = 0;
    for (seed, lock) in (0_u64..).zip(&locks()) {
        let Ok(value) = serde_json::from_slice::<Value>(&lock.bytes) else { continue };
        if value["version"].as_u64().is_none_or(|version| !(5..=7).contains(&version)) {
            continue;
        }
        let story = tell(std::str::from_utf8(&lock.bytes).unwrap());
        let other = Style::shuffled(seed).write(&renamed(&value, seed));
        assert_eq!(story, tell(&other), "{}", lock.name);
        told += 1;
    }
    println!("{told} told");
    assert!(told > 0);
}
