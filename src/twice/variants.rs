//! What exists in two variants, where that begins, and where the two meet.
//!
//! A name that occurs twice is not enough: one nixpkgs by itself has dozens of those (bootstrap
//! stages, minimal variants), none by fault. A package exists twice if its replacement, were all
//! dependencies built from this flake's nixpkgs, is already there; or if two of its variants have
//! the same replacement.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::comparison::AttributeDifference;
use super::pairs::{CorrespondingPairs, PairId};
use crate::derivation::{Closure, DerivationError, DrvId, Members, package_name};

/// A package in more than one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name, without a version.
    pub name: String,
    /// Its variants; those that would remain come last.
    pub variants: Vec<DrvId>,
    /// The environment that contains two of them.
    pub collides: Option<DrvId>,
    /// A build that has two of them as inputs.
    pub meets: Option<DrvId>,
    /// Where the difference begins: the names of the derivations that differ by themselves, and
    /// how.
    pub begins: Vec<Beginning>,
}

/// A derivation that differs from its replacement by itself, not only by its inputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beginning {
    /// Its name, without a version.
    pub name: String,
    /// The differences.
    pub differences: Vec<AttributeDifference>,
}

/// The duplicates in the closure of a derivation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Duplicates {
    /// The duplicates: those that collide first, then by name.
    pub twice: Vec<Duplicate>,
    /// Packages with two variants that would both remain and do not meet, so the repair does not
    /// concern them.
    pub left: Vec<String>,
    /// Python environments with the names of modules that they lack because those are built for
    /// another Python.
    pub dropped: Vec<(DrvId, Vec<String>)>,
}

/// Finds duplicates in the closure of `root`. `seeds` are pairs of a derivation and its
/// replacement, were all dependencies built from this flake's nixpkgs: best the root itself and the
/// same output built so, else any packages that are known of both.
///
/// # Errors
/// A `.drv` cannot be read.
pub fn duplicates(
    closure: &Closure,
    root: DrvId,
    seeds: &[(DrvId, DrvId)],
) -> Result<Duplicates, DerivationError> {
    let pairs = CorrespondingPairs::walk(closure, seeds)?;
    let below_root: BTreeSet<DrvId> = closure.below(root).into_iter().collect();
    let stays = remaining(closure, seeds);
    let counts = |id: &DrvId| *id != root && !closure.is_fixed(*id) && below_root.contains(id);

    // The derivations that one would replace, including itself if it is already there.
    let mut classes: BTreeMap<DrvId, BTreeSet<DrvId>> = BTreeMap::new();
    for (from, targets) in &pairs.replaced_by {
        for to in targets.iter().filter(|to| counts(from) && !closure.is_fixed(**to)) {
            let class = classes.entry(*to).or_default();
            class.insert(*from);
            if counts(to) {
                class.insert(*to);
            }
        }
    }
    classes.retain(|_, class| class.len() > 1);
    let classes = joined(classes);

    let meetings = Meetings::of(closure, &below_root, &classes);
    let beginnings = pairs.beginnings();
    let mut found = Duplicates::default();
    for (number, class) in classes.iter().enumerate() {
        let name = class.members.iter().next().map_or("", |id| closure.name(*id));
        let name = package_name(name).to_owned();
        let begins: BTreeSet<PairId> = class
            .members
            .iter()
            .flat_map(|from| class.targets.iter().filter_map(|to| pairs.pair_of(*from, *to)))
            .filter_map(|pair| beginnings.get(&pair))
            .flatten()
            .copied()
            .collect();
        // A text that differs by itself is meant to differ.
        let is_text = |id: DrvId| closure.node(id).is_some_and(|node| node.is_text);
        let begins_in_itself = begins
            .iter()
            .filter_map(|id| pairs.pair(*id))
            .all(|pair| class.members.contains(&pair.from));
        if class.members.iter().all(|id| is_text(*id)) && begins_in_itself {
            continue;
        }
        let collides = meetings.environments.get(&number).copied();
        let is_removed = class.members.iter().any(|id| !stays.contains(id));
        if !is_removed && collides.is_none() {
            found.left.push(name);
            continue;
        }
        let (mut variants, last): (Vec<DrvId>, Vec<DrvId>) =
            class.members.iter().partition(|id| !stays.contains(id));
        variants.extend(last);
        let mut begins: Vec<Beginning> = begins
            .iter()
            .filter_map(|id| pairs.pair(*id))
            .map(|pair| Beginning {
                name: package_name(closure.name(pair.from)).to_owned(),
                differences: pair.differences.clone(),
            })
            .collect();
        begins.sort();
        begins.dedup();
        let meets = meetings.builds.get(&number).copied();
        found.twice.push(Duplicate { name, variants, collides, meets, begins });
    }
    found.dropped = dropped(closure, &pairs, &below_root);
    found.left.sort();
    found.left.dedup();
    found.twice.sort_by(|a, b| {
        (a.collides.is_none(), &a.name, &a.variants).cmp(&(
            b.collides.is_none(),
            &b.name,
            &b.variants,
        ))
    });
    Ok(found)
}

