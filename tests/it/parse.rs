//! Reading locks: what is refused and where, what is not, and that no bytes do harm.

use std::fs;
use std::path::{Path, PathBuf};

use flake_audit::graph::{Graph, Overrides};
use flake_audit::lock::{Lock, LockError, Target, Unescaped};
use flake_audit::text::Span;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::builder::{LockBuilder, ROOT, canonical};
use crate::support::everything::survive;
use crate::support::json_style::Style;
use crate::support::property::{check, check_locks};
use crate::support::random::{Shape, locks};
use crate::support::source::Source;

fn cases(of: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(of);
    let mut cases: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Reads and resolves, and returns the error with its position.
fn error_of(bytes: &[u8]) -> LockError {
    survive(bytes).expect_err("a lock that cannot be read")
}

#[test]
fn malformed_fixtures_are_refused_with_one_clear_message() {
    let mut wrong = Vec::new();
    for case in cases("malformed") {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let expected = fs::read_to_string(case.join("error.txt")).unwrap();
        let error = error_of(&fs::read(case.join("flake.lock")).unwrap());
        let told =
            format!("{}:{}\n{}\n", error.position.line, error.position.column, error.message);
        let part = expected.split_once('\n').map_or("", |(_, part)| part).trim_end();
        let has_position = expected.starts_with(|first: char| first.is_ascii_digit());
        let fits = if has_position {
            told.starts_with(expected.split_once('\n').unwrap().0) && error.message.contains(part)
        } else {
            error.message.contains(expected.trim_end())
        };
        println!("{name}: {}", told.trim_end().replacen('\n', ": ", 1));
        if !fits || error.message.contains('\n') || error.message.len() > 200 {
            wrong.push((name, expected, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn odd_fixtures_are_read() {
    for case in cases("odd") {
        let seen = survive(&fs::read(case.join("flake.lock")).unwrap());
        assert!(seen.is_ok(), "{}: {seen:?}", case.display());
    }
}

/// A small lock with a bit of everything.
fn small() -> LockBuilder {
    let mut lock = LockBuilder::new();
    lock.add(ROOT, "nixpkgs", Source::NIXPKGS);
    let wrapper = lock.add(ROOT, "nixpkgs-gpu", Source::Acme("nixpkgs-gpu"));
    lock.follows(wrapper, "nixpkgs", &["nixpkgs"]);
    let dep = lock.add(ROOT, "é\n\"🐍", Source::Acme("dep"));
    lock.follows(dep, "nixpkgs", &["nixpkgs"]);
    let source = lock.add(dep, "source", Source::Blank);
    lock.not_a_flake(source);
    lock.follows(dep, "self", &[]);
    lock
}

#[test]
fn a_truncated_lock_is_refused() {
    let text = small().to_text();
    survive(text.as_bytes()).unwrap();
    for end in 0..text.len() - 1 {
        let error = error_of(&text.as_bytes()[..end]);
        let lines = text.bytes().take(end).filter(|byte| *byte == b'\n').count() + 1;
        assert!((1..=lines).contains(&error.position.line), "{error:?} at {end}");
        assert!(error.position.column > 0);
    }
    survive(text.trim_end().as_bytes()).unwrap();
}

#[test]
fn flipped_bits_do_no_harm() {
    let text = small().to_text().into_bytes();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut flipped = text.clone();
            flipped[at] ^= 1 << bit;
            let _ = survive(&flipped);
        }
    }
}

#[test]
fn random_changes_do_no_harm() {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8);
    check(&(locks(Shape::WILD), changes), |(lock, changes)| {
        let mut bytes = lock.to_text().into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                // A part of the lock twice.
                _ => drop(bytes.splice(at..at, bytes[at / 2..at].to_vec())),
            }
            if bytes.is_empty() {
                bytes.push(byte);
            }
        }
        agrees_with_serde(&bytes, &survive(&bytes));
    });
}

/// What is no JSON for serde_json is refused, and what is JSON for it is not refused as none.
fn agrees_with_serde<T>(bytes: &[u8], read: &Result<T, LockError>) {
    let json = serde_json::from_slice::<Value>(bytes);
    let refused = read.as_ref().err().map(|error| error.message.as_str());
    match json {
        Ok(_) => assert!(!refused.is_some_and(|why| why.contains("is not JSON")), "{refused:?}"),
        // Deeper than serde_json goes.
        Err(error) if error.to_string().contains("recursion") => {}
        Err(error) => assert!(refused.is_some(), "{error}: {}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn arbitrary_bytes_do_no_harm() {
    check(&prop::collection::vec(any::<u8>(), 0..200), |bytes| drop(survive(&bytes)));
}

/// Any JSON, with members that have a meaning in locks.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "nodes", "root", "version", "inputs", "locked", "original", "flake", "parent", "info", "a",
        "b", "type", "nixpkgs", "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (5..8_u64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(names.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop::sample::select(names.to_vec());
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let members = prop::collection::vec((name.clone(), inner.clone()), 0..6);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
            3 => members.prop_map(|members| {
                Value::Object(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
            }),
        ]
    })
}

