//! From merged attributes to inputs.
//!
//! Source: Nix, `src/libflake/flake.cc`: `parseFlakeInputs`, `parseFlakeInput` and
//! `parseFlakeInputAttr`.

use std::collections::BTreeMap;

use super::literal::Literal;
use super::merged::{MergedEntry, MergedSet, MergedValue};
use super::{
    Binding, DeclaredAttribute, DeclaredInput, DeclaredInputs, DeclaredValue, Follows, Reference,
    Refused,
};
use crate::flake_ref::is_flake_id;
use crate::text::{AttrPath, Span};

/// Bindings by where they start: where they end, and the input that they define.
pub(super) type DefiningLines = BTreeMap<usize, (usize, Vec<String>)>;

/// Reads inputs, and records which lines define which.
#[derive(Debug, Default)]
pub(super) struct InputReader<'f> {
    /// The input that is being read.
    path: Vec<&'f str>,
    /// Nothing where nobody asks for them.
    pub(super) lines: Option<DefiningLines>,
    /// What is said of this flake itself: the attributes of `inputs.self`, and where.
    pub(super) own: Vec<(String, Span)>,
}

impl<'f> InputReader<'f> {
    /// `asks_for_lines` tells whether to record lines.
    pub(super) fn new(asks_for_lines: bool) -> Self {
        Self { lines: asks_for_lines.then(DefiningLines::new), ..Self::default() }
    }

    /// The inputs in an `inputs` attribute. Recurses as deep as the merged set.
    pub(super) fn inputs(&mut self, entry: MergedEntry<'f>) -> Result<DeclaredInputs, Refused> {
        let mut inputs = DeclaredInputs::new();
        let mut uncertain = None;
        for (name, entry) in self.set(entry, Some("inputs"))?.entries {
            if name == "self" {
                self.own_attributes(*entry)?;
                continue;
            }
            self.path.push(name);
            let input = self.input(name.to_owned(), *entry);
            self.path.pop();
            match input {
                Ok(input) => drop(inputs.insert(name.to_owned(), Box::new(input))),
                // Nix may take that, and refuse another for certain.
                Err(refused) if refused.name.is_some() => uncertain = uncertain.or(Some(refused)),
                Err(refused) => return Err(refused),
            }
        }
        uncertain.map_or(Ok(inputs), Err)
    }

    /// The input that a formal of `outputs` implies if nothing declares it: the flake of that name
    /// in the registry.
    pub(super) fn implied(&mut self, name: &str, formal: Span) -> Result<DeclaredInput, Refused> {
        if !is_flake_id(name) {
            let message =
                format!("`outputs` takes `{name}`, which is no input and no flake's name");
            return Err(Refused::new(formal, message));
        }
        if let Some(lines) = &mut self.lines {
            lines.entry(formal.start).or_insert((formal.end, vec![name.to_owned()]));
        }
        Ok(DeclaredInput { implied_by: Some(formal), ..DeclaredInput::new(name.to_owned()) })
    }

    fn input(&mut self, name: String, entry: MergedEntry<'f>) -> Result<DeclaredInput, Refused> {
        self.record_lines(&entry.bindings);
        let mut input = DeclaredInput::new(name);
        input.bindings.clone_from(&entry.bindings);
        let mut attributes = Vec::new();
        for (name, entry) in self.set(entry, None)?.entries {
            self.record_lines(&entry.bindings);
            if name == "inputs" {
                input.inputs_blocks = entry.bindings.iter().filter_map(|b| b.block).collect();
                input.inputs = self.inputs(*entry)?;
                continue;
            }
            let binding = entry.span();
            let (value, span) = self.value(name, &entry)?;
            match (name, value) {
                ("flake", Literal::Bool(flake)) => input.flake = Some(flake),
                ("flake", other) => return Err(self.wrong(name, span, "a Boolean", &other)),
                ("buildTime", Literal::Bool(value)) => input.build_time = value,
                ("buildTime", other) => {
                    return Err(self.wrong(name, span, "a Boolean", &other));
                }
                ("follows", Literal::Text(text)) => {
                    input.follows = Some(self.follows(text, span, binding)?);
                }
                ("follows", other) => return Err(self.wrong(name, span, "a string", &other)),
                ("url", value @ (Literal::Text(_) | Literal::Path(_))) => {
                    input.path_literal = matches!(value, Literal::Path(_)).then_some(span);
                    let (name, value) = (name.to_owned(), DeclaredValue::Text(url(value)));
                    attributes.push(DeclaredAttribute { name, value, span });
                }
                ("url", other) => {
                    return Err(self.wrong(name, span, "a string or a path", &other));
                }
                (_, value) => {
                    let value = self.attribute(name, value, span)?;
                    attributes.push(DeclaredAttribute { name: name.to_owned(), value, span });
                }
            }
        }
        input.reference = self.reference(attributes)?;
        match (&input.reference, &input.follows) {
            (Some(_), Some(follows)) => {
                let message =
                    format!("`{}` has both a reference and a follows", self.shown_name(None));
                Err(Refused::new(follows.binding, message))
            }
            _ => Ok(input),
        }
    }

