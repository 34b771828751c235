//! Repairs: what `fix` would write, as edits of both files. They are computed when chosen, if the
//! client supports that; then audited as in `fix`, and refused where that would refuse them.

use std::path::Path;

use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{CodeAction, CodeActionDisabled, CodeActionKind, WorkspaceEdit};
use serde_json::{Value, json};

use super::edits;
use crate::audit::Reported;
use crate::change::{Applicability, Remedy};
use crate::fix::{Choice, Hindrance, Repair, edit, repair};
use crate::lsp::flakes::{FLAKE_NAME, FileKind};
use crate::lsp::session::Session;
use crate::relock::{Unlockable, relock};
use crate::source::Stores;
use crate::text::Visible;

/// Everything that `fix` would do.
pub(in crate::lsp) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.flake-audit");
/// The lock that Nix would write.
pub(in crate::lsp) const LOCK: CodeActionKind = CodeActionKind::new("source.lock.flake-audit");

/// What an action does.
#[derive(Debug)]
enum Deed {
    /// The fix of the finding with this fingerprint.
    One(String),
    All,
    Lock,
}

impl Deed {
    fn data(&self, session: &Session<'_, '_, '_, '_>, path: &Path) -> Option<Value> {
        let uri = session.snapshot.uri(path)?;
        let deed = match self {
            Deed::One(fingerprint) => json!({ "finding": fingerprint }),
            Deed::All => json!("all"),
            Deed::Lock => json!("lock"),
        };
        Some(json!({ "uri": uri, "deed": deed }))
    }

    fn read(data: &Value) -> Option<Self> {
        match data.get("deed")? {
            Value::String(name) if name == "all" => Some(Deed::All),
            Value::String(name) if name == "lock" => Some(Deed::Lock),
            one => Some(Deed::One(one.get("finding")?.as_str()?.to_owned())),
        }
    }
}

/// The fix of a finding, if it is automatic.
pub(super) fn of_finding(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    finding: &Reported<'_>,
) -> Option<CodeAction> {
    let fix = finding.fix.as_ref().filter(|fix| fix.applicability > Applicability::Manual)?;
    let name = |names: &[&str]| match names {
        [] => "this flake".to_owned(),
        names => format!("`{}`", Visible(&names.join("/"))),
    };
    let title = match &fix.remedy {
        Remedy::Override(changes) | Remedy::Repin(changes) => match changes.as_slice() {
            [only] => format!("Let {} follow {}", name(&only.input_path), name(&only.follows)),
            [first, ..] => format!("Let {} inputs follow {}", changes.len(), name(&first.follows)),
            [] => return None,
        },
        Remedy::Remove(path) => format!("Remove the override of `{}`", Visible(&path.join("/"))),
        Remedy::Move(setting) => {
            format!("Move `{}` into `{}`", Visible(&setting.name), setting.into)
        }
        Remedy::Relock => "Lock as Nix would".to_owned(),
        Remedy::ByHand | Remedy::Wrap(_) => return None,
    };
    let is_safe = fix.applicability == Applicability::Safe;
    let title = if is_safe { title } else { format!("{title} (not verified)") };
    let action = CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        is_preferred: Some(is_safe),
        ..CodeAction::default()
    };
    prepared(session, path, &Deed::One(finding.fingerprint.clone()), action)
}

/// Actions for the flake as a whole.
pub(super) fn of_file(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    only: Option<&[CodeActionKind]>,
) -> Vec<CodeAction> {
    let is_asked = |kind: &CodeActionKind| {
        only.is_none_or(|only| only.iter().any(|wanted| super::is_of(Some(kind), wanted)))
    };
    if !matches!(FileKind::of(path), Some(FileKind::Flake | FileKind::Lock)) {
        return Vec::new();
    }
    let mut actions = Vec::new();
    let can_be_fixed = |finding: &&Reported<'_>| {
        let fix = finding.fix.as_ref();
        finding.is_open() && fix.is_some_and(|fix| fix.applicability > Applicability::Manual)
    };
    if is_asked(&FIX_ALL) && session.report.findings.iter().any(|finding| can_be_fixed(&finding)) {
        let action = CodeAction {
            title: "Repair all that flake-audit can".to_owned(),
            kind: Some(FIX_ALL),
            ..CodeAction::default()
        };
        actions.extend(prepared(session, path, &Deed::All, action));
    }
    if is_asked(&LOCK) {
        let action = CodeAction {
            title: "Lock as Nix would, without fetching".to_owned(),
            kind: Some(LOCK),
            ..CodeAction::default()
        };
        match locked(session) {
            Ok(None) => {}
            Ok(Some(_)) => actions.extend(prepared(session, path, &Deed::Lock, action)),
            Err(reason) if session.client.disabled_actions => {
                actions.push(CodeAction { disabled: Some(CodeActionDisabled { reason }), ..action })
            }
            Err(_) => {}
        }
    }
    actions
}

