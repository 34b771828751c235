//! Options whose values are modules, which other systems import: all definitions of one count.
//!
//! Source: nixpkgs `lib/types.nix`, `deferredModuleWith`; flake-parts `modules/nixosModules.nix`.

use super::ClassId;
use super::definitions::OptionDefinition;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Declared, Thunk, Value, attr};
use crate::syntax::Name;

/// What an option of modules is, at a path or above it.
pub(super) enum DeferredAt {
    /// A module, with those that are in every value.
    Module(Vec<Thunk>),
    /// A set of such modules.
    Set,
}

impl Evaluator<'_> {
    /// What the type of an option says of a path below it, if its values are modules.
    pub(super) fn deferred_at(&mut self, option: &Value, below: &[Name]) -> Option<DeferredAt> {
        let kind = self.member(option, &Name::from("type"), None);
        let mut kind = self.resolve(kind);
        let mut below = below.iter();
        for _ in 0..6 {
            kind = match kind.unconditional().0 {
                Value::Declared(Declared::Elements(inner)) => {
                    let inner = self.force_known(*inner);
                    if below.next().is_none() {
                        return is_deferred(&inner).then_some(DeferredAt::Set);
                    }
                    inner
                }
                Value::Declared(Declared::Deferred(modules)) => {
                    let modules = self.force_known(*modules);
                    let mut items = Vec::new();
                    self.items_into(&modules, &mut items);
                    return below.next().is_none().then_some(DeferredAt::Module(items));
                }
                other if is_deferred(other) => {
                    return below.next().is_none().then(|| DeferredAt::Module(Vec::new()));
                }
                _ => return None,
            }
        }
        None
    }

    /// The value of such an option at a path.
    pub(super) fn deferred(
        &mut self,
        class: ClassId,
        path: &[Name],
        what: DeferredAt,
    ) -> Option<Value> {
        match what {
            DeferredAt::Module(always) => {
                let defined = self.all_definitions(class, path);
                if defined.is_empty() {
                    return None;
                }
                Some(self.exported_module(&always, defined))
            }
            DeferredAt::Set => {
                let names = self.names_at(class, path);
                let attrs = names.into_iter().map(|(name, _)| {
                    let below = path.iter().cloned().chain([name.clone()]).collect();
                    let module = self.done(Value::Config(class, below));
                    attr(name, module)
                });
                let attrs = attrs.collect();
                Some(Value::set(attrs, None, false))
            }
        }
    }

    /// A module that imports all definitions of it, and others.
    pub(super) fn exported_module(
        &mut self,
        always: &[Thunk],
        mut definitions: Vec<OptionDefinition>,
    ) -> Value {
        let value = |defined: OptionDefinition| {
            if defined.conditional { defined.value.conditional() } else { defined.value }
        };
        match definitions.len() {
            0 => Value::outside(),
            1 if always.is_empty() => definitions.pop().map_or_else(Value::outside, value),
            _ => {
                let all = definitions.into_iter().map(|defined| self.done(value(defined)));
                let all = always.iter().copied().chain(all).collect();
                let imports = self.done(Value::list(all, false));
                Value::set(vec![attr("imports", imports)], None, false)
            }
        }
    }
}

/// Whether this is the type of modules.
fn is_deferred(kind: &Value) -> bool {
    match kind {
        Value::Declared(Declared::Deferred(_)) => true,
        Value::Library(_, path) => path.last().is_some_and(|name| &**name == "deferredModule"),
        _ => false,
    }
}
