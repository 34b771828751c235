//! The file's set: what Nix accepts in it, and why it refuses the rest.
//!
//! Source: Nix, `src/libflake/flake.cc`, `readFlake`.

use super::exemption;
use super::input_reader::{DefiningLines, InputReader};
use super::literal::{Literal, Term};
use super::merged::{MergedEntry, MergedSet, MergedValue};
use super::{Binding, DeclaredInputs, OutputsFormals, Refused};
use crate::source::syntax::{Expr, File, Written};
use crate::text::{AttrPath, Span};

/// The contents of the file's set.
#[derive(Debug)]
pub(super) struct FlakeAttributes {
    pub(super) body: Span,
    pub(super) inputs: DeclaredInputs,
    pub(super) inputs_bindings: Vec<Binding>,
    pub(super) outputs: Option<OutputsFormals>,
    pub(super) outputs_binding: Span,
    /// `None` if they are not needed.
    pub(super) lines: Option<DefiningLines>,
    pub(super) own: Vec<(String, Span)>,
}

pub(super) fn read(file: &File) -> Result<FlakeAttributes, Refused> {
    let nothing = Written::default();
    let written = file.written().unwrap_or(&nothing);
    let term = Term { file, written, id: file.root() };
    let Some(literal) = written.find(term.id) else {
        let message =
            format!("the file must be an attribute set, written out, but is {}", term.describe());
        return Err(Refused::new(term.span(), message));
    };
    let body = literal.span;
    let mut set = MergedSet::of(file, written, literal)?;
    let (inputs, outputs) = (set.entries.remove("inputs"), set.entries.remove("outputs"));
    let mut reader = InputReader::new(exemption::may_be_in(&file.text));
    let mut inputs_bindings = Vec::new();
    let mut declared = DeclaredInputs::new();
    if let Some(entry) = inputs {
        inputs_bindings.clone_from(&entry.bindings);
        declared = reader.inputs(*entry)?;
    }
    let Some(outputs) = outputs else {
        return Err(Refused::new(body, "the flake has no `outputs`"));
    };
    let outputs_binding = outputs.span();
    let outputs = OutputsFormals::of(function(&outputs)?);
    let formals = outputs.iter().flat_map(|formals| &formals.names);
    for formal in formals.filter(|formal| formal.name != "self") {
        if !declared.contains_key(&formal.name) {
            let input = reader.implied(&formal.name, formal.span)?;
            declared.insert(formal.name.clone(), Box::new(input));
        }
    }
    check_other_attributes(&set)?;
    Ok(FlakeAttributes {
        body,
        inputs: declared,
        inputs_bindings,
        outputs,
        outputs_binding,
        lines: reader.lines,
        own: reader.own,
    })
}

/// The value of `outputs`, which must be a function that is written out.
fn function<'f>(entry: &MergedEntry<'f>) -> Result<Term<'f>, Refused> {
    let found = match &entry.value {
        MergedValue::Term(term) if matches!(term.expr(), Expr::Lambda(..)) => return Ok(*term),
        other => other.describe(),
    };
    let message = format!("`outputs` must be a function, written out, but is {found}");
    Err(Refused::new(entry.name_span(), message))
}

/// Checks the other attributes of the file's set.
fn check_other_attributes(set: &MergedSet<'_>) -> Result<(), Refused> {
    for (name, entry) in &set.entries {
        let wrong = match (*name, &entry.value) {
            ("description", MergedValue::Term(term)) => match term.literal() {
                Literal::Text(_) => continue,
                other => format!("`description` must be a string, but is {}", other.describe()),
            },
            ("description", _) => "`description` must be a string, written out".into(),
            ("nixConfig", MergedValue::Set(settings)) => {
                check_settings(settings)?;
                continue;
            }
            ("nixConfig", _) => "`nixConfig` must be an attribute set, written out".into(),
            _ => {
                let message = format!("a flake has no attribute `{}`", AttrPath(&[name]));
                return Err(Refused::new(entry.name_span(), message));
            }
        };
        return Err(Refused::new(entry.name_span(), wrong).naming(entry.value.name()));
    }
    Ok(())
}

/// Checks the values in `nixConfig`.
fn check_settings(settings: &MergedSet<'_>) -> Result<(), Refused> {
    for (name, entry) in &settings.entries {
        let shown = AttrPath(&["nixConfig", name]);
        let MergedValue::Term(term) = entry.value else {
            let found = entry.value.describe();
            let message = format!("`{shown}` must be written out, but is {found}");
            return Err(Refused::new(entry.name_span(), message).naming(entry.value.name()));
        };
        let (value, wanted) = match term.literal() {
            Literal::List => match term.items().find(|item| !item.is_text()) {
                Some(item) => (item, "hold strings alone, written out, but one item"),
                None => continue,
            },
            Literal::Text(_) | Literal::Path(_) | Literal::Integer(_) | Literal::Bool(_) => {
                continue;
            }
            // Nix reads it where evaluation need not be pure.
            Literal::Other(_) if term.is_path_elsewhere() => continue,
            Literal::Name(_) | Literal::Other(_) => {
                (term, "be a string, a Boolean, a whole number or a list, written out, but")
            }
        };
        let found = value.literal();
        let message = format!("`{shown}` must {wanted} is {}", found.describe());
        return Err(Refused::new(value.span(), message).naming(found.name()));
    }
    Ok(())
}
