//! What occurs in a drawing and so needs a legend.

use super::verdict::VerdictKind;
use super::view::View;
use crate::instance::Role;

/// Kinds of nodes, as they are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NodeKind {
    Root,
    Flake,
    Configured,
    Nixpkgs,
    NixpkgsLib,
    Source,
    Null,
}

impl NodeKind {
    pub(super) const ALL: [Self; 7] = [
        Self::Root,
        Self::Flake,
        Self::Configured,
        Self::Nixpkgs,
        Self::NixpkgsLib,
        Self::Source,
        Self::Null,
    ];

    pub(super) fn of(role: Role) -> Self {
        match role {
            Role::Root => Self::Root,
            Role::Nixpkgs => Self::Nixpkgs,
            Role::NixpkgsLib => Self::NixpkgsLib,
            Role::Configured(_) => Self::Configured,
            Role::Null => Self::Null,
            Role::Flake => Self::Flake,
            Role::Source => Self::Source,
        }
    }

    /// Its name in styles.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Flake => "flake",
            Self::Configured => "wrapper",
            Self::Nixpkgs => "nixpkgs",
            Self::NixpkgsLib => "lib",
            Self::Source => "source",
            Self::Null => "null",
        }
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Root => "this flake",
            Self::Flake => "flake",
            Self::Configured => "configured nixpkgs",
            Self::Nixpkgs => "plain nixpkgs",
            Self::NixpkgsLib => "lib of nixpkgs only",
            Self::Source => "source, no flake",
            Self::Null => "null flake",
        }
    }
}

/// Kinds of inputs, as they are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EdgeKind {
    Direct,
    Follows,
    Configured,
    Unconfigured,
    Disabled,
    Broken,
}

impl EdgeKind {
    pub(super) const ALL: [Self; 6] = [
        Self::Direct,
        Self::Follows,
        Self::Configured,
        Self::Unconfigured,
        Self::Disabled,
        Self::Broken,
    ];

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Direct => "input",
            Self::Follows => "follows",
            Self::Configured => "gets a configured nixpkgs",
            Self::Unconfigured => "should get one, and does not",
            Self::Disabled => "disabled input",
            Self::Broken => "leads nowhere",
        }
    }
}

/// What occurs in a drawing, in the order in which it is explained.
#[derive(Debug, Default)]
pub(super) struct Legend {
    pub(super) nodes: Vec<NodeKind>,
    pub(super) edges: Vec<EdgeKind>,
    pub(super) has_unreachable: bool,
}

impl Legend {
    pub(super) fn of(view: &View<'_, '_, '_, '_>) -> Self {
        let mut nodes = [false; NodeKind::ALL.len()];
        let mut edges = [false; EdgeKind::ALL.len()];
        let mut has_unreachable = false;
        for &node in view.nodes() {
            set(&mut nodes, NodeKind::of(view.analysis().role(node)) as usize);
            has_unreachable |= !view.graph().is_reachable(node);
        }
        for input in view.inputs() {
            let is_direct = view.graph().is_direct(input);
            let plain = if is_direct { EdgeKind::Direct } else { EdgeKind::Follows };
            set(&mut edges, plain as usize);
            match view.verdict(input).kind {
                VerdictKind::Plain => {}
                VerdictKind::Configured => set(&mut edges, EdgeKind::Configured as usize),
                VerdictKind::Unconfigured { .. } => {
                    set(&mut edges, EdgeKind::Unconfigured as usize)
                }
                VerdictKind::Disabled => set(&mut edges, EdgeKind::Disabled as usize),
                VerdictKind::Dangling { .. } | VerdictKind::Cycle { .. } => {
                    set(&mut edges, EdgeKind::Broken as usize);
                }
            }
        }
        let nodes = NodeKind::ALL.into_iter().zip(nodes).filter(|(_, occurs)| *occurs);
        let edges = EdgeKind::ALL.into_iter().zip(edges).filter(|(_, occurs)| *occurs);
        Self {
            nodes: nodes.map(|(kind, _)| kind).collect(),
            edges: edges.map(|(kind, _)| kind).collect(),
            has_unreachable,
        }
    }
}

fn set(occurs: &mut [bool], at: usize) {
    if let Some(occurs) = occurs.get_mut(at) {
        *occurs = true;
    }
}
