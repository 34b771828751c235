//! The contexts of the values in an output, each kept once: there are few, and many values in each.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::evaluate::collections::FastMap;
use crate::evaluate::facts::{BuilderId, InstanceId};
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::Offer;
use crate::evaluate::world::FlakeId;

/// The context of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Within {
    pub(super) builder: Option<BuilderId>,
    pub(super) conditional: bool,
    pub(super) caller: Caller,
    /// How it was passed to unread code: whatever it is may be a module.
    pub(super) handed: Option<Handed>,
    /// It is taken in by something that unread code makes, from an unknown nixpkgs.
    pub(super) by_others: bool,
    /// Whether it is an argument of an override of a package.
    pub(super) in_override: bool,
    /// Whether only what packages are made of is taken in, and not the packages: `inputsFrom`.
    pub(super) inputs_only: bool,
    /// Whether hosts that unread code makes of it are Macs.
    pub(super) for_macs: bool,
    /// The package of a dependency that it is in.
    pub(super) part_of: PartOf,
}

/// A package of a dependency that something is in. It does not tell contexts apart: what is in
/// several packages of a dependency is examined once.
#[derive(Debug, Clone, Default)]
pub(super) struct PartOf(pub(super) Option<Rc<Offer>>);

impl PartialEq for PartOf {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for PartOf {}

impl Hash for PartOf {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Within {
    /// The same context, in a package of a dependency.
    pub(super) fn of(self, offer: Option<&Rc<Offer>>) -> Self {
        match offer {
            Some(offer) => Self { part_of: PartOf(Some(offer.clone())), ..self },
            None => self,
        }
    }
}

/// How something was passed to unread code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Handed {
    /// By a call in the code of this flake, which also passed these packages.
    ByCall(FlakeId, Option<InstanceId>),
    /// By an option that a module of this class sets.
    ByOption(ClassId),
}

impl Handed {
    /// The caller that passes packages by name to functions beside it.
    pub(super) fn packages(self) -> Option<Caller> {
        match self {
            Self::ByCall(_, packages) => Some(Caller::Packages(packages?, [].into())),
            Self::ByOption(class) => Some(Caller::Modules(class)),
        }
    }
}

/// A context, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ContextId(u32);

/// The same for contexts that differ only in the package of a dependency that they are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ContextKind(u32);

#[derive(Default)]
pub(super) struct Contexts {
    all: Vec<Within>,
    /// The package is told apart by its address: it is kept in the context.
    ids: FastMap<(ContextKind, Option<*const Offer>), ContextId>,
    kinds: FastMap<Within, ContextKind>,
}

impl Contexts {
    /// The id of a context.
    pub(super) fn id(&mut self, within: &Within) -> ContextId {
        let package = within.part_of.0.as_ref().map(Rc::as_ptr);
        let key = (self.kind(within), package);
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = ContextId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(within.clone());
        self.ids.insert(key, id);
        id
    }

    /// The kind of a context.
    pub(super) fn kind(&mut self, within: &Within) -> ContextKind {
        if let Some(kind) = self.kinds.get(within) {
            return *kind;
        }
        let kind = ContextKind(u32::try_from(self.kinds.len()).unwrap_or(u32::MAX));
        self.kinds.insert(within.clone(), kind);
        kind
    }

    pub(super) fn get(&self, id: ContextId) -> Option<&Within> {
        self.all.get(id.0 as usize)
    }
}