/// An action with its edit, or with the data to compute it later. A file that is generated, or a
/// symlink out of the folder, is not edited.
fn prepared(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    deed: &Deed,
    action: CodeAction,
) -> Option<CodeAction> {
    let flake = session.texts.get(&session.file(FLAKE_NAME))?;
    let is_generated = !matches!(deed, Deed::Lock) && edit::generated(flake.text()).is_some();
    if is_generated || session.subject.leads_out() {
        return None;
    }
    if session.client.resolves_edits {
        return Some(CodeAction { data: deed.data(session, path), ..action });
    }
    Some(CodeAction { edit: Some(edit_of(session, deed).ok()?), ..action })
}

/// An action with its edit.
///
/// # Errors
/// It is not an action of this server, or cannot be done.
pub(in crate::lsp) fn resolved(
    session: &Session<'_, '_, '_, '_>,
    action: &CodeAction,
) -> Result<CodeAction, ResponseError> {
    let failed = |code: ErrorCode, message: String| {
        let message = Visible(&message).to_string();
        ResponseError { code: code as i32, message, data: None }
    };
    let deed = action.data.as_ref().and_then(Deed::read);
    let deed =
        deed.ok_or_else(|| failed(ErrorCode::InvalidParams, "there is no such action".to_owned()))?;
    let edit = edit_of(session, &deed).map_err(|why| failed(ErrorCode::RequestFailed, why))?;
    Ok(CodeAction { edit: Some(edit), ..action.clone() })
}

/// The edit of both files.
///
/// # Errors
/// Why there is none.
fn edit_of(session: &Session<'_, '_, '_, '_>, deed: &Deed) -> Result<WorkspaceEdit, String> {
    let choice = match deed {
        Deed::All => Choice::default(),
        Deed::One(fingerprint) => {
            Choice { fingerprint: Some(fingerprint.clone()), ..Choice::default() }
        }
        Deed::Lock => {
            let lock = locked(session)?.ok_or("flake.lock is what Nix would write")?;
            return edit_to(session, &[(session.lock_file().as_path(), lock)]);
        }
    };
    repair(session.subject, &choice, true, |repair: &Repair<'_>| {
        if let Some(Hindrance::ByHand(why) | Hindrance::Lock(why) | Hindrance::Refused(why)) =
            &repair.hindrance
        {
            return Err(why.clone());
        }
        let files = repair.files.iter().filter(|file| file.changes());
        let files = files.map(|file| {
            let text = String::from_utf8(file.after.to_vec()).map_err(|error| error.to_string())?;
            Ok((session.file(file.name.as_str()), text))
        });
        let files = files.collect::<Result<Vec<_>, String>>()?;
        let files: Vec<_> =
            files.iter().map(|(path, text)| (path.as_path(), text.clone())).collect();
        if files.is_empty() {
            return Err("there is nothing to repair".to_owned());
        }
        edit_to(session, &files)
    })?
}

/// The edit that makes these texts of files.
fn edit_to(
    session: &Session<'_, '_, '_, '_>,
    files: &[(&Path, String)],
) -> Result<WorkspaceEdit, String> {
    let edits = files.iter().map(|(path, after)| {
        let before = session.texts.get(path)?;
        Some((*path, edits::between(&before, after)))
    });
    let edits = edits.collect::<Option<Vec<_>>>();
    let edit = edits.and_then(|edits| edits::of_files(session, edits));
    edit.ok_or_else(|| "a file cannot be named in the protocol".to_owned())
}

/// The lock that Nix would write without fetching anything; `None` if the lock stays the same.
///
/// # Errors
/// Why it cannot be known, or that Nix would refuse it.
fn locked(session: &Session<'_, '_, '_, '_>) -> Result<Option<String>, String> {
    let root = session.analysis().sources().root();
    let declared = session.analysis().declarations().zip(root);
    let Some((declared, root)) = declared else { return Ok(None) };
    let none = Stores::default();
    let stores = session.subject.setup.stores.as_ref().unwrap_or(&none);
    let lock = relock(session.graph(), declared, Some(&root.source.files), stores).lock();
    lock.map_err(|error| match error {
        Unlockable::Fetch(why) => why,
        Unlockable::Refused(why) => format!("Nix would not lock it: {why}"),
    })
}
