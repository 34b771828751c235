//! Pictures in the documents are the program's real output.

use std::fs;
use std::path::Path;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use super::page::repository;
use crate::cli::{fixtures, flake_audit};

/// The fixture that is shown.
const CASE: &str = "source/fix-is-safe";

/// GitHub's colours, in its light and in its dark theme.
struct Theme {
    file: &'static str,
    text: u32,
    ground: u32,
    red: u32,
    blue: u32,
    cyan: u32,
    green: u32,
    yellow: u32,
}

const LIGHT: Theme = Theme {
    file: "docs/check.svg",
    text: 0x1f2328,
    ground: 0xf6f8fa,
    red: 0xcf222e,
    blue: 0x0969da,
    cyan: 0x1b7c83,
    green: 0x116329,
    yellow: 0x9a6700,
};

const DARK: Theme = Theme {
    file: "docs/check-dark.svg",
    text: 0xe6edf3,
    ground: 0x161b22,
    red: 0xff7b72,
    blue: 0x79c0ff,
    cyan: 0x56d4dd,
    green: 0x56d364,
    yellow: 0xe3b341,
};

fn rgb(value: u32) -> RgbColor {
    let [_, red, green, blue] = value.to_be_bytes();
    RgbColor(red, green, blue)
}

impl Theme {
    fn draw(&self, text: &str) -> String {
        let Self { text: plain, ground, red, blue, cyan, green, yellow, .. } = *self;
        let eight = [ground, red, green, yellow, blue, blue, cyan, plain];
        let palette = Palette::from(std::array::from_fn(|n| rgb(eight[n % 8])));
        let drawn = Term::new()
            .palette(palette)
            .fg_color(Color::Rgb(rgb(plain)))
            .bg_color(Color::Rgb(rgb(ground)))
            .render_svg(text);
        with_view_box(&drawn)
    }
}

/// Makes a picture shrink with the page instead of being cut off.
fn with_view_box(svg: &str) -> String {
    let value = |name: &str| {
        let (_, rest) = svg.split_once(name).unwrap();
        rest.split_once("px\"").unwrap().0
    };
    let (width, height) = (value("width=\""), value("height=\""));
    svg.replacen("<svg ", &format!("<svg viewBox=\"0 0 {width} {height}\" "), 1)
}

#[test]
fn the_picture_is_real_output() {
    let case = fixtures().join(CASE);
    let output = flake_audit(&case)
        .args(["check", "--quiet", "--color", "always", "--store", "store"])
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap().replace(" --store store", "");
    let text = format!("$ flake-audit check --quiet\n{}", printed.trim_end());
    for theme in [LIGHT, DARK] {
        assert_kept(theme.file, &theme.draw(&text));
    }
}

fn assert_kept(name: &str, drawn: &str) {
    let file = repository().join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|when| when == "always") {
        fs::write(&file, drawn).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, drawn, "{name}: INSTA_UPDATE=always draws it anew");
}

fn graph(folder: &Path, store: Option<&Path>) -> String {
    let mut graph = flake_audit(folder);
    graph.args(["graph", "--format", "svg"]);
    if let Some(store) = store {
        graph.arg("--store").arg(store);
    }
    String::from_utf8(graph.assert().success().get_output().stdout.clone()).unwrap()
}

#[test]
fn graphs_are_real_before_and_after_a_fix() {
    // Three layers: more would be too small in a page of text.
    let shown = fixtures().join("unconfigured-nixpkgs/input-not-declared-but-taken");
    assert_kept("docs/graph.svg", &graph(&shown, None));
    let case = fixtures().join(CASE);
    let store = case.join("store");
    assert_kept("docs/before.svg", &graph(&case, Some(&store)));
    let copy = tempfile::tempdir().unwrap();
    for file in ["flake.nix", "flake.lock"] {
        fs::copy(case.join(file), copy.path().join(file)).unwrap();
    }
    flake_audit(copy.path()).args(["fix", "--store"]).arg(&store).assert().success();
    assert_kept("docs/after.svg", &graph(copy.path(), Some(&store)));
}
