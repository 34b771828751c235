//! SVG, laid out in layers from left to right, for whoever has no Graphviz.
//!
//! A node is a sheet with a row for each of its inputs, so that names and verdicts are read beside
//! where their arrows start, and arrows need no labels. Arrows of one kind to one node run
//! together where they pass other layers. Text is set in a monospaced font, whose widths are known
//! here. Colours come in two sets, for light and dark; nothing is told by colour alone.
//!
//! The layers are rust-sugiyama's. Of the two crates that there are, it took 46 ms at most for the
//! locks of 461 flakes and fixtures, and layout-rs 2.9 s; neither panicked. Both take more than
//! linear time, so a picture holds a limited number of sheets (`shrink_to_fit`), and a panic would cost the
//! order within layers, not the picture.

mod column;
mod key;
mod layers;
mod paint;
mod place;
mod sheet;
mod signs;
mod text;

use std::io::{self, Write};

use super::shrink_to_fit;
use super::view::View;
use layers::Layers;
use place::Places;
use sheet::{Measure, Sheet};

/// Sheets that a picture holds: more can neither be read nor laid out at once.
const MOST_SHEETS: usize = 400;
/// Layers of wide sheets that can be read in a page of text.
const READ_WIDE: usize = 3;

/// Writes the drawing.
///
/// # Errors
/// What `out` says.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let picture = shrink_to_fit::fitting(view, MOST_SHEETS, |view| {
        if view.nodes().len() > MOST_SHEETS {
            return None;
        }
        let measure = |measure: Measure| measure.of(view.nodes().len());
        let mut sheets = sheet::all(view, measure(Measure::WIDE));
        let mut layers = Layers::new(view, &sheets)?;
        let mut places = Places::new(&sheets, &layers);
        if places.layers > READ_WIDE {
            sheets = sheet::all(view, measure(Measure::NARROW));
            places = Places::new(&sheets, &layers);
        }
        sort_rows(&mut sheets, &mut layers, &places);
        let mut text = Vec::new();
        // Writing to memory does not fail.
        paint::picture(view, &sheets, &layers, &places, &mut text).ok()?;
        Some(text)
    });
    out.write_all(&picture.unwrap_or_default())
}

/// Lets arrows leave each sheet in the order of its rows. An arrow that goes back does not count: it
/// leaves at the other side.
fn sort_rows(sheets: &mut [Sheet], layers: &mut Layers, places: &Places) {
    let mut goes: Vec<Vec<Option<f64>>> =
        sheets.iter().map(|sheet| vec![None; sheet.rows.len()]).collect();
    for arrow in layers.arrows.iter().filter(|arrow| !arrow.is_back) {
        let next = arrow.bends.first().copied().unwrap_or(arrow.end);
        let row = goes.get_mut(arrow.holder).and_then(|rows| rows.get_mut(arrow.row));
        if let Some(row) = row {
            row.get_or_insert(places.at(next).y);
        }
    }
    let orders: Vec<Vec<usize>> =
        sheets.iter_mut().zip(&goes).map(|(sheet, goes)| sheet.sort_rows(goes)).collect();
    for arrow in &mut layers.arrows {
        let order = orders.get(arrow.holder);
        if let Some(row) = order.and_then(|order| order.iter().position(|row| *row == arrow.row)) {
            arrow.row = row;
        }
    }
}
