//! JSON in which no character hides.

use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::text::{is_hidden, write_unicode_escape};

/// Compact JSON with DEL, C1 controls, bidirectional and invisible characters as `\u` escapes;
/// serde_json itself escapes C0 controls only.
#[derive(Debug)]
pub(super) struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        // Plain ASCII, which nearly everything is, has nothing to escape but DEL.
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            let (plain, tail) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut escape = String::new();
            write_unicode_escape(&mut escape, c).map_err(io::Error::other)?;
            out.write_all(escape.as_bytes())?;
            rest = tail.get(c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}
