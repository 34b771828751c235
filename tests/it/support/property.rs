//! Running properties that also count what they saw.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Checks a property that panics where it does not hold. `PROPTEST_CASES` sets the number of
/// cases; a failing case is printed shrunk, as a lock to paste.
pub(crate) fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value)) {
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(strategy, |value| {
            property(value);
            Ok::<(), TestCaseError>(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
