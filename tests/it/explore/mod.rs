//! The explorer without a terminal: the effect of keys, what is drawn, and hostile locks.
//! `tests/terminal.rs` uses a real terminal.

mod fixtures;
mod hostile;
mod keys;
mod page;
mod random;
mod views;

use std::path::Path;

use flake_audit::explore::{Explorer, Sink};
use flake_audit::source::{Reader, Stores};

use crate::support::explorer::{explore, explore_early, explore_with, press, screen};

/// Explores a fixture.
fn fixture<T>(name: &str, then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T) -> T {
    let path = format!("{}/fixtures/{name}/flake.lock", env!("CARGO_MANIFEST_DIR"));
    explore(&std::fs::read(path).unwrap(), Sink::File, then).unwrap()
}

/// A fixture that is still being audited, explored.
fn fixture_early<T>(name: &str, then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T) -> T {
    let path = format!("{}/fixtures/{name}/flake.lock", env!("CARGO_MANIFEST_DIR"));
    explore_early(&std::fs::read(path).unwrap(), then)
}

/// Explores a fixture with its sources.
fn fixture_with_sources<T>(name: &str, then: impl FnOnce(&mut Explorer<'_, '_, '_, '_>) -> T) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let stores = Stores::new(Some(&folder.join("store")), None);
    let reader = Reader::new(stores, Some(folder.clone()));
    let lock = std::fs::read(folder.join("flake.lock")).unwrap();
    explore_with(Some(&reader), &lock, Sink::File, then).unwrap()
}

/// The selected row of the list, as drawn.
fn selected(explorer: &mut Explorer<'_, '_, '_, '_>) -> String {
    let screen = screen(explorer, 160, 50);
    let row = screen.lines().find_map(|line| line.split_once('▌')).expect("a selected row").1;
    let row = row.split(['┃', '│']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    row.trim_start_matches(['├', '└', '╴', ' ', '▾', '▸', '▹']).trim_end().to_owned()
}
