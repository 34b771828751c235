//! Renaming an input of the root: its declarations, all follows, the formal of `outputs` and its
//! uses in every file that was read, the configuration, and the lock. If a use is not certain, the
//! renaming is refused with its place; the result is audited before it is returned.

mod configured;
mod locked;
mod uses;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{Position, PrepareRenameResponse, TextEdit, WorkspaceEdit};

use super::actions::edits;
use super::flakes::{FLAKE_NAME, FileKind};
use super::pointed::Pointed;
use super::session::Session;
use crate::audit::{LockInput, Setup, audit};
use crate::config::ConfigInScope;
use crate::flake_ref::is_flake_id;
use crate::lock::Unescaped;
use crate::source::Reader;
use crate::source::declare::{Declarations, DeclaredInput};
use crate::source::syntax::File;
use crate::text::{AttrPath, LineIndex, NixString, OpenFiles, Span, Visible};

/// A span and its replacement.
type Splice = (Span, String);

/// The span and name of the input at a place, if it can be renamed.
pub(super) fn prepared(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
) -> Option<PrepareRenameResponse> {
    let (input, span) = named(session, path, position)?;
    let range = session.texts.get(path)?.range(span);
    Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: input })
}

/// An input of the root that `flake.nix` declares, if it is named alone.
fn named(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
) -> Option<(String, Span)> {
    if FileKind::of(path)? != FileKind::Flake || session.refused.is_some() {
        return None;
    }
    let lines = session.texts.get(path)?;
    let declared = session.analysis().declarations()?;
    let pointed = Pointed::at(declared, lines.text(), lines.offset(position))?;
    let [name] = pointed.path.as_slice() else { return None };
    let is_name = lines.text().get(pointed.span.range()).is_some_and(|text| {
        // Not inside a reference.
        text.trim_matches('"') == name
    });
    (is_name && !declared.input(name)?.is_implied()).then(|| (name.clone(), pointed.span))
}

/// The edit that renames an input.
///
/// # Errors
/// There is no input here, the name is invalid or taken, or some use cannot be changed.
pub(super) fn renamed(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
    new: &str,
) -> Result<WorkspaceEdit, ResponseError> {
    let failed = |why: String| ResponseError {
        code: ErrorCode::RequestFailed as i32,
        message: Visible(&why).to_string(),
        data: None,
    };
    let (old, _) = named(session, path, position)
        .ok_or_else(|| failed("there is no input of this flake here".to_owned()))?;
    let files = changed(session, &old, new).map_err(failed)?;
    audited(session, &files).map_err(failed)?;
    let edits: Option<Vec<(&Path, Vec<TextEdit>)>> = files
        .iter()
        .map(|(path, after)| {
            Some((path.as_path(), edits::between(&*session.texts.get(path)?, after)))
        })
        .collect();
    let edit = edits.and_then(|edits| edits::of_files(session, edits));
    edit.ok_or_else(|| failed("a file cannot be named in the protocol".to_owned()))
}

/// The files after the renaming.
///
/// # Errors
/// Why it cannot be done.
fn changed(
    session: &Session<'_, '_, '_, '_>,
    old: &str,
    new: &str,
) -> Result<BTreeMap<PathBuf, String>, String> {
    let root = session.analysis().sources().root().ok_or("the flake was not read")?;
    let declared = session.analysis().declarations().ok_or("the flake was not read")?;
    if !is_flake_id(new) || new == "self" {
        return Err(format!("`{new}` is no name of an input"));
    }
    if declared.input(new).is_some() || session.graph().find_input([new]).is_some() {
        return Err(format!("there is an input `{new}` already"));
    }
    let name = uses::Rename { old, new };
    let flake = session.file(FLAKE_NAME);
    let lines = session.texts.get(&flake).ok_or("there is no flake.nix")?;
    let text = lines.text();
    let file = File::parse_flake(text.clone()).map_err(|error| error.message)?;
    let mut splices = declarations(declared, name);
    let outputs =
        name.in_outputs(&file, declared).map_err(|why| problem_at(FLAKE_NAME, text, why))?;
    splices.extend(outputs.splices);
    let mut files = BTreeMap::from([(flake, applied(text, splices)?)]);
    // Other files take inputs from a set that is passed on as a whole.
    for live in root.reading.files.iter().filter(|live| live.flake.is_root()) {
        let path = session.file(&root.shown("", &live.path));
        if files.contains_key(&path) || !live.text.contains(old) {
            continue;
        }
        let shown = live.path.to_string();
        let parsed = File::parse(live.text.clone()).map_err(|error| error.message)?;
        let splices = name
            .in_file(&parsed, outputs.bound.as_deref(), outputs.is_handed_on)
            .map_err(|why| problem_at(&shown, &live.text, why))?;
        if !splices.is_empty() {
            files.insert(path, applied(&live.text, splices)?);
        }
    }
    if let Some(ConfigInScope { config, beside: is_beside }) = session.subject.config {
        let path = absolute(&config.file).map_err(|error| error.to_string())?;
        let lines = session.texts.get(&path).ok_or("the configuration cannot be read")?;
        let splices = name.in_configuration(lines.text())?;
        if !splices.is_empty() && !is_beside {
            let shown = path.display();
            return Err(format!("{shown} names it, and goes for other flakes, too"));
        }
        if !splices.is_empty() {
            files.insert(path, applied(lines.text(), splices)?);
        }
    }
    if let Some(lock) = locked::renamed(session.subject.lock, old, new)? {
        files.insert(session.lock_file(), lock);
    }
    Ok(files)
}

