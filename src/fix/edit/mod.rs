//! Editing `flake.nix`: splices on its syntax tree, with every other byte kept.
//!
//! New text takes the style of its neighbours: beside the lines of its input or inside its block,
//! with their indentation and line breaks. Afterwards the text is read again, and must declare
//! exactly what was asked for.

mod additions;
mod declare;
mod file;
mod follow;
mod formals;
mod gap;
mod generated;
mod input_spec;
mod line;
mod place;
mod remove;
mod splice;

pub use generated::generated;

use std::sync::Arc;

use crate::source::SourceMemory;
use crate::source::syntax::with_line_feeds;
use crate::text::Span;
use additions::Additions;
use file::FlakeFile;
use input_spec::InputSpec;
use splice::Splices;

/// One change of flake.nix. Paths are input paths: names of inputs, from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Make the input at this path follow that one; an empty `follows` stands for this flake
    /// itself. Replaces a plain `url`.
    Follow {
        /// The input.
        path: Vec<String>,
        /// The path to follow.
        follows: Vec<String>,
    },
    /// Remove what flake.nix says about this override: its follows, its reference, its `flake`.
    /// Overrides below it stay. Applied after all other edits.
    Remove {
        /// The override.
        path: Vec<String>,
    },
    /// Declare a new input of the root.
    Declare {
        /// Its name.
        name: String,
        /// Its `url`.
        url: String,
        /// Its own inputs and what each follows.
        follows: Vec<(String, Vec<String>)>,
    },
    /// Add an input to the formals of `outputs`: needed if these are closed, or if nothing binds
    /// the whole set.
    Take {
        /// The input.
        name: String,
    },
    /// Replace these bytes by a text.
    Replace {
        /// The bytes.
        span: Span,
        /// The text.
        text: String,
    },
}

/// Why flake.nix was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotEdited {
    /// One sentence, with names from the file unescaped.
    pub reason: String,
    /// The place it is about, in the text before the edits.
    pub span: Option<Span>,
}

impl NotEdited {
    fn at(span: Span, reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), span: Some(span) }
    }

    fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), span: None }
    }
}

/// An edit that was made, for whoever wants the same one: a report shows the change that a repair
/// makes.
#[derive(Debug, Clone)]
pub struct KnownEdit {
    text: Arc<str>,
    edits: Vec<Edit>,
    edited: Result<String, NotEdited>,
}

impl KnownEdit {
    /// Makes it, with what was read before.
    pub fn new(text: Arc<str>, edits: Vec<Edit>, memory: Option<&SourceMemory>) -> Self {
        let edited = edit_with(&text, &edits, memory);
        Self { text, edits, edited }
    }

    /// The text with these edits, if this is that edit.
    pub fn of(&self, text: &str, edits: &[Edit]) -> Option<&Result<String, NotEdited>> {
        (*self.text == *text && self.edits == edits).then_some(&self.edited)
    }

    /// The outcome.
    ///
    /// # Errors
    /// Those of [`edit`].
    pub fn edited(&self) -> Result<&str, &NotEdited> {
        self.edited.as_deref()
    }
}

/// The text with these edits. Edits that are already there change nothing; every byte outside of
/// the splices stays.
///
/// # Errors
/// A file that Nix would refuse, an edit that only a person can make, and any after which the file
/// would not declare exactly what it did before and what was asked for.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, NotEdited> {
    edit_with(text, edits, None)
}

/// The same, with what was read before.
///
/// # Errors
/// Those of [`edit`].
pub fn edit_with(
    text: &str,
    edits: &[Edit],
    memory: Option<&SourceMemory>,
) -> Result<String, NotEdited> {
    let lines = with_line_feeds(text);
    let file = FlakeFile::read(&lines, memory)?;
    let mut splices = Splices::default();
    for edit in edits {
        if let Edit::Replace { span, text } = edit {
            splices.replace(*span, text.as_str());
        }
    }
    let mut additions = Additions::default();
    follow::plan(&file, edits, &mut additions, &mut splices)?;
    declare::plan(&file, edits, &mut additions)?;
    formals::plan(&file, edits, &mut splices)?;
    let removed = remove::wanted(edits)?;
    additions.splice(&file, &mut splices)?;
    let mut edited = splices.apply(text)?;
    if !removed.is_empty() {
        // Removed last, so that new text can be placed beside what is removed.
        let lines = with_line_feeds(&edited);
        edited = remove::plan(&read_again(&lines)?, &removed).apply(&edited)?;
    }
    let expected = InputSpec::of(&file.declared).after_edits(edits, &file.declared);
    let declared = file::parsed(&edited, memory).map_err(broken)?.declared;
    if InputSpec::of(&declared) == expected {
        Ok(edited)
    } else {
        Err(NotEdited::because("flake.nix could not be edited without changing more"))
    }
}

fn read_again(edited: &str) -> Result<FlakeFile<'_>, NotEdited> {
    FlakeFile::read(edited, None).map_err(broken)
}

fn broken(error: NotEdited) -> NotEdited {
    NotEdited::because(format!("flake.nix could not be edited: then {}", error.reason))
}
