//! Functions whose result is a number.

use super::{Args, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::Value;

impl Evaluator<'_> {
    /// The number that a function returns, if it is certain. Numbers that do not fit are none: Nix refuses
    /// them, or did wrap them.
    ///
    /// Source: Nix manual, "Built-ins"; nixpkgs `lib/trivial.nix`, `lib/strings.nix`, `toInt`.
    pub(super) fn number_function(&mut self, name: &str, args: &mut Args) -> Option<i64> {
        if name == "count" {
            return self.count(args);
        }
        let a = args.next(self);
        match (name, &a) {
            ("length", _) => {
                let mut items = Vec::new();
                let open = self.items_into(&a, &mut items);
                let is_sure = !open && matches!(&a, Value::List(list) if !list.unsure);
                return i64::try_from(items.len()).ok().filter(|_| is_sure);
            }
            ("stringLength", Value::Text(text)) => return i64::try_from(text.len()).ok(),
            // One with zeros in front is refused, as it may be meant octal.
            ("toInt", Value::Text(text)) => {
                let text = text.trim();
                let digits = text.strip_prefix('-').unwrap_or(text);
                return text.parse().ok().filter(|_| digits == "0" || !digits.starts_with('0'));
            }
            ("toIntBase10", Value::Text(text)) => return text.trim().parse().ok(),
            _ => {}
        }
        let (Value::Number(Some(a)), Value::Number(Some(b))) = (a, args.next(self)) else {
            return None;
        };
        match name {
            "add" => a.checked_add(b),
            "sub" => a.checked_sub(b),
            "mul" => a.checked_mul(b),
            "div" => a.checked_div(b),
            "mod" => a.checked_rem(b),
            "max" => Some(a.max(b)),
            "min" => Some(a.min(b)),
            "bitAnd" => Some(a & b),
            "bitOr" => Some(a | b),
            "bitXor" => Some(a ^ b),
            "compare" => Some(a.cmp(&b) as i64),
            _ => None,
        }
    }

    /// `count predicate list`
    fn count(&mut self, args: &mut Args) -> Option<i64> {
        let (predicate, list) = (args.next(self), args.next(self));
        let Value::List(inner) = &list else { return None };
        if inner.open || inner.unsure || inner.items.len() > MOST {
            return None;
        }
        let mut count = 0;
        for item in inner.items.iter().copied() {
            match self.asked(&predicate, item, args.place) {
                Value::Bool(fits) => count += i64::from(fits),
                _ => return None,
            }
        }
        Some(count)
    }
}
