//! Tests: whether something holds, where that is certain.

use crate::source::evaluate::value::Value;

/// A test of one value or two.
pub(super) fn test(name: &str, a: &Value, b: &Value) -> Value {
    match (name, a, b) {
        ("hasPrefix", Value::Text(part), Value::Text(text)) => {
            Value::Bool(text.starts_with(&**part))
        }
        ("hasSuffix", Value::Text(part), Value::Path(path)) => {
            Value::Bool(path.as_str().ends_with(&**part))
        }
        ("hasSuffix", Value::Text(part), Value::Text(text)) => Value::Bool(text.ends_with(&**part)),
        ("hasInfix", Value::Text(part), Value::Text(text)) => Value::Bool(text.contains(&**part)),
        ("hasAttr", Value::Text(attr), Value::Set(set)) if !set.open && set.rest.is_none() => {
            match set.get(attr) {
                Some(attr) if attr.conditional => Value::condition(),
                found => Value::Bool(found.is_some()),
            }
        }
        (test, value, _) if test.starts_with("is") && test != "isDerivation" => {
            match is_of_kind(test, value) {
                Some(is) => Value::Bool(is),
                None => Value::condition(),
            }
        }
        _ => Value::condition(),
    }
}

/// `isAttrs value` and its like, where the kind of the value is certain.
fn is_of_kind(test: &str, value: &Value) -> Option<bool> {
    let kind = match value {
        Value::Set(set) if set.get("__functor").is_none() => "isAttrs",
        Value::List(_) => "isList",
        Value::Function(..) => "isFunction",
        Value::Path(_) => "isPath",
        Value::Text(_) => "isString",
        Value::Bool(_) => "isBool",
        Value::Null => "isNull",
        _ => return None,
    };
    Some(kind == test)
}
