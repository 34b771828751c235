//! Every fixture, walked through from the first row to the last.

use crate::support::explorer::walk_through;
use crate::support::locks::{fixtures, read_below};

#[test]
fn every_fixture_is_walked_through() {
    let walked = read_below(&fixtures()).iter().map(walk_through).collect::<Vec<_>>();
    let rows: usize = walked.iter().flatten().sum();
    assert!(rows > 3_000, "only {rows} rows were looked at");
}
