//! Outputs, in words that all formats share.

use std::collections::BTreeMap;

use crate::audit::{Report, ReportedOutput};
use crate::text::Visible;

/// How many outputs and reasons are named; the rest is counted.
const NAMED: usize = 3;

/// Which outputs were not fully read, and why; `None` if all were.
pub(in crate::render) fn in_part(report: &Report<'_>) -> Option<String> {
    summary(report, NAMED)
}

/// The same for the first of them.
pub(in crate::render) fn first_in_part(report: &Report<'_>) -> Option<String> {
    summary(report, 1)
}

fn summary(report: &Report<'_>, most: usize) -> Option<String> {
    let in_part: Vec<&ReportedOutput<'_>> = report.outputs_in_part().collect();
    if let [only] = in_part.as_slice() {
        return Some(format!("not fully read: {} ({})", Visible(&only.name()), not_read(only)));
    }
    let named = in_part.iter().take(most).map(|output| Visible(&output.name()).to_string());
    let reasons = NotReadReasons::of(report).all;
    let shown: Vec<String> =
        reasons.iter().take(most).map(|reason| reason.in_words(in_part.len())).collect();
    let why = match reasons.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        1 => format!("{}, and 1 more reason", shown.join(", ")),
        more => format!("{}, and {more} more reasons", shown.join(", ")),
    };
    let names = more(named.collect(), in_part.len());
    (!in_part.is_empty()).then(|| format!("not fully read: {names}. Why: {why}"))
}

/// What was not read of an output.
pub(in crate::render) fn not_read(output: &ReportedOutput<'_>) -> String {
    let reasons = output.not_read.iter();
    let named = reasons.take(NAMED).map(|reason| Visible(reason).to_string());
    more(named.collect(), output.not_read.len())
}

/// A list of the first of `total` names.
fn more(named: Vec<String>, total: usize) -> String {
    let more = total.saturating_sub(named.len());
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}

/// Why outputs were not fully read: each reason once, the most frequent first.
#[derive(Debug)]
pub(in crate::render) struct NotReadReasons<'r> {
    /// The reasons.
    pub(in crate::render) all: Vec<NotReadReason<'r>>,
}

/// A reason.
#[derive(Debug)]
pub(in crate::render) struct NotReadReason<'r> {
    text: &'r str,
    /// How many outputs have it.
    outputs: usize,
}

impl<'r> NotReadReasons<'r> {
    /// The reasons in a report.
    pub(in crate::render) fn of(report: &'r Report<'_>) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all: Vec<NotReadReason<'r>> = Vec::new();
        for output in report.outputs_in_part() {
            for text in &output.not_read {
                let at = *numbers.entry(text).or_insert(all.len());
                match all.get_mut(at) {
                    Some(known) => known.outputs += 1,
                    None => all.push(NotReadReason { text, outputs: 1 }),
                }
            }
        }
        all.sort_by_key(|reason| std::cmp::Reverse(reason.outputs));
        Self { all }
    }

    /// The numbers of an output's reasons, from 1.
    pub(in crate::render) fn numbers(&self, output: &ReportedOutput<'_>) -> Vec<usize> {
        let is_of =
            |reason: &NotReadReason<'_>| output.not_read.iter().any(|text| text == reason.text);
        let numbered = self.all.iter().enumerate().filter(|(_, reason)| is_of(reason));
        numbered.map(|(at, _)| at + 1).collect()
    }
}

impl NotReadReason<'_> {
    /// The reason in words, with the number of its outputs unless it is all of `total`.
    pub(in crate::render) fn in_words(&self, total: usize) -> String {
        let text = Visible(self.text);
        match self.outputs {
            outputs if outputs == total => text.to_string(),
            1 => format!("{text} (1 output)"),
            outputs => format!("{text} ({outputs} outputs)"),
        }
    }
}
