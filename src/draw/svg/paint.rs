//! Writes the picture.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::caption;
use super::super::escaped::Clipped;
use super::super::legend::Legend;
use super::super::tone::InputTone;
use super::super::view::View;
use super::key::PictureLegend;
use super::layers::{LayerArrow, Layers};
use super::node_box::{NodeBox, PADDING, count};
use super::place::{BoxPlace, MARGIN, PointPlaces};
use super::signs::{corner, mark};
use super::text::{CELL, LINE, width, xml};

/// Colours for light pages, and for dark ones.
const STYLE: &str = include_str!("picture.css");

pub(super) fn picture(
    view: &View<'_, '_, '_, '_>,
    sheets: &[NodeBox],
    layers: &Layers,
    places: &PointPlaces,
    out: &mut dyn Write,
) -> io::Result<()> {
    let key = PictureLegend::of(&Legend::of(view));
    let left_out = view.left_out().map(|left_out| left_out.to_string());
    let columns = key.columns(places.width);
    let notes =
        LINE * (count(key.len().div_ceil(columns)) + if left_out.is_some() { 1.5 } else { 0.0 });
    let least = left_out.as_deref().map_or(0.0, |left_out| width(left_out) + 2.0 * MARGIN);
    let (wide, high) =
        (places.width.max(least).max(PictureLegend::CELL + MARGIN), places.height + notes + MARGIN);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" \
         viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\">"
    )?;
    writeln!(out, "<title>inputs of a flake, and which nixpkgs they get</title>")?;
    writeln!(out, "<style>\n{STYLE}</style>")?;
    markers(out)?;
    writeln!(out, "<rect class=\"page\" width=\"100%\" height=\"100%\"/>")?;
    // Draw loud arrows last, on top.
    let mut arrows: Vec<&LayerArrow> = layers.arrows.iter().collect();
    arrows.sort_by_key(|arrow| (arrow.tone == InputTone::Unconfigured, arrow.tone));
    for drawn in arrows {
        arrow(view, sheets, places, drawn, out)?;
    }
    for (number, drawn) in sheets.iter().enumerate() {
        node_box(view, drawn, places.at(number), out)?;
    }
    let mut top = places.height;
    key.write(columns, top, out)?;
    top += LINE * count(key.len().div_ceil(columns));
    if let Some(left_out) = left_out {
        writeln!(
            out,
            "<text class=\"note\" x=\"{MARGIN:.1}\" y=\"{:.1}\">{}</text>",
            top + LINE,
            xml(left_out)
        )?;
    }
    writeln!(out, "</svg>")
}

/// The heads of arrows, each in the colour of its line.
fn markers(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<defs>")?;
    for tone in [InputTone::Plain, InputTone::Configured, InputTone::Quiet, InputTone::Unconfigured]
    {
        let class = tone.class();
        writeln!(
            out,
            "<marker id=\"{class}\" class=\"{class}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" \
             markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path d=\"M0 0.5 8 4 0 7.5z\"/></marker>"
        )?;
    }
    writeln!(out, "</defs>")
}

fn arrow(
    view: &View<'_, '_, '_, '_>,
    sheets: &[NodeBox],
    places: &PointPlaces,
    arrow: &LayerArrow,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(holder) = sheets.get(arrow.holder) else { return Ok(()) };
    let from = places.at(arrow.holder);
    let middle = holder.rows.get(arrow.row).map_or(0.0, |row| row.middle);
    let y = from.y - holder.height / 2.0 + middle;
    let end = places.at(arrow.end);
    let bends = arrow.bends.iter().map(|bend| places.at(*bend));
    let mut path;
    if arrow.is_back {
        path = Path::from(from.left, y);
        for bend in bends {
            path.curve(bend.outer, bend.y);
            path.line(bend.left);
        }
        path.curve(end.outer, end.y);
        path.line(end.right);
    } else {
        path = Path::from(from.right, y);
        path.line(from.outer);
        for bend in bends {
            path.curve(bend.left, bend.y);
            path.line(bend.outer);
        }
        path.curve(end.left, end.y);
    }
    let class = arrow.tone.class();
    let follows = if arrow.is_direct { "" } else { " follows" };
    writeln!(
        out,
        "<path class=\"arrow {class}{follows}\" d=\"{}\" marker-end=\"url(#{class})\"><title>{}</title></path>",
        path.0,
        xml(tooltip(view, arrow))
    )
}

