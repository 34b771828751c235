//! Sentences about duplicates that several formats share.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{
    Begins, OutputChange, OutputReport, RepairEffect, TwicePackage, Variant, WithFix,
};

/// How many names are listed in one line; the rest is counted.
const SHOWN: usize = 12;
/// How many origins are listed for a group.
const SHOWN_BEGINNINGS: usize = 4;

/// The result for an output.
pub(super) fn verdict(output: &OutputReport) -> String {
    let among = || format!("twice among {}", derivations(output.derivations));
    match (&output.failed, output.twice.len()) {
        (Some(reason), _) => format!("not known: {reason}"),
        (None, 0) => format!("nothing is {}", among()),
        (None, 1) => format!("1 package is {}", among()),
        (None, more) => format!("{more} packages are {}", among()),
    }
}

/// How duplicates were found, if there may be more.
pub(super) fn by_attributes(output: &OutputReport) -> Option<String> {
    let reason = output.by_attributes.as_ref()?;
    Some(format!(
        "found by the attributes of packages, there may be more: with all dependencies on this \
         flake's nixpkgs it cannot be evaluated: {reason}"
    ))
}

/// The duplicates that a repair leaves, how much the output shrinks, and what is gone.
pub(super) fn with_fix(before: usize, with_fix: &WithFix) -> String {
    match with_fix {
        WithFix::Failed(reason) => format!("not known: {reason}"),
        WithFix::Known { derivations, gone, left, new, .. } => {
            let still = match (left.as_slice(), new.as_slice()) {
                ([], []) => "nothing is twice".to_owned(),
                (left, []) => format!("still twice: {}", names(left)),
                ([], new) => format!("newly twice: {}", names(new)),
                (left, new) => format!("still twice: {}; newly: {}", names(left), names(new)),
            };
            let gone = match gone.as_slice() {
                [] => String::new(),
                gone => format!("; gone: {}", names(gone)),
            };
            format!("{still}; {}{gone}", fewer(before, *derivations))
        }
    }
}

/// The paths by which an output still reaches remaining duplicates.
pub(super) fn through(with_fix: &WithFix) -> Vec<String> {
    let WithFix::Known { through, .. } = with_fix else { return Vec::new() };
    let ways = through.iter().take(SHOWN);
    ways.map(|(name, chain)| format!("{name}, also through {}", chain.join(" → "))).collect()
}

/// What environments lack.
pub(super) fn dropped(output: &OutputReport) -> impl Iterator<Item = String> {
    output.dropped.iter().map(|dropped| {
        format!(
            "not in {} at all: {}; withPackages drops what is built for another Python",
            dropped.environment,
            names(&dropped.names)
        )
    })
}

/// The number of outputs without duplicates, in words.
pub(super) fn clean(outputs: usize) -> Option<String> {
    match outputs {
        0 => None,
        1 => Some("1 output: nothing is twice".to_owned()),
        more => Some(format!("{more} outputs: nothing is twice")),
    }
}

/// Packages whose difference begins in the same places.
#[derive(Debug)]
pub(super) struct BeginningGroup<'r> {
    begins: &'r [Begins],
    pub(super) packages: Vec<&'r TwicePackage>,
}

impl<'r> BeginningGroup<'r> {
    /// Its heading: the package where the difference begins, and what is built on that.
    pub(super) fn heading(&self) -> String {
        let number = self.packages.len();
        if self.is_another_nixpkgs() {
            let variants = self.packages.iter().flat_map(|package| &package.variants);
            let bringers: BTreeSet<&str> =
                variants.flat_map(|variant| &variant.brought_by).map(String::as_str).collect();
            let bringers: Vec<String> = bringers.into_iter().map(|it| format!("`{it}`")).collect();
            let from = match bringers.as_slice() {
                [] => String::new(),
                some => format!(" from {},", listed(some.iter().map(String::as_str))),
            };
            let packages = if number == 1 { "package" } else { "packages" };
            return format!("another nixpkgs: {number} {packages},{from} beginning at `setup.sh`");
        }
        let first = self.first();
        let others: Vec<&str> = self
            .packages
            .iter()
            .map(|package| package.name.as_str())
            .filter(|name| *name != first)
            .collect();
        match (others.len() < number, others.len()) {
            (true, 0) => first.to_owned(),
            (true, 1) => format!("{first} and 1 package upon it: {}", listed(others)),
            (true, more) => format!("{first} and {more} packages upon it: {}", listed(others)),
            (false, _) => listed(others),
        }
    }

    fn first(&self) -> &str {
        self.begins.first().map_or("", |begins| begins.name.as_str())
    }

