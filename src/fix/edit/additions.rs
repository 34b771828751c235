//! Bindings to add.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::NotEdited;
use super::file::FlakeFile;
use super::gap::{Gap, Insertion};
use super::splice::Splices;
use crate::text::NixString;

/// New bindings by place, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Additions(BTreeMap<Insertion, Vec<NewBinding>>);

impl Additions {
    pub(super) fn add(&mut self, place: Insertion, binding: NewBinding) {
        self.0.entry(place).or_default().push(binding);
    }

    pub(super) fn splice(&self, file: &FlakeFile, splices: &mut Splices) -> Result<(), NotEdited> {
        for (place, bindings) in &self.0 {
            let gap = Gap::at(file, *place, bindings.len())
                .ok_or_else(|| NotEdited::because("flake.nix has no place for a new line"))?;
            fill(&gap, bindings, splices);
        }
        Ok(())
    }
}

/// Inserts bindings into a gap.
fn fill(gap: &Gap, bindings: &[NewBinding], splices: &mut Splices) {
    let mut text = gap.lead.clone();
    for (nth, binding) in bindings.iter().enumerate() {
        if nth > 0 {
            text.push_str(&gap.join);
        }
        if let (true, Some(line)) = (binding.apart, &gap.line) {
            // Leave no white space on a blank line.
            text.truncate(text.trim_end_matches([' ', '\t']).len());
            text.push_str(&line.text());
        }
        binding.write(gap, &mut text);
    }
    text.push_str(&gap.tail);
    splices.replace(gap.at, text);
}

/// A binding to add.
#[derive(Debug)]
pub(super) struct NewBinding {
    /// Its attribute path, as spelled in its place.
    pub(super) path: String,
    pub(super) value: NewValue,
    /// Whether a blank line separates it from what is before it.
    pub(super) apart: bool,
}

#[derive(Debug)]
pub(super) enum NewValue {
    Text(String),
    /// Pairs of an attribute path and a value's text.
    Block {
        bindings: Vec<(String, String)>,
        on_lines: bool,
    },
}

impl NewBinding {
    pub(super) fn text(path: String, text: String) -> Self {
        Self { path, value: NewValue::Text(text), apart: false }
    }

    /// `PREFIXfollows = "a/b";`
    pub(super) fn follows(prefix: String, follows: &[String]) -> Self {
        Self::text(prefix + "follows", follows.join("/"))
    }

    /// Writes it as it will be in its place.
    fn write(&self, gap: &Gap, into: &mut String) {
        let Gap { equals, unit, .. } = gap;
        // Writing to a string does not fail.
        let _ = write!(into, "{}{equals}", self.path);
        match &self.value {
            NewValue::Text(text) => {
                let _ = write!(into, "{};", NixString(text));
            }
            NewValue::Block { bindings, on_lines } => {
                let line = gap.line.as_ref().filter(|_| *on_lines);
                let (before, after) = match line {
                    Some(line) => (line.text() + unit, line.text()),
                    None if *equals == "=" => (String::new(), String::new()),
                    None => (" ".to_owned(), " ".to_owned()),
                };
                into.push('{');
                for (path, text) in bindings {
                    let _ = write!(into, "{before}{path}{equals}{};", NixString(text));
                }
                let _ = write!(into, "{after}}};");
            }
        }
    }
}
