//! `flake.nix` edited: splices on its syntax tree, every other byte kept.
//!
//! What is new is written as its neighbours are: beside the lines of its input, inside its block,
//! with their indentation and their line breaks. Afterwards the text is read again, and it must
//! say exactly what was asked for.

mod additions;
mod declare;
mod extent;
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

use crate::source::declare::Declarations;
use crate::source::syntax::with_line_feeds;
use crate::text::Span;
use additions::Additions;
use file::FlakeFile;
use input_spec::InputSpec;
use splice::Splices;

/// One change of flake.nix. Paths are input paths: names of inputs, from the root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Make the input at this path follow that one; this flake itself where `follows` is empty.
    /// A plain `url` that it has gives way.
    Follow {
        /// The input.
        path: Vec<String>,
        /// What it is to follow.
        follows: Vec<String>,
    },
    /// Take away what flake.nix says of this override: its follows, its reference, its `flake`.
    /// Overrides below it stay. Comes after all other edits.
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
        /// Which of its inputs follow what.
        follows: Vec<(String, Vec<String>)>,
    },
    /// Let `outputs` take an input by name: where its formals are closed, and where they are open
    /// and nothing binds the whole set.
    Take {
        /// The input.
        name: String,
    },
    /// Put a text in place of these bytes.
    Replace {
        /// What goes.
        span: Span,
        /// What comes.
        text: String,
    },
}

/// Why flake.nix was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotEdited {
    /// One sentence. Names from the file stand in it as they are.
    pub reason: String,
    /// What it is about, in the text before the edits.
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

/// The text with these edits. What is so already is left alone; every byte outside of the splices
/// stays.
///
/// # Errors
/// A file that Nix would refuse, an edit that only a person can make, and any after which the file
/// would not say exactly what it said before and what was asked for.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, NotEdited> {
    let lines = with_line_feeds(text);
    let file = FlakeFile::read(&lines)?;
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
        // In the new text, so that what is new can stand beside what goes.
        let lines = with_line_feeds(&edited);
        edited = remove::plan(&read_again(&lines)?, &removed).apply(&edited)?;
    }
    let expected = InputSpec::of(&file.declared).after(edits, &file.declared);
    if InputSpec::of(&declared_again(&edited)?) == expected {
        Ok(edited)
    } else {
        Err(NotEdited::because("flake.nix could not be edited without changing more"))
    }
}

fn read_again(edited: &str) -> Result<FlakeFile<'_>, NotEdited> {
    FlakeFile::read(edited).map_err(broken)
}

/// What an edited file declares: nothing more is edited, so no tree is needed.
fn declared_again(edited: &str) -> Result<Declarations, NotEdited> {
    file::parsed(edited).map(|(_, declared)| declared).map_err(broken)
}

fn broken(error: NotEdited) -> NotEdited {
    NotEdited::because(format!("flake.nix could not be edited: then {}", error.reason))
}
