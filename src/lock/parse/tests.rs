use crate::lock::{AttributeValue, Lock, LockError, SourceKind, Target, Unescaped};

fn with<T>(text: &str, check: impl FnOnce(Result<Lock<'_>, LockError>) -> T) -> T {
    let unescaped = Unescaped::new();
    check(Lock::parse(text.as_bytes(), &unescaped))
}

fn fails(text: &str) -> String {
    with(text, |lock| {
        let error = lock.expect_err("a lock that cannot be read");
        format!("{}:{}: {}", error.position.line, error.position.column, error.message)
    })
}

#[test]
fn a_lock_is_read_as_it_is_written() {
    let text = r#"{
      "nodes": {
        "dep": {
          "inputs": { "nixpkgs": ["nix\u0070kgs"], "b": "dep\u0032", "self": [] },
          "locked": { "type": "github", "rev": "a", "lastModified": 1.9, "lfs": true },
          "original": { "type": "github" },
          "parent": []
        },
        "dep2": { "flake": false },
        "root": { "inputs": { "dep": "dep" }, "more": [{}] }
      },
      "root": "root",
      "version": 7,
      "later": {"deep": [[[[]]]]}
    }"#;
    with(text, |lock| {
        let lock = lock.unwrap();
        assert_eq!(lock.version(), 7);
        assert_eq!(lock.node(lock.root()).key, "root");
        let dep = lock.node_keyed("dep").unwrap();
        let named = |name| lock.target(lock.input_named(dep, name).unwrap());
        assert_eq!(named("nixpkgs"), Target::Follows(&["nixpkgs"]));
        assert_eq!(named("b"), Target::Direct("dep2"));
        assert_eq!(named("self"), Target::Follows(&[]));
        assert_eq!(lock.input_named(dep, "c"), None);
        assert_eq!(lock.parent(dep), Some(&[][..]));
        let locked = lock.locked(dep).unwrap();
        assert_eq!(locked.number("lastModified"), Some(1));
        assert_eq!(locked.get("lfs"), Some(AttributeValue::Bool(true)));
        assert!(!lock.node(lock.node_keyed("dep2").unwrap()).flake);
        let first = lock.node(dep).inputs.ids().next().unwrap();
        let span = lock.input_span(dep, first);
        assert_eq!(&text[span.range()], r#""b": "dep\u0032""#);
    });
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let text = r#"{"nodes":{"a":{"inputs":{"x":"a","x":"b"}},"a":{"inputs":{"y":"c","y":[]}},
        "root":{"inputs":{"z":"1","b":"2","z":"3"}}},"root":"a","root":"root","version":4,"version":6}"#;
    with(text, |lock| {
        let lock = lock.unwrap();
        assert_eq!((lock.version(), lock.nodes().len()), (6, 2));
        let a = lock.node_keyed("a").unwrap();
        let names = |node| -> Vec<_> {
            lock.node(node).inputs.ids().map(|id| (lock.input(id).name, lock.target(id))).collect()
        };
        assert_eq!(names(a), [("y", Target::Follows(&[]))]);
        assert_eq!(names(lock.root()), [("b", Target::Direct("2")), ("z", Target::Direct("3"))]);
    });
}

#[test]
fn info_is_laid_over_locked() {
    let text = r#"{"nodes":{"a":{"info":{"narHash":"new"},"locked":{"type":"git","narHash":"old"}},
        "root":{}},"root":"root","version":5}"#;
    for version in ["5", "6", "7"] {
        with(&text.replace("5}", &format!("{version}}}")), |lock| {
            let lock = lock.unwrap();
            let locked = lock.locked(lock.node_keyed("a").unwrap()).unwrap();
            assert_eq!((locked.kind(), locked.text("narHash")), (SourceKind::Git, Some("new")));
        });
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    with("\u{feff}{\"nodes\":{\"root\":{}},\"root\":\"root\",\"version\":7}", |lock| {
        assert!(lock.is_ok());
    });
}

#[test]
fn what_is_no_lock_is_told_with_its_place() {
    insta::assert_snapshot!(
        [
            "",
            " \n",
            "nodes: {}",
            "[]",
            "{\"nodes\":{\n\"a\":",
            "{}",
            "{\"version\":\"7\"}",
            "{\n  \"version\": 3}",
            "{\"version\":8}",
            "{\"version\":7}",
            "{\"version\":7,\"root\":null}",
            "{\"version\":7,\"root\":\"r\"}",
            "{\"version\":7,\"root\":\"r\",\"nodes\":[]}",
            "{\"version\":7,\"root\":\"r\",\"nodes\":{}}",
            "{\"version\":7,\"root\":\"r\",\"nodes\":{\"r\":{}}} x",
        ]
        .map(fails)
        .join("\n")
    );
}
