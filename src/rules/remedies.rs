//! What a dependency offers besides following (its overlay), and what following costs (its binary
//! cache).

use std::collections::{BTreeMap, BTreeSet};

use super::words;
use crate::flake_ref::is_flake_id;
use crate::instance::{Analysis, Mismatch, Seen, input_index, known_flake, usual_path};
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{MadeBy, Overlay, Taken};
use crate::text::AttrPath;

/// How many dependencies, and packages, are named.
const NAMED: usize = 3;
/// How many inputs that end at one dependency are examined.
const MOST_USERS: usize = 50;

/// Where to add an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum OverlayPlace {
    /// The option `nixpkgs.overlays` of a system or home.
    Option,
    /// The argument of `import nixpkgs`.
    Argument,
}

/// What overlays can do.
pub(super) struct ByOverlay {
    /// In words.
    pub(super) what: String,
    /// Whether it cures everything that it was asked for.
    pub(super) serves_all: bool,
}

/// An overlay that builds what is taken with the settings of whoever adds it.
struct Offer {
    /// The name of the dependency.
    dependency: String,
    /// Its Nix expression: `solver.overlays.default`.
    overlay: String,
    /// The names under which it adds the packages; empty if they are not known.
    names: Vec<String>,
    /// The month in which the table of known flakes was read, if the fact comes from there.
    read: Option<&'static str>,
}

/// What can be done by overlays of dependencies, without another input, in words. `None` if none of
/// them offers a suitable one.
pub(super) fn by_overlay(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
) -> Option<ByOverlay> {
    if mismatches.iter().any(|mismatch| mismatch.has_more()) {
        return None;
    }
    let mut taken: BTreeMap<NodeId, Vec<&Mismatch>> = BTreeMap::new();
    for mismatch in mismatches {
        let holder = analysis.graph().edge(mismatch.slot?).holder;
        taken.entry(holder).or_default().push(mismatch);
    }
    let places = mismatches.iter().map(|mismatch| overlay_place(analysis, mismatch));
    let places = places.collect::<Option<BTreeSet<OverlayPlace>>>()?;
    let all = taken.len();
    let offers =
        taken.into_iter().filter_map(|(node, mismatches)| offer(analysis, node, &mismatches));
    let offers: Vec<Offer> = offers.take(NAMED).collect();
    (!offers.is_empty()).then(|| ByOverlay {
        what: offers_in_words(&offers, &places),
        serves_all: offers.len() == all,
    })
}

fn offers_in_words(offers: &[Offer], places: &BTreeSet<OverlayPlace>) -> String {
    let joined =
        |part: fn(&Offer) -> String, by: &str| offers.iter().map(part).collect::<Vec<_>>().join(by);
    let whose = joined(
        |offer| match offer.read {
            Some(month) => {
                format!("`{}` (read {month})", offer.dependency)
            }
            None => format!("`{}`", offer.dependency),
        },
        " and ",
    );
    let overlays = joined(|offer| offer.overlay.clone(), " ");
    let added = places.iter().map(|place| match place {
        OverlayPlace::Option => {
            format!("`nixpkgs.overlays = [ {overlays} ];` beside `nixpkgs.config`")
        }
        OverlayPlace::Argument => {
            format!("`overlays = [ {overlays} ];` beside `config` in the import")
        }
    });
    let added: Vec<String> = added.collect();
    let names: Vec<&String> = offers.iter().flat_map(|offer| &offer.names).collect();
    let more = names.len().saturating_sub(NAMED);
    let shown = names.iter().take(NAMED).map(|name| format!("`pkgs.{}`", AttrPath(&[name])));
    let take = if offers.iter().any(|offer| offer.names.is_empty()) {
        "the packages from `pkgs`".to_owned()
    } else {
        shown.collect::<Vec<_>>().join(", ") + &and_more(more)
    };
    format!(
        "add the overlay of {whose}, which builds with these settings and needs no new input: {}; \
         then take {take} in place of {}",
        added.join(", or "),
        joined(|offer| format!("`{}.packages`", offer.dependency), " and "),
    )
}

/// Where the builder's nixpkgs takes overlays.
fn overlay_place(analysis: &Analysis<'_, '_, '_>, mismatch: &Mismatch) -> Option<OverlayPlace> {
    let made = analysis.sources().evaluated_root()?.instance(mismatch.main.instance?)?;
    match made.made_by {
        MadeBy::Nixos | MadeBy::HomeManager => Some(OverlayPlace::Option),
        MadeBy::Import => Some(OverlayPlace::Argument),
        MadeBy::Legacy | MadeBy::Variant | MadeBy::Extended | MadeBy::Callers => None,
    }
}

