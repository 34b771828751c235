//! Drawing a lock, for the tests of drawings.
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use flake_audit::draw::{Focus, Format, ViewOptions, draw};
use flake_audit::graph::{Graph, Overrides};
use flake_audit::instance::{Analysis, Declared, LockSources};
use flake_audit::lock::{Lock, LockError, Unescaped};

/// The part of a lock to draw.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part<'p> {
    /// An input path with slashes.
    pub(crate) focus: Option<&'p str>,
    pub(crate) nixpkgs_only: bool,
    pub(crate) depth: Option<u32>,
}

/// Draws a lock, or returns why it cannot be read.
pub(crate) fn drawn(bytes: &[u8], part: Part<'_>, format: Format) -> Result<String, LockError> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(bytes, &unescaped)?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides)?;
    let code = LockSources::none(&graph);
    let analysis = Analysis::new(&graph, &Declared::default(), &code);
    let mut focus = None;
    let mut at = lock.root();
    for name in part.focus.into_iter().flat_map(|path| path.split('/')) {
        let input = lock.input_named(at, name).expect("the focus exists");
        focus = Some(Focus::Input(input));
        at = graph.end(input).unwrap_or(at);
    }
    let mut out = Vec::new();
    let options =
        ViewOptions { focus, nixpkgs_only: part.nixpkgs_only, depth: part.depth, most: None };
    draw(&analysis, None, &options, format, &mut out).expect("a vector takes all");
    Ok(String::from_utf8(out).expect("drawings are text"))
}

/// All formats except the page, most of which is always the same.
pub(crate) const FORMATS: [Format; 5] =
    [Format::Dot, Format::Json, Format::Tree, Format::Mermaid, Format::Svg];

/// Checks Mermaid's limits, which GitHub leaves at their defaults.
pub(crate) fn fits_into_mermaid(drawing: &str) -> bool {
    let arrows = drawing.lines().filter(|line| line.contains("-->|") || line.contains("-.->|"));
    drawing.len() <= 50_000 && arrows.count() <= 500
}

/// The texts between two marks of a page.
pub(crate) fn between<'p>(page: &'p str, start: &str, end: &str) -> Vec<&'p str> {
    page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

/// The graph in a page, as JSON.
pub(crate) fn page_data(page: &str) -> &str {
    let data = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    data.first().expect("a page has data")
}