/// Modules that Python environments lack although their replacements have them. `withPackages` only
/// takes modules for its own Python, and silently drops others (nixpkgs' `requiredPythonModules` in
/// `pkgs/development/interpreters/python/python-packages-base.nix`).
fn dropped(
    closure: &Closure,
    pairs: &CorrespondingPairs,
    below_root: &BTreeSet<DrvId>,
) -> Vec<(DrvId, Vec<String>)> {
    let is_environment = |id: DrvId| {
        let name = closure.name(id);
        let is_linked =
            closure.node(id).is_some_and(|node| matches!(node.members, Members::Linked(_)));
        is_linked && name.starts_with("python") && name.ends_with("-env")
    };
    let modules = |id: DrvId| -> BTreeSet<&str> {
        let members = closure.members(id).into_iter();
        members.map(|member| module_name(package_name(closure.name(member)))).collect()
    };
    let mut found = Vec::new();
    for (from, targets) in &pairs.replaced_by {
        if !below_root.contains(from) || !is_environment(*from) {
            continue;
        }
        let own = modules(*from);
        let all: BTreeSet<&str> =
            targets.iter().filter(|to| is_environment(**to)).flat_map(|to| modules(*to)).collect();
        let lacks: Vec<String> = all.difference(&own).map(|&name| name.to_owned()).collect();
        if !lacks.is_empty() {
            found.push((*from, lacks));
        }
    }
    found
}

/// The name of a Python module without that of the interpreter: `numpy` for `python3.13-numpy`.
pub(super) fn module_name(name: &str) -> &str {
    let module = name.split_once('-').filter(|(python, _)| {
        let version = python.strip_prefix("python");
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    });
    module.map_or(name, |(_, module)| module)
}

/// The replacements, and what they need.
pub(super) fn remaining(closure: &Closure, seeds: &[(DrvId, DrvId)]) -> BTreeSet<DrvId> {
    closure.below_all(seeds.iter().map(|(_, to)| *to)).into_iter().collect()
}

/// Derivations of which at most one should exist.
#[derive(Debug)]
struct Class {
    members: BTreeSet<DrvId>,
    /// Their replacements.
    targets: BTreeSet<DrvId>,
}

/// Merges classes that share a member.
fn joined(classes: BTreeMap<DrvId, BTreeSet<DrvId>>) -> Vec<Class> {
    let mut found: Vec<Option<Class>> = Vec::new();
    let mut class_of: BTreeMap<DrvId, usize> = BTreeMap::new();
    for (target, members) in classes {
        let at = found.len();
        let mut class = Class { members, targets: BTreeSet::from([target]) };
        let known: BTreeSet<usize> =
            class.members.iter().filter_map(|id| class_of.get(id).copied()).collect();
        for known in known {
            if let Some(other) = found.get_mut(known).and_then(Option::take) {
                class.members.extend(other.members);
                class.targets.extend(other.targets);
            }
        }
        for id in &class.members {
            class_of.insert(*id, at);
        }
        found.push(Some(class));
    }
    found.into_iter().flatten().collect()
}

/// Where variants of a class meet, by the index of the class.
#[derive(Debug, Default)]
struct Meetings {
    environments: HashMap<usize, DrvId>,
    builds: HashMap<usize, DrvId>,
}

impl Meetings {
    fn of(closure: &Closure, below_root: &BTreeSet<DrvId>, classes: &[Class]) -> Self {
        let mut class_of: HashMap<DrvId, usize> = HashMap::new();
        for (number, class) in classes.iter().enumerate() {
            class_of.extend(class.members.iter().map(|id| (*id, number)));
        }
        let mut found = Self::default();
        if class_of.is_empty() {
            return found;
        }
        for id in below_root {
            let Some(node) = closure.node(*id) else { continue };
            let meetings = match node.members {
                Members::Linked(_) | Members::Shell(_) => &mut found.environments,
                Members::Build(_) => &mut found.builds,
            };
            let mut first: HashMap<usize, DrvId> = HashMap::new();
            for member in closure.members(*id) {
                let Some(class) = class_of.get(&member) else { continue };
                if *first.entry(*class).or_insert(member) != member {
                    meetings.entry(*class).or_insert(*id);
                }
            }
        }
        found
    }
}
