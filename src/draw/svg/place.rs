//! Where every point of a picture is: columns of layers, each in the order with the fewest
//! crossings. Separate parts are put side by side as far as a page of text has room, then below.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

use super::column::{ColumnEntry, settle};
use super::layers::Layers;
use super::node_box::{NodeBox, count};

/// Pixels between layers: room for arrows to cross.
const BETWEEN_LAYERS: f64 = 48.0;
/// Pixels between the boxes of a layer.
const BETWEEN_BOXES: f64 = 14.0;
/// Pixels between arrows that pass a layer.
const BETWEEN_BENDS: f64 = 7.0;
/// Pixels around the picture.
pub(super) const MARGIN: f64 = 24.0;
/// Pixels between separate parts.
const BETWEEN_PARTS: f64 = 28.0;
/// Pixels that parts side by side may take: their text is still readable in a column of 800.
const READ_WIDTH: f64 = 1000.0;
/// How often columns are adjusted to their neighbours.
const SWEEPS: usize = 24;

/// The place of a point.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BoxPlace {
    /// Left and right edge of the box.
    pub(super) left: f64,
    pub(super) right: f64,
    /// Right edge of the widest box in its layer: arrows can only turn beyond it.
    pub(super) outer: f64,
    /// Its middle.
    pub(super) y: f64,
}

