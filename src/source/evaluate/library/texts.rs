//! Texts, and paths as text.

use super::Args;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Base, Value};
use crate::source::evaluate::visit::Giver;

impl Machine<'_> {
    /// What a text or a path becomes, where it is known.
    pub(super) fn text_function(&mut self, name: &str, args: &mut Args) -> Value {
        let (a, b) = (args.next(), args.next());
        match (name, a.unconditional().0, b.unconditional().0) {
            ("toString", Value::Text(text), _) => Value::Text(text.clone()),
            ("toString", Value::Path(path), _) => Value::Path(path.clone()),
            ("toString", Value::Source(..), _) => a,
            ("toString", Value::Input(input, path, at), _) if path.is_empty() => {
                Value::Source(Base::Input(*input), "".into(), *at)
            }
            ("baseNameOf", Value::Text(text), _) => {
                Value::Text(text.rsplit('/').next().unwrap_or_default().into())
            }
            ("baseNameOf", Value::Path(path), _) => {
                Value::Text(path.name().unwrap_or_default().into())
            }
            ("dirOf", Value::Path(path), _) => {
                path.parent().map_or_else(Value::outside, Value::Path)
            }
            ("removeSuffix", Value::Text(end), Value::Text(text)) => {
                Value::Text(text.strip_suffix(&**end).unwrap_or(text).into())
            }
            // A path below a folder is text once the folder is gone.
            ("removePrefix", Value::Path(folder), Value::Path(path)) => {
                match path.as_str().strip_prefix(folder.as_str()) {
                    Some(below) => Value::Text(below.trim_start_matches('/').into()),
                    None => Value::condition(),
                }
            }
            ("removePrefix", Value::Text(start), Value::Text(text)) => {
                Value::Text(text.strip_prefix(&**start).unwrap_or(text).into())
            }
            _ => {
                self.visit(a, Giver::Nobody);
                Value::condition()
            }
        }
    }
}
