//! Many wrappers and many consumers, all of which concern each other.

use std::fmt::Write;

use super::{DEP, GPU, MANY, SOME, UNFREE, Written, members, seen};

#[test]
fn many_consumers_of_one_wrapper() {
    let mut lock = Written::new();
    lock.nixpkgs();
    lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
    for at in 0..MANY {
        lock.node(&format!("n{at}"), DEP, r#""nixpkgs":["nixpkgs-gpu"]"#);
    }
    let deps = members((0..MANY).map(|at| format!(r#""n{at}":"n{at}""#)));
    let root = format!(r#""nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu",{deps}"#);
    let seen = seen(&lock.root(&root));
    assert_eq!((seen.consumers, seen.causes), (MANY, 0));
}

#[test]
fn one_cause_of_many_slots() {
    let mut lock = Written::new();
    lock.nixpkgs();
    lock.node("gpu", GPU, r#""nixpkgs":["nixpkgs"]"#);
    lock.node("n0", DEP, r#""nixpkgs":["nixpkgs"]"#);
    for at in 1..SOME {
        let through = if at % 2 == 0 { 0 } else { at - 1 };
        lock.node(&format!("n{at}"), DEP, &format!(r#""nixpkgs":["n{through}","nixpkgs"]"#));
    }
    let deps = members((0..SOME).map(|at| format!(r#""n{at}":"n{at}""#)));
    let root = format!(r#""nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu",{deps}"#);
    let seen = seen(&lock.root(&root));
    assert_eq!((seen.causes, seen.affects), (1, SOME - 1));
}

#[test]
fn wrappers_on_wrappers() {
    for (nested, many) in [(true, MANY), (false, SOME), (true, MANY / 20), (false, MANY / 20)] {
        let mut lock = Written::new();
        lock.nixpkgs();
        let mut root = String::from(r#""nixpkgs":"nixpkgs""#);
        for at in 0..many {
            let base = match (at + 1 == many, nested) {
                (true, _) => r#"["nixpkgs"]"#.to_owned(),
                (false, true) => format!(r#""w{}""#, at + 1),
                (false, false) => format!(r#"["nixpkgs-gpu-{}"]"#, at + 1),
            };
            lock.node(&format!("w{at}"), UNFREE, &format!(r#""nixpkgs":{base}"#));
            if !nested || at == 0 {
                write!(root, r#","nixpkgs-gpu-{at}":"w{at}""#).unwrap();
            }
        }
        lock.node("dep", DEP, r#""nixpkgs":["nixpkgs"]"#);
        let seen = seen(&lock.root(&format!(r#"{root},"dep":"dep""#)));
        assert_eq!(seen.wrappers, many, "nested {nested}");
        assert_eq!(seen.causes, 1, "nested {nested}");
    }
}

#[test]
fn wrappers_held_at_every_level() {
    const LEVELS: usize = SOME;
    let mut lock = Written::new();
    lock.nixpkgs();
    for level in 0..LEVELS {
        let inputs =
            format!(r#""d":"n{}","nixpkgs":["nixpkgs"],"nixpkgs-gpu":"w{level}""#, level + 1);
        lock.node(&format!("n{level}"), DEP, &inputs);
        lock.node(&format!("w{level}"), GPU, r#""nixpkgs":["nixpkgs"]"#);
    }
    lock.node(&format!("n{LEVELS}"), DEP, r#""nixpkgs":["nixpkgs"]"#);
    let seen = seen(&lock.root(r#""d":"n0","nixpkgs":"nixpkgs""#));
    assert_eq!((seen.wrappers, seen.expectations), (LEVELS, LEVELS));
}

#[test]
fn as_many_targets_as_slots() {
    const EACH: usize = SOME;
    let mut lock = Written::new();
    lock.nixpkgs();
    let mut root = String::from(r#""nixpkgs":"nixpkgs""#);
    for at in 0..EACH {
        lock.node(&format!("w{at}"), GPU, r#""nixpkgs":["nixpkgs"]"#);
        lock.node(&format!("n{at}"), DEP, r#""nixpkgs":["nixpkgs"]"#);
        write!(root, r#","nixpkgs-gpu-{at}":"w{at}","n{at}":"n{at}""#).unwrap();
    }
    let seen = seen(&lock.root(&root));
    assert_eq!((seen.wrappers, seen.causes), (EACH, EACH));
}