    /// The package whose variants are described: the one where the difference begins, else the
    /// first. For another nixpkgs, only one that collides.
    pub(super) fn described(&self) -> Option<&'r TwicePackage> {
        let mut packages = self.packages.iter().copied();
        if self.is_another_nixpkgs() {
            return packages.find(|package| package.collides.is_some());
        }
        let first = packages.clone().find(|package| package.name == self.first());
        first.or_else(|| packages.next())
    }

    /// Where variants meet.
    pub(super) fn meetings(&self) -> impl Iterator<Item = String> {
        let is_another = self.is_another_nixpkgs();
        self.packages.iter().filter_map(move |package| {
            let name = &package.name;
            if let Some(environment) = &package.collides {
                return Some(format!("both variants of {name} collide in {environment}"));
            }
            let build = package.meets.as_ref().filter(|_| !is_another)?;
            Some(format!("both variants of {name} meet in the build of {build}"))
        })
    }

    /// Where the difference begins, unless the heading says it.
    pub(super) fn beginnings(&self) -> Vec<String> {
        if self.is_another_nixpkgs() {
            return Vec::new();
        }
        let mut clauses: Vec<String> = self
            .begins
            .iter()
            .take(SHOWN_BEGINNINGS)
            .map(|begins| {
                let [one, other] = &begins.difference.values;
                format!("{}: {} \"{one}\" | \"{other}\"", begins.name, begins.difference.attribute)
            })
            .collect();
        if self.begins.len() > SHOWN_BEGINNINGS {
            clauses.push(format!("{} more", self.begins.len() - SHOWN_BEGINNINGS));
        }
        clauses
    }

    /// Whether the two sides are entirely different nixpkgs: then even the script that every build
    /// begins with differs (nixpkgs' `pkgs/stdenv/generic/setup.sh`).
    fn is_another_nixpkgs(&self) -> bool {
        self.begins.iter().any(|begins| {
            let values = &begins.difference.values;
            begins.difference.attribute == "setup" && values.iter().all(|v| v.contains("setup.sh"))
        })
    }
}

/// Another nixpkgs first, then groups that collide, then the largest.
pub(super) fn groups(twice: &[TwicePackage]) -> Vec<BeginningGroup<'_>> {
    let mut groups: BTreeMap<&[Begins], Vec<&TwicePackage>> = BTreeMap::new();
    for package in twice {
        groups.entry(&package.begins).or_default().push(package);
    }
    let groups = groups.into_iter().map(|(begins, packages)| BeginningGroup { begins, packages });
    let mut groups: Vec<BeginningGroup<'_>> = groups.collect();
    groups.sort_by_key(|group| {
        let collides = group.packages.iter().any(|package| package.collides.is_some());
        let others = std::cmp::Reverse(group.packages.len());
        (!group.is_another_nixpkgs(), !collides, others)
    });
    groups
}

/// Who brings a variant, and from which instance.
pub(super) fn bringer(variant: &Variant) -> String {
    let by = match variant.brought_by.as_slice() {
        [] => "of this flake".to_owned(),
        inputs => {
            let inputs: Vec<String> = inputs.iter().map(|input| format!("`{input}`")).collect();
            format!("by {}", inputs.join(", "))
        }
    };
    match &variant.instance {
        Some(instance) => format!("{by} ({instance})"),
        None => by,
    }
}

/// The effect of a repair on an output, in one line; `None` if there is nothing to report.
pub(super) fn effect(effect: &RepairEffect) -> Option<String> {
    let RepairEffect { output, before, after } = effect;
    match after {
        OutputChange::Breaks(reason) => {
            Some(format!("{output} cannot be evaluated any more: {reason}"))
        }
        OutputChange::To(WithFix::Failed(reason)) => {
            Some(format!("{output}: what is twice is not known: {reason}"))
        }
        OutputChange::InSize(derivations, reason) => {
            let fewer = fewer(*before, *derivations);
            Some(format!("{output}: {fewer}; what is twice is not known: {reason}"))
        }
        OutputChange::To(known @ WithFix::Known { derivations, gone, left, new, .. }) => {
            let is_alike = derivations == before && gone.is_empty();
            let has_nothing = left.is_empty() && new.is_empty();
            (!(is_alike && has_nothing)).then(|| format!("{output}: {}", with_fix(*before, known)))
        }
    }
}

/// How many fewer derivations an output needs, in words.
fn fewer(before: usize, after: usize) -> String {
    match before.checked_sub(after) {
        Some(0) => "as many derivations".to_owned(),
        Some(fewer) => format!("{} fewer", derivations(fewer)),
        None => format!("{} more", derivations(after - before)),
    }
}

fn names(names: &[String]) -> String {
    listed(names.iter().map(String::as_str))
}

fn derivations(number: usize) -> String {
    if number == 1 { "1 derivation".into() } else { format!("{number} derivations") }
}

fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = names.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
