//! Limits the length of a report: what would make it far longer than the lock is shortened.

use super::report::{Reported, ReportedInstance, StepTarget};
use crate::graph::InputPath;

/// Bytes of descriptions for each byte of the lock, and in addition for any lock; what exceeds them
/// is shortened. No real lock comes near.
pub(super) const ROOM: (usize, usize) = (16, 4 << 20);

impl Reported<'_> {
    /// Its approximate size in bytes.
    pub(super) fn size(&self) -> usize {
        let chain = self.chain.iter().map(|step| match &step.target {
            StepTarget::Follows(path) => step.input_path.size() + path.size(),
            StepTarget::Node(key) => step.input_path.size() + key.len(),
        });
        let paths =
            self.affects.iter().chain(&self.parts).chain([&self.input_path]).map(InputPath::size);
        let notes = self.notes.iter().chain(&self.why).chain(&self.label).map(String::len);
        let fix = self.fix.as_ref().map_or(0, |fix| fix.reason.len() + 2 * fix.nix.len());
        let node = self.node.map_or(0, str::len);
        let sum = chain.chain(paths).chain(notes).sum::<usize>();
        sum + self.message.len() + fix + node
    }

    /// Keeps only what it is and where, and all counts.
    pub(super) fn shorten(&mut self) {
        clip(&mut self.message);
        self.notes =
            vec!["details of further findings are left out: the report would be too long".into()];
        (self.label, self.why, self.together) = (None, None, None);
        self.input_path = self.input_path.shortened();
        self.chain = Vec::new();
        self.affects = Vec::new();
        self.parts = Vec::new();
        self.outputs = Vec::new();
        self.packages = Vec::new();
        self.node = None;
        self.fix = None;
    }
}

impl ReportedInstance<'_> {
    /// Its approximate size in bytes.
    pub(super) fn size(&self) -> usize {
        let names =
            [Some(self.node), self.base, Some(&*self.reference), self.base_reference.as_deref()];
        let names = names.iter().flatten().map(|name| name.len());
        names.chain(self.consumers.iter().map(InputPath::size)).sum()
    }

    /// Drops everything that can be long, but keeps all counts.
    pub(super) fn shorten(&mut self) {
        self.consumers = Vec::new();
        self.path = self.path.shortened();
        self.base = None;
        self.base_reference = None;
        clip(&mut self.reference);
    }
}

/// Cuts a text that is printed again and again.
fn clip(text: &mut String) {
    const LONGEST: usize = 256;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
}
