//! Running properties, and shrinking what breaks one.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use proptest::prelude::any;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use serde_json::Value;

use super::random::{Shape, locks};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Checks a property, which panics if it does not hold. `PROPTEST_CASES` sets the number of cases.
pub(crate) fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value)) {
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(strategy, |value| {
            property(value);
            Ok::<(), TestCaseError>(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Checks a property of random locks, which also gets a random number. A lock that breaks it is
/// shrunk input by input, and printed for pasting.
pub(crate) fn check_locks(shape: Shape, property: impl Fn(&Value, u64)) {
    let config = Config { failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let result = TestRunner::new(config).run(&(locks(shape), any::<u64>()), |(lock, seed)| {
        outcome(&property, &lock.to_value(), seed).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(first, (lock, seed))) => {
            // Broken in the same way, judging by the last word.
            let last_word = |text: &str| text.rsplit(' ').next().map(str::to_owned);
            let wanted = last_word(first.message());
            let smallest = shrink(lock.to_value(), |lock| {
                let reason = outcome(&property, lock, seed).err();
                reason.is_some_and(|reason| last_word(&reason) == wanted)
            });
            let reason = outcome(&property, &smallest, seed).unwrap_err();
            panic!("{reason}\nwith the number {seed} and the lock\n{smallest:#}");
        }
        Err(aborted) => panic!("{aborted}"),
    }
}

/// Runs a property; returns its panic as text.
fn outcome(property: &impl Fn(&Value, u64), lock: &Value, seed: u64) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| property(lock, seed)));
    QUIET.set(false);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// Removes inputs, nodes and members as long as the property stays broken.
fn shrink(mut lock: Value, is_broken: impl Fn(&Value) -> bool) -> Value {
    loop {
        let smaller = smaller(&lock).find(|lock| is_broken(lock));
        match smaller {
            Some(smaller) => lock = smaller,
            None => return lock,
        }
    }
}

fn smaller(lock: &Value) -> impl Iterator<Item = Value> {
    let mut paths = Vec::new();
    for (key, node) in lock["nodes"].as_object().unwrap() {
        if *key != lock["root"] && !is_named(lock, key) {
            paths.push(format!("/nodes/{}", escape(key)));
        }
        for (name, _) in node["inputs"].as_object().into_iter().flatten() {
            paths.push(format!("/nodes/{}/inputs/{}", escape(key), escape(name)));
        }
        if node.get("flake").is_some() {
            paths.push(format!("/nodes/{}/flake", escape(key)));
        }
        for reference in ["locked", "original"] {
            for name in ["rev", "narHash", "lastModified"] {
                paths.push(format!("/nodes/{}/{reference}/{name}", escape(key)));
            }
        }
    }
    paths.into_iter().filter_map(|path| {
        let (above, last) = path.rsplit_once('/')?;
        let last = last.replace("~1", "/").replace("~0", "~");
        let mut smaller = lock.clone();
        smaller.pointer_mut(above)?.as_object_mut()?.remove(&last)?;
        Some(smaller)
    })
}

/// Whether an input names this node.
fn is_named(lock: &Value, key: &str) -> bool {
    let nodes = lock["nodes"].as_object().unwrap().values();
    nodes.filter_map(|node| node["inputs"].as_object()).flat_map(|i| i.values()).any(|t| t == key)
}

/// A name in a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