fn problem_at(file: &str, text: &str, (span, why): (Span, String)) -> String {
    format!("{file}:{}: {why}", LineIndex::new(text).position(span.start).line)
}

/// The changes of the declarations of inputs.
fn declarations(declared: &Declarations, name: uses::Rename<'_>) -> Vec<Splice> {
    let mut splices = Vec::new();
    if let Some(input) = declared.input(name.old) {
        let names = input.bindings.iter().map(|binding| binding.name);
        splices.extend(names.map(|span| (span, AttrPath(&[name.new]).to_string())));
    }
    let mut open: Vec<&DeclaredInput> = declared.inputs().collect();
    while let Some(input) = open.pop() {
        open.extend(input.overridden());
        let Some(follows) = &input.follows else { continue };
        if let Some((_, rest)) = follows.path.split_first().filter(|(first, _)| *first == name.old)
        {
            let path = [&[name.new.to_owned()], rest].concat().join("/");
            splices.push((follows.value, NixString(&path).to_string()));
        }
    }
    splices
}

/// A text with replacements.
///
/// # Errors
/// Two of them overlap.
fn applied(text: &str, mut splices: Vec<Splice>) -> Result<String, String> {
    splices.sort();
    splices.dedup();
    let mut done = 0;
    let mut spliced = String::with_capacity(text.len());
    for (span, new) in &splices {
        let kept = text.get(done..span.start).ok_or("two changes would be of the same place")?;
        spliced.push_str(kept);
        spliced.push_str(new);
        done = span.end;
    }
    spliced.push_str(text.get(done..).unwrap_or_default());
    Ok(spliced)
}

/// Audits the flake before and after: nothing else may change.
///
/// # Errors
/// Something changes.
fn audited(
    session: &Session<'_, '_, '_, '_>,
    files: &BTreeMap<PathBuf, String>,
) -> Result<(), String> {
    let open = &session.snapshot.open;
    let before = shape(session, session.subject.lock, open)?;
    let known = open.iter().map(|(path, text)| (path.to_path_buf(), text.clone()));
    let new = files.iter().map(|(path, text)| (path.clone(), Arc::from(text.as_str())));
    let lock = files.get(&session.lock_file()).map_or(session.subject.lock, String::as_bytes);
    let after = shape(session, lock, &known.chain(new).collect())?;
    match before == after {
        true => Ok(()),
        false => Err("it would change what is found, or what is built from what".to_owned()),
    }
}

/// Counts that do not depend on names of inputs: findings of each rule; and for each output its
/// uses, and how many were not read.
#[derive(Debug, PartialEq)]
struct Shape {
    rules: BTreeMap<&'static str, usize>,
    outputs: Vec<(Vec<String>, usize, usize)>,
}

fn shape(
    session: &Session<'_, '_, '_, '_>,
    lock: &[u8],
    open: &OpenFiles,
) -> Result<Shape, String> {
    let stores = session.subject.setup.stores.clone();
    let folder = Some(session.subject.folder.clone());
    let reader = stores.clone().map(|stores| Reader::new(stores, folder).with_open(open));
    let setup = Setup {
        stores,
        lists: true,
        include_allowed: true,
        open: open.clone(),
        ..Setup::default()
    };
    let unescaped = Unescaped::new();
    let (name, reader) = (session.subject.name, reader.as_ref());
    let report =
        audit(LockInput { name, bytes: lock, unescaped: &unescaped, reader }, None, &setup);
    if let Some(error) = report.error {
        return Err(format!("the outcome could not be audited: {}", error.message));
    }
    let mut rules = BTreeMap::new();
    for finding in &report.findings {
        *rules.entry(finding.rule.id).or_default() += 1;
    }
    let outputs = report.outputs.iter();
    let outputs = outputs.map(|o| (o.path.clone(), o.uses.len(), o.not_read.len())).collect();
    Ok(Shape { rules, outputs })
}
