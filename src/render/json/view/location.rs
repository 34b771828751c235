//! A place in a file, in JSON.

use serde::Serialize;

use crate::audit::Location;

/// A range of a file; lines and columns from 1, columns in characters.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Location"))]
pub(in super::super) struct V1Location<'r> {
    /// The file, as it is to be named.
    file: &'r str,
    /// Line of its first character.
    line: usize,
    /// Column of its first character.
    column: usize,
    /// Line of what comes after its last character.
    end_line: usize,
    /// Column of what comes after its last character.
    end_column: usize,
}

impl<'r> V1Location<'r> {
    pub(in super::super) fn new(location: &'r Location) -> Self {
        Self {
            file: &location.file,
            line: location.start.line,
            column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
        }
    }
}
