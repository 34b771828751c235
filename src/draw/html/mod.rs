//! A page with the graph, for a browser: it loads nothing and links to nothing.
//!
//! The page's policy allows its own script and style, by their digests, and nothing else. Data from
//! the lock is in a data block that contains no `<`, and is only inserted into the page as text.
//! The browser computes the layout with dagre (`dagre/README.md`) for what is shown: at first the
//! chain of the most severe finding.

mod data;
mod findings;
mod outputs;
mod wrapper;

use std::io::{self, Write};

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::view::View;
use crate::audit::Report;
use crate::text::write_json;
use data::PageData;
pub use wrapper::NewWrapper;

const DAGRE: &str = include_str!("dagre/dagre.min.js");
const LICENSE: &str = include_str!("dagre/LICENSE");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(
    "\"use strict\";\n",
    include_str!("model.js"),
    include_str!("sheets.js"),
    include_str!("canvas.js"),
    include_str!("panels.js"),
    include_str!("page.js"),
);
const PAGE: &str = include_str!("page.html");

/// Writes the page.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    view: &View<'_, '_, '_, '_>,
    report: Option<&Report<'_>>,
    wrapper: Option<&Result<NewWrapper, String>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut data = Vec::new();
    write_json(&PageData::new(view, report, wrapper), &mut data)?;
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("@{") {
        out.write_all(before.as_bytes())?;
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match name {
            "dagre digest" => write!(out, "{}", digest(DAGRE))?,
            "script digest" => write!(out, "{}", digest(SCRIPT))?,
            "style digest" => write!(out, "{}", digest(STYLE))?,
            "dagre" => out.write_all(DAGRE.as_bytes())?,
            "license" => out.write_all(LICENSE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "style" => out.write_all(STYLE.as_bytes())?,
            _ => write_data(&data, out)?,
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// Source: Content Security Policy Level 3, section 2.3.1, `hash-source`.
fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)))
}

/// JSON that no HTML parser can misread: `<` only occurs in its strings, where it can be escaped.
fn write_data(json: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for (number, part) in json.split(|byte| *byte == b'<').enumerate() {
        if number > 0 {
            out.write_all(b"\\u003c")?;
        }
        out.write_all(part)?;
    }
    Ok(())
}