/// Everything known about an input, for its tooltip.
fn tooltip(view: &View<'_, '_, '_, '_>, arrow: &LayerArrow) -> String {
    let path = view.graph().input_path(arrow.input);
    let mut title = Clipped::path(path.names()).to_string();
    // Writing to a string does not fail.
    let _ = write!(title, ": {}", caption::ArrowCaption(view, arrow.input));
    if let Some(words) = view.verdict(arrow.input).words() {
        let _ = write!(title, "; {words}");
    }
    if let Some(said) = caption::by_source(view, arrow.input) {
        let _ = write!(title, "; {said}");
    }
    title
}

/// The attribute `d`.
struct Path(String, f64, f64);

impl Path {
    fn from(x: f64, y: f64) -> Self {
        Self(format!("M{x:.1} {y:.1}"), x, y)
    }

    /// Horizontal at both ends.
    fn curve(&mut self, x: f64, y: f64) {
        let Self(path, from, level) = self;
        let middle = f64::midpoint(*from, x);
        let _ = write!(path, "C{middle:.1} {level:.1} {middle:.1} {y:.1} {x:.1} {y:.1}");
        (*from, *level) = (x, y);
    }

    fn line(&mut self, x: f64) {
        let _ = write!(self.0, "H{x:.1}");
        self.1 = x;
    }
}

fn node_box(
    view: &View<'_, '_, '_, '_>,
    sheet: &NodeBox,
    place: BoxPlace,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (left, top) = (place.left, place.y - sheet.height / 2.0);
    let mut class = sheet.kind.class().to_owned();
    if !view.graph().is_reachable(sheet.node) {
        class += " unreachable";
    }
    if view.is_focus(sheet.node) {
        class += " focus";
    }
    write!(out, "<g class=\"sheet {class}\"><title>")?;
    let caption = caption::lines(view, sheet.node).into_iter();
    for line in caption.filter(|_| sheet.others.is_empty()) {
        write!(out, "{}&#10;", xml(line))?;
    }
    let nodes = [sheet.node].into_iter().chain(sheet.others.iter().copied());
    for node in nodes {
        let key = view.lock().node(node).key;
        write!(out, "node {}: {}", xml(Clipped::name(key)), sheet.kind.words())?;
        out.write_all(if sheet.others.is_empty() { b"" } else { b"&#10;" })?;
    }
    writeln!(out, "</title>")?;
    writeln!(
        out,
        "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{}\"/>",
        sheet.width,
        sheet.height,
        corner(sheet.kind)
    )?;
    let x = left + PADDING;
    let mut y = top + PADDING;
    for (number, line) in sheet.lines.iter().enumerate() {
        let class = if number == 0 { "name" } else { "about" };
        writeln!(
            out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            y + 11.0,
            xml(line)
        )?;
        y += LINE;
    }
    if !sheet.rows.is_empty() {
        let rule = y + PADDING / 2.0;
        writeln!(out, "<path class=\"rule\" d=\"M{left:.1} {rule:.1}h{:.1}\"/>", sheet.width)?;
    }
    for row in &sheet.rows {
        let class = row.tone.class();
        let y = top + row.middle + 3.5;
        writeln!(
            out,
            "<text class=\"row {class}\" x=\"{x:.1}\" y=\"{y:.1}\">{} {}</text>",
            mark(row.tone),
            xml(&row.text)
        )?;
        for (number, said) in row.lines.iter().enumerate() {
            let (x, y) = (x + 4.0 * CELL, y + LINE * count(number + 1));
            writeln!(
                out,
                "<text class=\"said {class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
                xml(said)
            )?;
        }
    }
    writeln!(out, "</g>")
}
