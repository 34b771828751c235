//! SVG, laid out in layers from left to right, for people without Graphviz.
//!
//! A node is a box with a row for each of its inputs, so that names and verdicts are read where
//! their arrows start, and arrows need no labels. Arrows of one kind to one node run together where
//! they pass other layers. Text is set in a monospaced font, whose width is known. There are two
//! sets of colours, for light and dark pages; nothing is shown by colour alone.
//!
//! The layers are computed by rust-sugiyama. Of the two crates that do this, it took at most 46 ms
//! for the locks of 461 flakes and fixtures, layout-rs 2.9 s; neither panicked. Both take more than
//! linear time, so a picture holds a limited number of boxes (`shrink_to_fit`); a panic would only
//! lose the order within layers.

mod column;
mod key;
mod layers;
mod node_box;
mod paint;
mod place;
mod signs;
mod text;

use std::io::{self, Write};

use super::shrink_to_fit;
use super::view::View;
use layers::Layers;
use node_box::{Measure, NodeBox};
use place::PointPlaces;

/// The most boxes in a picture: more can neither be read nor laid out quickly.
const MOST_BOXES: usize = 400;
/// How many layers of wide boxes fit into a page of text.
const READ_WIDE: usize = 3;

/// Writes the drawing.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let picture = shrink_to_fit::fitting(view, MOST_BOXES, |view| {
        if view.nodes().len() > MOST_BOXES {
            return None;
        }
        let measure = |measure: Measure| measure.of(view.nodes().len());
        let mut sheets = node_box::all(view, measure(Measure::WIDE));
        let mut layers = Layers::new(view, &sheets)?;
        let mut places = PointPlaces::new(&sheets, &layers);
        if places.layers > READ_WIDE {
            sheets = node_box::all(view, measure(Measure::NARROW));
            places = PointPlaces::new(&sheets, &layers);
        }
        sort_rows(&mut sheets, &mut layers, &places);
        let mut text = Vec::new();
        // Writing to memory does not fail.
        paint::picture(view, &sheets, &layers, &places, &mut text).ok()?;
        Some(text)
    });
    out.write_all(&picture.unwrap_or_default())
}

/// Sorts the rows of each box so that its arrows do not cross. Arrows that go back do not count,
/// because they leave on the other side.
fn sort_rows(sheets: &mut [NodeBox], layers: &mut Layers, places: &PointPlaces) {
    let mut heights: Vec<Vec<Option<f64>>> =
        sheets.iter().map(|sheet| vec![None; sheet.rows.len()]).collect();
    for arrow in layers.arrows.iter().filter(|arrow| !arrow.is_back) {
        let next = arrow.bends.first().copied().unwrap_or(arrow.end);
        let row = heights.get_mut(arrow.holder).and_then(|rows| rows.get_mut(arrow.row));
        if let Some(row) = row {
            row.get_or_insert(places.at(next).y);
        }
    }
    let orders: Vec<Vec<usize>> =
        sheets.iter_mut().zip(&heights).map(|(sheet, heights)| sheet.sort_rows(heights)).collect();
    for arrow in &mut layers.arrows {
        let order = orders.get(arrow.holder);
        if let Some(row) = order.and_then(|order| order.iter().position(|row| *row == arrow.row)) {
            arrow.row = row;
        }
    }
}
