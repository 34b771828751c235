//! Renames an input of the root in the lock, as Nix would write it.

use serde_json::{Map, Value};

use crate::lock::{Lock, Unescaped};
use crate::relock::canonical;

/// The lock with the new name; `None` if it does not have the old one.
///
/// # Errors
/// The lock cannot be read.
pub(super) fn renamed(bytes: &[u8], old: &str, new: &str) -> Result<Option<String>, String> {
    let mut lock: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let root = lock.get("root").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(Value::Object(nodes)) = lock.get_mut("nodes") else { return Ok(None) };
    let mut has_it = false;
    for (key, node) in nodes.iter_mut() {
        if let Some(Value::Object(inputs)) = node.get_mut("inputs") {
            if *key == root && inputs.contains_key(old) {
                has_it = true;
                let all = std::mem::take(inputs).into_iter();
                let name = |name: String| if name == old { new.to_owned() } else { name };
                *inputs = all.map(|(key, target)| (name(key), target)).collect::<Map<_, _>>();
            }
            inputs.values_mut().for_each(|target| repath(target, old, new));
        }
        if let Some(parent) = node.get_mut("parent") {
            repath(parent, old, new);
        }
    }
    if !has_it {
        return Ok(None);
    }
    let text = lock.to_string();
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).map_err(|error| error.message)?;
    Ok(Some(canonical(&lock)))
}

/// Renames in a path from the root.
fn repath(path: &mut Value, old: &str, new: &str) {
    let first = path.as_array_mut().and_then(|path| path.first_mut());
    if let Some(first) = first.filter(|first| first.as_str() == Some(old)) {
        *first = Value::from(new);
    }
}
