//! Where every point of a picture is: columns of layers, each in the order that crosses least.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

use super::column::{Entry, settle};
use super::layers::Layers;
use super::sheet::Sheet;

/// Pixels between layers: room for arrows to cross.
const BETWEEN_LAYERS: f64 = 48.0;
/// Pixels between the sheets of a layer.
const BETWEEN_SHEETS: f64 = 14.0;
/// Pixels between arrows that pass a layer.
const BETWEEN_BENDS: f64 = 7.0;
/// Pixels around the picture.
pub(super) const MARGIN: f64 = 24.0;
/// How often the columns are moved to be beside each other.
const SWEEPS: usize = 24;

/// Where a point is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BoxPlace {
    /// Left and right of what stands there.
    pub(super) left: f64,
    pub(super) right: f64,
    /// Where the widest of its layer ends: only there can an arrow turn.
    pub(super) outer: f64,
    /// Its middle.
    pub(super) y: f64,
}

/// All places, and how large the picture is.
#[derive(Debug)]
pub(super) struct Places {
    places: Vec<BoxPlace>,
    pub(super) layers: usize,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Places {
    pub(super) fn new(sheets: &[Sheet], layers: &Layers) -> Self {
        let size = |point: usize| sheets.get(point).map_or((0.0, 0.0), |s| (s.width, s.height));
        let columns = columns(layers, &size);
        let ys = heights(layers, &columns, sheets);
        let mut places = vec![BoxPlace::default(); layers.points];
        let (mut left, mut bottom) = (MARGIN, MARGIN);
        for column in &columns {
            let width = column.iter().map(|point| size(*point).0).fold(0.0, f64::max);
            for &point in column {
                let Some(place) = places.get_mut(point) else { continue };
                place.y = ys.get(point).copied().unwrap_or_default();
                place.left = left;
                place.outer = left + width;
                // Arrows that pass go straight from side to side.
                let own = if point < sheets.len() { size(point).0 } else { width };
                place.right = left + own;
                bottom = f64::max(bottom, place.y + size(point).1 / 2.0);
            }
            left += width + BETWEEN_LAYERS;
        }
        let width = left - BETWEEN_LAYERS + MARGIN;
        Self { places, layers: columns.len(), width, height: bottom + MARGIN }
    }

    pub(super) fn at(&self, point: usize) -> BoxPlace {
        self.places.get(point).copied().unwrap_or_default()
    }
}

/// The points of each layer, from the top.
fn columns(layers: &Layers, size: &impl Fn(usize) -> (f64, f64)) -> Vec<Vec<usize>> {
    let number = |point: usize| u32::try_from(point).unwrap_or(u32::MAX);
    let turned = |(width, height): (f64, f64)| (height, width);
    let points: Vec<_> =
        (0..layers.points).map(|point| (number(point), turned(size(point)))).collect();
    let steps: Vec<_> =
        layers.steps.iter().map(|(from, to)| (number(*from), number(*to))).collect();
    let config = Config { ranking_type: RankingType::Up, ..Config::default() };
    let laid_out =
        catch_unwind(AssertUnwindSafe(|| from_vertices_and_edges(&points, &steps, &config)));
    // Should the layout ever fail, there are no layers, and yet a picture.
    let Ok(parts) = laid_out else { return vec![(0..layers.points).collect()] };
    let mut columns: Vec<Vec<usize>> = Vec::new();
    for (mut part, ..) in parts {
        part.sort_by(|(a, (along, _)), (b, (other, _))| along.total_cmp(other).then(a.cmp(b)));
        let mut known: Vec<f64> = part.iter().map(|(_, (_, layer))| *layer).collect();
        known.sort_by(f64::total_cmp);
        known.dedup();
        for (point, (_, layer)) in part {
            let column = known.partition_point(|known| *known < layer);
            if columns.len() <= column {
                columns.resize(column + 1, Vec::new());
            }
            if let Some(column) = columns.get_mut(column) {
                column.push(point);
            }
        }
    }
    columns
}

/// The middle of each point: as near to those that it is joined to as its column has room.
fn heights(layers: &Layers, columns: &[Vec<usize>], sheets: &[Sheet]) -> Vec<f64> {
    let mut joined: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(from, to) in &layers.steps {
        joined.entry(to).or_default().push(from);
        joined.entry(from).or_default().push(to);
    }
    let mut ys = vec![0.0; layers.points];
    for sweep in 0..SWEEPS {
        for at in 0..columns.len() {
            let at = if sweep % 2 == 0 { at } else { columns.len() - 1 - at };
            let Some(column) = columns.get(at) else { continue };
            let entries: Vec<Entry> = column
                .iter()
                .map(|point| {
                    let joined = joined.get(point).into_iter().flatten();
                    let joined: Vec<f64> = joined.filter_map(|p| ys.get(*p).copied()).collect();
                    let sheet = sheets.get(*point);
                    Entry {
                        wanted: mean(&joined).unwrap_or_default(),
                        half: sheet.map_or(0.0, |sheet| sheet.height / 2.0),
                        room: if sheet.is_some() { BETWEEN_SHEETS } else { BETWEEN_BENDS },
                    }
                })
                .collect();
            for (point, y) in column.iter().zip(settle(&entries)) {
                if let Some(own) = ys.get_mut(*point) {
                    *own = y;
                }
            }
        }
    }
    let half = |point: usize| sheets.get(point).map_or(0.0, |sheet| sheet.height / 2.0);
    let top = ys.iter().enumerate().map(|(point, y)| y - half(point)).fold(f64::INFINITY, f64::min);
    for y in &mut ys {
        *y += MARGIN - top;
    }
    ys
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}