    fn follows(&self, text: String, value: Span, binding: Span) -> Result<Follows, Refused> {
        let follows = Follows::new(text, value, binding);
        match follows.illegal() {
            None => Ok(follows),
            Some(name) => {
                let shown = self.shown_name(Some("follows"));
                let message = format!("`{shown}` names `{name}`, which cannot be followed");
                Err(Refused::new(value, message))
            }
        }
    }

    /// Attributes other than `flake`, `inputs` and `follows` form a reference, by `type` or by
    /// `url`.
    fn reference(
        &self,
        mut attributes: Vec<DeclaredAttribute>,
    ) -> Result<Option<Reference>, Refused> {
        if attributes.iter().any(|attribute| attribute.name == "type") {
            return Ok(Some(Reference::Attributes(attributes)));
        }
        if let Some(other) = attributes.iter().find(|attribute| attribute.name != "url") {
            let shown = self.shown_name(Some(&other.name));
            let message = format!("`{shown}` means nothing without a `type` beside it");
            return Err(Refused::new(other.span, message));
        }
        let Some(DeclaredAttribute { value: DeclaredValue::Text(text), span, .. }) =
            attributes.pop()
        else {
            return Ok(None);
        };
        if text.split_once('#').is_some_and(|(_, fragment)| !fragment.is_empty()) {
            let message = format!("`{}` names an output (`#…`)", self.shown_name(Some("url")));
            return Err(Refused::new(span, message));
        }
        Ok(Some(Reference::Url { text, span }))
    }

    fn attribute(&self, name: &str, value: Literal, span: Span) -> Result<DeclaredValue, Refused> {
        let negative = Literal::Other("a negative number");
        match value {
            Literal::Text(text) => Ok(DeclaredValue::Text(text)),
            Literal::Bool(value) => Ok(DeclaredValue::Bool(value)),
            Literal::Integer(number) => u64::try_from(number)
                .map(DeclaredValue::Number)
                .map_err(|_| self.wrong(name, span, "a natural number", &negative)),
            // Accepted as JSON only, and with the feature `verified-fetches` only; it is not
            // compared.
            Literal::List if name == "publicKeys" => Ok(DeclaredValue::List),
            other => Err(self.wrong(name, span, "a string, a Boolean or a number", &other)),
        }
    }

    /// Attributes of this flake itself, which is not an input: `inputs.self.submodules = true;`.
    fn own_attributes(&mut self, entry: MergedEntry<'f>) -> Result<(), Refused> {
        if !self.path.is_empty() {
            return Err(Refused::new(entry.name_span(), "`self` cannot be overridden"));
        }
        for (name, entry) in self.set(entry, Some("self"))?.entries {
            let (value, span) = self.value(name, &entry)?;
            if !matches!(name, "submodules" | "lfs") {
                let message = format!("`inputs.self` has no attribute `{}`", AttrPath(&[name]));
                return Err(Refused::new(entry.name_span(), message));
            }
            self.attribute(name, value, span)?;
            self.own.push((name.to_owned(), entry.span()));
        }
        Ok(())
    }

    fn set(
        &self,
        entry: MergedEntry<'f>,
        attribute: Option<&str>,
    ) -> Result<MergedSet<'f>, Refused> {
        let span = match entry.value {
            MergedValue::Set(set) => return Ok(set),
            MergedValue::Term(term) => term.span(),
            MergedValue::Inherited(_) => entry.name_span(),
        };
        let (shown, found) = (self.shown_name(attribute), entry.value.describe());
        let message = format!("`{shown}` must be an attribute set, written out, but is {found}");
        Err(Refused::new(span, message).naming(entry.value.name()))
    }

    fn value(&self, name: &str, entry: &MergedEntry<'_>) -> Result<(Literal, Span), Refused> {
        if let MergedValue::Term(term) = entry.value {
            return Ok((term.literal(), term.span()));
        }
        let (shown, found) = (self.shown_name(Some(name)), entry.value.describe());
        let message = format!("`{shown}` must be written out, but is {found}");
        Err(Refused::new(entry.name_span(), message).naming(entry.value.name()))
    }

    fn wrong(&self, name: &str, span: Span, wanted: &str, found: &Literal) -> Refused {
        let (told, is) = (self.shown_name(Some(name)), found.describe());
        let message = format!("`{told}` must be {wanted}, written out, but is {is}");
        Refused::new(span, message).naming(found.name())
    }

    /// The input that is being read, or an attribute of it, as it would be written in one line.
    fn shown_name(&self, attribute: Option<&str>) -> String {
        let inputs = self.path.iter().flat_map(|name| ["inputs", *name]);
        let names: Vec<&str> = inputs.chain(attribute).collect();
        AttrPath(&names).to_string()
    }

    /// Records which input each line defines. Outer inputs come first, so that inner ones replace
    /// them.
    fn record_lines(&mut self, bindings: &[Binding]) {
        let Some(lines) = &mut self.lines else { return };
        for binding in bindings {
            let path = self.path.iter().map(|name| (*name).to_owned()).collect();
            lines.insert(binding.span.start, (binding.span.end, path));
        }
    }
}

/// The text of a `url`; Nix accepts a path literal, too.
fn url(value: Literal) -> String {
    match value {
        Literal::Path(path) => format!("path:{path}"),
        Literal::Text(text) => text,
        _ => String::new(),
    }
}
