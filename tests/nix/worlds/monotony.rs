//! Less knowledge never silences a finding, and more knowledge never makes one stronger without
//! naming a package.
//!
//! Removing the source of a dependency never turns a finding into "nothing found": it becomes
//! lighter or opaque, or the report says what was not read. Adding one never makes a finding
//! stronger, except by a package that is named.

use std::path::PathBuf;

use super::findings::{self, Loudness, Told, Way};
use super::shape::{Kind, Output, Shape};
use super::yard::Yard;

/// How each world breaks this, given the findings for each with all sources on disk.
pub(super) fn broken(yard: &Yard, shapes: &[Shape], with: &[Told]) -> Vec<Vec<String>> {
    let mut all: Vec<(usize, String, PathBuf)> = Vec::new();
    for (at, world) in yard.worlds.iter().enumerate() {
        for node in world.dependencies() {
            all.push((at, node.to_owned(), yard.without(at, node)));
        }
    }
    let folders: Vec<PathBuf> = all.iter().map(|it| it.2.clone()).collect();
    let without = findings::ask(yard, &folders, Way::Sources);
    let mut broken = vec![Vec::new(); shapes.len()];
    for ((at, node, _), without) in all.iter().zip(&without) {
        let outputs = if with[*at].is_per_output() && without.is_per_output() {
            shapes[*at].outputs.iter().map(Some).collect()
        } else {
            vec![None]
        };
        for output in outputs {
            if let Some(how) = how(&with[*at], without, output) {
                let named = output.map_or("the world", |it| it.name);
                broken[*at].push(format!("{how}: {named}, without {node}"));
            }
        }
    }
    broken
}

/// How one output breaks it, or the whole world.
fn how(with: &Told, without: &Told, output: Option<&Output>) -> Option<&'static str> {
    let loud = |told: &Told| output.map_or_else(|| told.loudest(), |output| told.of(output));
    let (more, less) = (loud(with), loud(without));
    // An output that is only a dependency's is compared with the one configuration of all other
    // outputs; if one of these was not fully read, there may be none.
    let output = output.filter(|output| output.kind != Kind::Handed);
    if less == Loudness::Silent && more > less && !without.is_read_in_part(output) {
        Some("vanishes")
    } else if more > less && !with.names_a_package() {
        Some("louder without a name")
    } else {
        None
    }
}
