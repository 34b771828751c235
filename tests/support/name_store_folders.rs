//! Names the store folders of fixtures by their contents, and writes their hashes into the locks:
//! `cargo run --example store-folders`, after editing a file in one of them.
#![allow(clippy::print_stdout, reason = "says what it did")]

use std::path::Path;

mod store_folders;

fn main() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in store_folders::all(&fixtures) {
        if let Some(told) = folder.mend() {
            println!("{told}");
        }
    }
}
