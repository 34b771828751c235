//! Hostile sources, through the whole audit: as the root's `flake.nix`, as a file that it imports,
//! and as the same two of a dependency in a store.
//!
//! Whatever they contain, the audit ends on the stack of an ordinary thread, reports an error once
//! with its place, judges everything that could be read, and prints nothing hidden.

mod files;
mod inputs;
mod many;
mod messages;
mod nesting;
mod outputs;
mod programs;
mod text;

use std::sync::Arc;

use flake_audit::rules::RULES;
use flake_audit::source::syntax::File;

use crate::cli::flake_audit;
use crate::support::flake_folder::{
    DEP_FINDING, DEP_FLAKE, FlakeFolder, ROOT_FINDING, ROOT_FLAKE, Told, assert_shown,
};

/// The longest file that is read.
const LONGEST: usize = 1 << 20;

/// Text with an effect on a terminal.
const HIDDEN: &str = "\u{1b}[31m\u{202e}\u{2066}\u{9b}\u{200b}\u{7f}";

/// The expected result for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    /// It is read and evaluated.
    Fine,
    /// It cannot be read, for an error at this line and column.
    Broken(usize, usize),
    /// It cannot be read, for an error somewhere in it.
    BrokenSomewhere,
    /// It cannot be read at all.
    Unreadable,
}

/// Puts a text wherever source is read.
fn everywhere(name: &str, text: impl AsRef<[u8]>, is: Is) {
    let text = text.as_ref();
    let flake = FlakeFolder::new();
    flake.file("other.nix", text);
    let told = flake.audit(name);
    assert_holds(name, &told, ROOT_FINDING);
    assert_told(name, &told, "other.nix", is);
    assert_eq!(told.read, 1, "{name}");

    let flake = FlakeFolder::new();
    flake.file("flake.nix", text);
    let told = flake.audit(name);
    // A file that does not define outputs takes nothing.
    if is != Is::Fine {
        if !told.is_refused {
            assert_holds(name, &told, DEP_FINDING);
        }
        assert_told(name, &told, "flake.nix", is);
    }

    for file in ["flake.nix", "other.nix"] {
        let flake = FlakeFolder::new();
        flake.dep_file(file, text);
        let told = flake.audit(name);
        assert_holds(name, &told, ROOT_FINDING);
        // Mistakes in other flakes are not reported.
        assert_eq!(told.warnings, [], "{name}");
    }
}

fn assert_holds(name: &str, told: &Told, finding: &str) {
    assert!(told.findings.iter().any(|found| found == finding), "{name}: {told:#?}");
}

fn assert_told(name: &str, told: &Told, file: &str, is: Is) {
    let of_file: Vec<_> = told.warnings.iter().filter(|warning| warning.file == file).collect();
    if is == Is::Fine {
        // The only possible report is that it is too much.
        assert_eq!(told.warnings.len(), usize::from(told.cut_short), "{name}: {told:#?}");
        return;
    }
    assert_eq!((of_file.len(), told.warnings.len()), (1, 1), "{name}: {:#?}", told.warnings);
    assert!(of_file[0].message.len() < 400, "{name}: {}", of_file[0].message);
    let position = of_file[0].position.map(|at| (at.line, at.column));
    match is {
        Is::Broken(line, column) => assert_eq!(position, Some((line, column)), "{name}"),
        Is::BrokenSomewhere => assert!(position.is_some(), "{name}"),
        Is::Fine | Is::Unreadable => assert_eq!(position, None, "{name}"),
    }
}
