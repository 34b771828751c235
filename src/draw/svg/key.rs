//! The legend of a picture.

use std::io::{self, Write};

use super::super::legend::{EdgeKind, Legend};
use super::super::tone::InputTone;
use super::node_box::count;
use super::place::MARGIN;
use super::signs::{corner, mark};
use super::text::LINE;

/// Width of a sample in the legend, in pixels.
const SAMPLE: f64 = 34.0;

/// The entries below the picture: a sample and words.
pub(super) struct PictureLegend(Vec<(Sample, &'static str)>);

enum Sample {
    Sheet(&'static str, u8),
    Arrow(&'static str),
    Mark(InputTone),
}

impl PictureLegend {
    /// Width of an entry in pixels.
    pub(super) const CELL: f64 = 220.0;

    pub(super) fn of(legend: &Legend) -> Self {
        let sheets = legend
            .nodes
            .iter()
            .map(|kind| (Sample::Sheet(kind.class(), corner(*kind)), kind.words()));
        let arrows = legend.edges.iter().map(|kind| {
            let sample = match kind {
                EdgeKind::Direct => Sample::Arrow("plain"),
                EdgeKind::Follows => Sample::Arrow("plain follows"),
                EdgeKind::Configured => Sample::Mark(InputTone::Configured),
                EdgeKind::Unconfigured => Sample::Mark(InputTone::Unconfigured),
                EdgeKind::Disabled => Sample::Mark(InputTone::Disabled),
                EdgeKind::Broken => Sample::Mark(InputTone::Broken),
            };
            (sample, kind.words())
        });
        let mut entries: Vec<_> = sheets.chain(arrows).collect();
        if legend.has_unreachable {
            entries.push((Sample::Sheet("flake unreachable", 4), "no input leads here"));
        }
        Self(entries)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many entries fit side by side.
    pub(super) fn columns(&self, room: f64) -> usize {
        (1..self.0.len()).rev().find(|n| count(*n) * Self::CELL + MARGIN <= room).unwrap_or(1)
    }

    pub(super) fn write(&self, columns: usize, top: f64, out: &mut dyn Write) -> io::Result<()> {
        for (number, (sample, words)) in self.0.iter().enumerate() {
            let x = MARGIN + Self::CELL * count(number % columns);
            let y = top + LINE * count(number / columns);
            let middle = y + LINE / 2.0;
            match sample {
                Sample::Sheet(class, corner) => writeln!(
                    out,
                    "<g class=\"sheet {class}\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"20\" height=\"10\" rx=\"{}\"/></g>",
                    x + 6.0,
                    middle - 5.0,
                    corner.min(&5)
                )?,
                Sample::Arrow(class) => writeln!(
                    out,
                    "<path class=\"arrow {class}\" d=\"M{x:.1} {middle:.1}h28\" marker-end=\"url(#plain)\"/>"
                )?,
                Sample::Mark(tone) => writeln!(
                    out,
                    "<text class=\"row {}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    tone.class(),
                    x + 12.0,
                    middle + 3.5,
                    mark(*tone)
                )?,
            }
            writeln!(
                out,
                "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>",
                x + SAMPLE,
                middle + 3.5
            )?;
        }
        Ok(())
    }
}