#[test]
fn arbitrary_json_does_no_harm() {
    let survive = |bytes: &[u8]| agrees_with_serde(bytes, &survive(bytes));
    check(&(any_json(), any::<u64>()), |(json, seed)| {
        survive(Style::wild(seed).write(&json).as_bytes());
        // The same in place of a node, its inputs and its references.
        let lock = json!({"nodes": {"a": json, "root": {"inputs": json}}, "root": "root",
            "version": 7});
        survive(lock.to_string().as_bytes());
        let lock = json!({"nodes": {"a": {"locked": json, "original": json, "info": json,
            "inputs": {"b": json}, "parent": json}, "b": {}, "root": {"inputs": {"a": "a"}}},
            "root": "root", "version": 5});
        survive(lock.to_string().as_bytes());
    });
}

/// Wraps a span's text so that it is a JSON document, and parses that.
fn json_at(text: &str, span: Span, around: [&str; 2]) -> Value {
    let json = [around[0], &text[span.range()], around[1]].concat();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn spans_give_back_names(lock: &Lock<'_>) {
    let text = lock.text();
    for (id, node) in lock.nodes().iter() {
        assert_eq!(json_at(text, lock.node_key_span(id), ["", ""]), node.key);
        for input in node.inputs.ids() {
            let name = lock.input(input).name;
            assert_eq!(json_at(text, lock.input_name_span(id, input), ["", ""]), name);
            let target = match lock.target(input) {
                Target::Direct(key) => Value::from(key),
                Target::Follows(path) => Value::from(path),
            };
            let whole = json_at(text, lock.input_span(id, input), ["{", "}"]);
            assert_eq!(whole, json!({ name: target }));
        }
    }
}

#[test]
fn spans_of_names_give_them_back() {
    check_locks(Shape::WILD, |lock, seed| {
        let wild = seed.is_multiple_of(2);
        let text = if wild { Style::wild(seed).write(lock) } else { canonical(lock) };
        let unescaped = Unescaped::new();
        spans_give_back_names(&Lock::parse(text.as_bytes(), &unescaped).unwrap());
    });
}

#[test]
fn spans_stay_right_where_members_stand_twice() {
    let text = r#"{"nodes": {"a": {"inputs": {"\u0078": "x"}}, "root": {}}, "root": "none",
        "nodes": {"\u0061": {"inputs": {"\u0078": "b", "\u0079": []}},
            "b": {"inputs": {"\u0062": "c"}, "inputs": {"\u0063": "d", "e": ["a", "\u0078"]}},
            "a": {"inputs": {"z": "1", "\u0078": "c", "\u007a": "2", "\u0061": "b"}},
            "root": {"inputs": {"\u0061": "a", "a": "\u0061"}}},
        "root": "root", "version": 7}"#;
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    assert_eq!(lock.nodes().len(), 3);
    spans_give_back_names(&lock);
    let value: Value = serde_json::from_str(text).unwrap();
    let counted: usize = value["nodes"]
        .as_object()
        .unwrap()
        .values()
        .map(|node| node["inputs"].as_object().map_or(0, Map::len))
        .sum();
    assert_eq!(lock.inputs().len(), counted, "inputs that do not count are gone");
}

/// Nix iterates over any value of `inputs`; an array's items are called 0, 1, …
#[test]
fn an_array_of_inputs_has_its_node_for_a_place() {
    let text = r#"{"nodes": {"root": {"inputs": ["a", ["0"]]},
        "a": {"inputs": {"\u0062": []}, "locked": {"type": "x"}, "original": {"type": "x"}}},
        "root": "root", "version": 7}"#;
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    assert_eq!(graph.reachable().len(), 2);
    for name in ["0", "1"] {
        let input = lock.input_named(lock.root(), name).unwrap();
        assert_eq!(graph.end(input), lock.node_keyed("a"));
        assert_eq!(&text[lock.input_name_span(lock.root(), input).range()], "\"root\"");
    }
}

/// Of the root Nix only reads the inputs.
#[test]
fn what_is_wrong_in_the_root_counts_only_in_its_inputs() {
    let lock =
        |root: &str| format!(r#"{{"nodes": {{"root": {root}}}, "root": "root", "version": 7}}"#);
    for fine in [
        r#"{"locked": 1}"#,
        r#"{"original": {"rev": []}}"#,
        r#"{"flake": "no", "parent": {}}"#,
        r#"{"info": null, "inputs": {}}"#,
    ] {
        assert!(survive(lock(fine).as_bytes()).is_ok(), "{fine}");
    }
    for (bad, part) in [
        (r#"{"locked": 1, "inputs": "x"}"#, "inputs"),
        (r#"{"flake": 1, "inputs": {"x": 1}}"#, "`x`"),
        ("[]", "object"),
    ] {
        assert!(error_of(lock(bad).as_bytes()).message.contains(part), "{bad}");
    }
}

/// Mistakes in an unreachable node do not matter.
#[test]
fn nodes_that_no_input_reaches_may_be_anything() {
    check(&(locks(Shape::default()), any_json()), |(lock, garbage)| {
        let mut value = lock.to_value();
        let seen = survive(value.to_string().as_bytes()).unwrap();
        value["nodes"]["\u{1b}garbage"] = garbage;
        let with = survive(value.to_string().as_bytes()).unwrap();
        assert_eq!((with.reachable, with.causes), (seen.reachable, seen.causes));
    });
}