/// All places, and the size of the picture.
#[derive(Debug)]
pub(super) struct PointPlaces {
    places: Vec<BoxPlace>,
    pub(super) layers: usize,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl PointPlaces {
    pub(super) fn new(sheets: &[NodeBox], layers: &Layers) -> Self {
        let size = |point: usize| sheets.get(point).map_or((0.0, 0.0), |s| (s.width, s.height));
        let mut parts = parts(layers, &size);
        let heights: Vec<f64> = parts.iter().map(|part| height(part, &size)).collect();
        // The part with this flake comes first; others of the same height are put side by side.
        let mut order: Vec<usize> = (0..parts.len()).collect();
        let rank = |part: usize| heights.get(part).copied().unwrap_or_default();
        let is_first = |part: usize| {
            parts.get(part).is_some_and(|part| part.iter().flatten().any(|point| *point == 0))
        };
        order.sort_by(|a, b| is_first(*b).cmp(&is_first(*a)).then(rank(*b).total_cmp(&rank(*a))));
        let widths = widths(&parts, &size);
        let mut places = Self {
            places: vec![BoxPlace::default(); layers.points],
            layers: parts.iter().map(Vec::len).max().unwrap_or_default(),
            width: 0.0,
            height: 0.0,
        };
        let (mut left, mut top, mut bottom) = (MARGIN, MARGIN, MARGIN);
        for part in order {
            let Some(columns) = parts.get_mut(part).map(std::mem::take) else { continue };
            let widths = widths.get(&columns.len()).map_or(&[][..], Vec::as_slice);
            let width =
                widths.iter().sum::<f64>() + BETWEEN_LAYERS * count(columns.len().max(1) - 1);
            if left > MARGIN && left + width > READ_WIDTH - MARGIN {
                (left, top) = (MARGIN, bottom + BETWEEN_PARTS);
            }
            let end = places.place_part(layers, sheets, &columns, widths, (left, top));
            bottom = bottom.max(end);
            places.width = places.width.max(left + width + MARGIN);
            left += width + BETWEEN_PARTS;
        }
        places.height = bottom + MARGIN;
        places
    }

    /// Places a part at its upper left corner, and returns where it ends.
    fn place_part(
        &mut self,
        layers: &Layers,
        sheets: &[NodeBox],
        columns: &[Vec<usize>],
        widths: &[f64],
        (mut left, top): (f64, f64),
    ) -> f64 {
        let size = |point: usize| sheets.get(point).map_or((0.0, 0.0), |s| (s.width, s.height));
        let ys = heights(layers, columns, sheets, top);
        let mut bottom = top;
        for (column, width) in columns.iter().zip(widths) {
            for &point in column {
                let Some(place) = self.places.get_mut(point) else { continue };
                place.y = ys.get(&point).copied().unwrap_or_default();
                place.left = left;
                place.outer = left + width;
                // Arrows that pass a layer go straight through it.
                let own = if point < sheets.len() { size(point).0 } else { *width };
                place.right = left + own;
                bottom = f64::max(bottom, place.y + size(point).1 / 2.0);
            }
            left += width + BETWEEN_LAYERS;
        }
        bottom
    }

    pub(super) fn at(&self, point: usize) -> BoxPlace {
        self.places.get(point).copied().unwrap_or_default()
    }
}

/// The separate parts, each as the points of its layers, from the top.
fn parts(layers: &Layers, size: &impl Fn(usize) -> (f64, f64)) -> Vec<Vec<Vec<usize>>> {
    let number = |point: usize| u32::try_from(point).unwrap_or(u32::MAX);
    let turned = |(width, height): (f64, f64)| (height, width);
    let points: Vec<_> =
        (0..layers.points).map(|point| (number(point), turned(size(point)))).collect();
    let steps: Vec<_> =
        layers.steps.iter().map(|(from, to)| (number(*from), number(*to))).collect();
    let config = Config { ranking_type: RankingType::Up, ..Config::default() };
    let laid_out =
        catch_unwind(AssertUnwindSafe(|| from_vertices_and_edges(&points, &steps, &config)));
    // If the layout fails, draw without layers.
    let Ok(parts) = laid_out else { return vec![vec![(0..layers.points).collect()]] };
    let mut found = Vec::new();
    for (mut part, ..) in parts {
        part.sort_by(|(a, (along, _)), (b, (other, _))| along.total_cmp(other).then(a.cmp(b)));
        let mut known: Vec<f64> = part.iter().map(|(_, (_, layer))| *layer).collect();
        known.sort_by(f64::total_cmp);
        known.dedup();
        let mut columns = vec![Vec::new(); known.len()];
        for (point, (_, layer)) in part {
            let column = known.partition_point(|known| *known < layer);
            if let Some(column) = columns.get_mut(column) {
                column.push(point);
            }
        }
        found.push(columns);
    }
    found
}

/// The height of the highest column of a part.
fn height(part: &[Vec<usize>], size: &impl Fn(usize) -> (f64, f64)) -> f64 {
    let of_column = |column: &Vec<usize>| column.iter().map(|point| size(*point).1).sum::<f64>();
    part.iter().map(of_column).fold(0.0, f64::max)
}

/// The widths of the columns, shared by all parts so that those below each other line up.
fn widths(
    parts: &[Vec<Vec<usize>>],
    size: &impl Fn(usize) -> (f64, f64),
) -> BTreeMap<usize, Vec<f64>> {
    let mut widths: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for part in parts {
        let known = widths.entry(part.len()).or_insert_with(|| vec![0.0; part.len()]);
        for (column, known) in part.iter().zip(known) {
            *known = column.iter().map(|point| size(*point).0).fold(*known, f64::max);
        }
    }
    widths
}

/// The middle of each point of a part, as near to the points it is joined to as its column allows.
fn heights(
    layers: &Layers,
    columns: &[Vec<usize>],
    sheets: &[NodeBox],
    top: f64,
) -> BTreeMap<usize, f64> {
    let mut ys: BTreeMap<usize, f64> =
        columns.iter().flatten().map(|point| (*point, 0.0)).collect();
    let mut joined: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(from, to) in layers.steps.iter().filter(|(from, _)| ys.contains_key(from)) {
        joined.entry(to).or_default().push(from);
        joined.entry(from).or_default().push(to);
    }
    for sweep in 0..SWEEPS {
        for at in 0..columns.len() {
            let at = if sweep % 2 == 0 { at } else { columns.len() - 1 - at };
            let Some(column) = columns.get(at) else { continue };
            let entries: Vec<ColumnEntry> = column
                .iter()
                .map(|point| {
                    let joined = joined.get(point).into_iter().flatten();
                    let joined: Vec<f64> = joined.filter_map(|p| ys.get(p).copied()).collect();
                    let sheet = sheets.get(*point);
                    ColumnEntry {
                        wanted: mean(&joined).unwrap_or_default(),
                        half: sheet.map_or(0.0, |sheet| sheet.height / 2.0),
                        room: if sheet.is_some() { BETWEEN_BOXES } else { BETWEEN_BENDS },
                    }
                })
                .collect();
            ys.extend(column.iter().copied().zip(settle(&entries)));
        }
    }
    let half = |point: usize| sheets.get(point).map_or(0.0, |sheet| sheet.height / 2.0);
    let highest = ys.iter().map(|(point, y)| y - half(*point)).fold(f64::INFINITY, f64::min);
    for y in ys.values_mut() {
        *y += top - highest;
    }
    ys
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}
