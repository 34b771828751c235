//! Every list of the explorer, walked through.

use crate::real::{locks, wrapped};
use crate::support::explorer::walk_through;

#[test]
fn every_lock_is_walked_through() {
    let mut rows = 0;
    for lock in locks().iter().chain(&wrapped()) {
        match walk_through(lock) {
            Ok(seen) => rows += seen,
            Err(error) => println!("{}: {error}", lock.name),
        }
    }
    println!("{rows} rows were looked at");
    assert!(rows > 0);
}