/// What one dependency offers for everything that is taken of it.
fn offer(analysis: &Analysis<'_, '_, '_>, node: NodeId, mismatches: &[&Mismatch]) -> Option<Offer> {
    let input = root_input_of(analysis, node)?;
    let dependency = analysis.graph().lock().input(input).name.to_owned();
    let in_nix = |path: &[String]| {
        let names: Vec<&str> =
            [&*dependency].into_iter().chain(path.iter().map(String::as_str)).collect();
        AttrPath(&names).to_string()
    };
    if let Some(source) = analysis.sources().flake(node) {
        let packages = mismatches.iter().map(|mismatch| match &mismatch.seen {
            Seen::Package(name, _) => Some(name.as_str()),
            Seen::Opaque(..) => None,
        });
        let packages = packages.collect::<Option<BTreeSet<_>>>()?;
        return source.overlays().iter().find_map(|overlay| {
            let names = serving(overlay, &packages)?;
            let overlay = in_nix(&overlay.path);
            Some(Offer { dependency: dependency.clone(), overlay, names, read: None })
        });
    }
    let known = known_flake(analysis.graph().lock(), node)?;
    let overlay = in_nix(&["overlays".to_owned(), known.overlay?.to_owned()]);
    let mut paths: Vec<&str> = Vec::new();
    for mismatch in mismatches {
        match &mismatch.seen {
            Seen::Opaque(_, _, path) => paths.push(path),
            // A package in the table of known flakes: anything of the flake that contains it may be
            // what is taken.
            Seen::Package(name, _) => {
                let holding = known.changed.iter().filter(|(_, package)| package == name);
                let before = paths.len();
                paths.extend(holding.map(|(path, _)| *path));
                if paths.len() == before {
                    return None;
                }
            }
        }
    }
    let names = paths.into_iter().map(package_of).collect::<Option<BTreeSet<_>>>()?;
    // The table does not record what an overlay calls a flake's `default` package.
    let names = if names.contains("default") { BTreeSet::new() } else { names };
    let names = names.into_iter().collect();
    Some(Offer { overlay, dependency, names, read: Some(known.month()) })
}

/// The name of a package by its attribute path in a flake. Overlays offer no shells or apps.
fn package_of(path: &str) -> Option<String> {
    let path = usual_path(path);
    let name = path.strip_prefix("packages.")?;
    (!name.contains('.')).then(|| name.to_owned())
}

/// The names that an overlay adds with these packages in them; `None` if one is in none.
fn serving(overlay: &Overlay, packages: &BTreeSet<&str>) -> Option<Vec<String>> {
    let holds = |name: &str| overlay.adds.values().any(|of| of.contains(name));
    if !packages.iter().all(|name| holds(name)) {
        return None;
    }
    let serves = |of: &BTreeSet<String>| packages.iter().any(|name| of.contains(*name));
    Some(overlay.adds.iter().filter(|(_, of)| serves(of)).map(|(name, _)| name.clone()).collect())
}

/// The root's input through which it takes what a dependency builds, and by which it can name the
/// overlay. `None` if another dependency uses it, too, because no overlay of the root reaches what
/// that builds.
fn root_input_of(analysis: &Analysis<'_, '_, '_>, node: NodeId) -> Option<InputId> {
    let graph = analysis.graph();
    let takes = |input: &InputId| {
        let done = analysis.sources().flake_facts(graph.edge(*input).holder);
        let at = input_index(graph, *input);
        done.is_some_and(|done| {
            Taken::BUILT.iter().any(|what| done.taken.contains_key(&(at, *what)))
        })
    };
    let users = graph.adjacency().users(node).into_iter().take(MOST_USERS);
    let mut takers =
        users.filter(|input| graph.is_reachable(graph.edge(*input).holder) && takes(input));
    let input = takers.next().filter(|_| takers.next().is_none())?;
    let is_own = graph.edge(input).holder == graph.lock().root();
    (is_own && is_flake_id(graph.lock().input(input).name)).then_some(input)
}

/// The binary caches that no longer match once slots end at another nixpkgs, in words. A dependency
/// that already follows another nixpkgs than it locked itself has lost its cache anyway.
pub(super) fn caches_lost(
    analysis: &Analysis<'_, '_, '_>,
    slots: impl IntoIterator<Item = InputId>,
) -> Option<String> {
    let graph = analysis.graph();
    let mut seen = BTreeSet::new();
    let mut caches: Vec<String> = Vec::new();
    for slot in slots {
        let holder = graph.edge(slot).holder;
        if !is_as_locked(analysis, slot) || !seen.insert(holder) {
            continue;
        }
        if let Some(cache) = analysis.binary_cache(holder) {
            caches.push(format!("{cache} ({})", words::node(graph, holder)));
        }
    }
    let more = caches.len().saturating_sub(NAMED);
    let shown: Vec<&str> = caches.iter().take(NAMED).map(String::as_str).collect();
    let what = match caches.len() {
        0 => return None,
        1 => "binary cache that no longer matches",
        _ => "binary caches that no longer match",
    };
    Some(format!("{what} once nixpkgs changes: {}{}", shown.join(", "), and_more(more)))
}

fn and_more(more: usize) -> String {
    if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// Whether a slot ends where its flake's own lock has it, as far as is known.
fn is_as_locked(analysis: &Analysis<'_, '_, '_>, slot: InputId) -> bool {
    let graph = analysis.graph();
    let root = graph.lock().root();
    let path = graph.input_path(slot);
    let declared = analysis.declarations().zip(path.whole());
    let is_declared = declared.is_some_and(|(all, path)| all.input_at(path).is_some());
    !is_declared && graph.chain(slot).all(|step| graph.edge(step).holder != root)
}
