//! An output takes a GPU toolkit, and a package that is built without GPU support.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judges, Rule, mismatches, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Part, Strength, Subject};
use crate::instance::{Analysis, OnTheCpu};
use crate::source::evaluate::facts::{InstanceId, MadeBy, MadeInstance, OutputId, Place};
use crate::source::gpu_packages::Gpu;

pub(super) static RULE: Rule = Rule {
    id: "cuda-without-support",
    level: Level::Warn,
    light: Level::Warn,
    summary: "an output takes the CUDA or ROCm toolkit, and a package that is built without it",
    page: include_str!("../../docs/rules/cuda-without-support.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

/// Groups instances that one line of code makes, for instance for each system.
type Made = (Option<(u32, usize)>, Option<Place>, MadeBy);

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let mut groups: BTreeMap<(Gpu, Made), Vec<&OnTheCpu>> = BTreeMap::new();
    for found in analysis.on_the_cpu() {
        let made = made(analysis, found.instance).map(key);
        if let Some(made) = made {
            groups.entry((found.gpu, made)).or_default().push(found);
        }
    }
    // Hosts that differ in something else, like what is permitted, take the same at the same places.
    let mut told: BTreeMap<(Gpu, MadeBy, Vec<_>), Vec<&OnTheCpu>> = BTreeMap::new();
    let mut order = Vec::new();
    for ((gpu, (_, _, made_by)), of) in groups {
        let mut taken: Vec<_> =
            of.iter().map(|found| (&found.package.name, found.package.place)).collect();
        taken.sort();
        taken.dedup();
        let key = (gpu, made_by, taken);
        if !told.contains_key(&key) {
            order.push(key.clone());
        }
        told.entry(key).or_default().extend(of);
    }
    for key in order {
        if let Some(of) = told.get(&key) {
            findings.extend(finding(analysis, key.0, of));
        }
    }
}

fn made<'f>(analysis: &'f Analysis<'_, '_, '_>, id: InstanceId) -> Option<&'f MadeInstance> {
    analysis.sources().evaluated_root()?.instances.get(id.index())
}

fn key(made: &MadeInstance) -> Made {
    let base = made.base.map(|slot| (slot.flake.index() as u32, slot.input.index()));
    (base, made.made_at, made.made_by)
}

fn finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    gpu: Gpu,
    on_the_cpu: &[&OnTheCpu],
) -> Option<Finding<'a>> {
    let first = on_the_cpu.first()?;
    let made = made(analysis, first.instance)?;
    let (brand, setting) = match gpu {
        Gpu::Rocm => ("ROCm", "rocmSupport"),
        Gpu::Cuda | Gpu::Both => ("CUDA", "cudaSupport"),
    };
    let sorted = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
    let packages = sorted(on_the_cpu.iter().map(|found| found.package.name.clone()).collect());
    let outputs: BTreeSet<OutputId> = on_the_cpu.iter().map(|found| found.output).collect();
    let outputs: Vec<OutputId> = outputs.into_iter().collect();
    let names = mismatches::names_of(analysis, &outputs);
    let taken = mismatches::first_names(&packages);
    let toolkit = &first.toolkit;
    let are = if packages.len() == 1 { "is" } else { "are" };
    let who = mismatches::who(&names, "takes", "take");
    let who = who.unwrap_or_else(|| "this flake takes".into());
    let message = format!(
        "{who} the {brand} toolkit (`{}`), but {taken} {are} built without {brand}",
        toolkit.name
    );
    // An overlay that was not read could have changed it.
    let strength = if made.overlays.is_some() { Strength::Firm } else { Strength::Light };
    let mut finding = Finding::new(&RULE, Subject::Flake(None), message)
        .discriminator(Discriminator::Settings(format!("{setting} {}", packages.join(" "))))
        .of_parts(packages.iter().map(|name| Part {
            input: None,
            discriminator: Discriminator::Settings(format!("{setting} {name}")),
        }))
        .strength(strength)
        .node(analysis.base_of(made))
        .placed(first.package.place.filter(|place| analysis.sources().is_of_root(*place)))
        .in_outputs(outputs, packages)
        .label("built for the CPU")
        .why(format!("without `{setting}` nixpkgs builds it for the CPU, even beside the toolkit"));
    if names.len() > 1 {
        finding = finding.note(format!("used by {}", mismatches::first_names(&names)));
    }
    let place = |name: &str, at: Option<Place>| {
        at.and_then(|at| mismatches::place_in_words(analysis, at))
            .map(|place| format!("`{name}` is named in {place}"))
    };
    // If the finding has no place of its own, it is shown there already.
    if finding.place.is_none() {
        finding.notes.extend(place(&first.package.name, first.package.place));
    }
    finding.notes.extend(place(&toolkit.name, toolkit.place));
    finding.notes.push(match gpu {
        Gpu::Rocm => {
            format!("with `{setting}` every package that it changes is built, which takes hours")
        }
        // Source: the header of nixpkgs' `pkgs/top-level/release-cuda.nix`, 2026-11.
        Gpu::Cuda | Gpu::Both => format!(
            "with `{setting}` every package that it changes is built, which takes hours unless a \
             binary cache has it: nix-community.cachix.org has CUDA builds of nixos-unstable"
        ),
    });
    let instead = instead(first, gpu).filter(|_| finding.packages.len() == 1);
    Some(finding.fix(Fix::manual(remedy(analysis, made, setting, instead))))
}

/// Where to write the setting, and which package has it built in.
fn remedy(
    analysis: &Analysis<'_, '_, '_>,
    made: &MadeInstance,
    setting: &str,
    instead: Option<&str>,
) -> String {
    let input = made.base.and_then(|slot| analysis.sources().input(analysis.graph(), slot));
    let of = input.map_or("nixpkgs".into(), |input| words::input(analysis.graph(), input));
    let at = made.made_at.and_then(|at| mismatches::place_in_words(analysis, at));
    let at = at.map_or(String::new(), |at| format!(" ({at})"));
    let written = match made.made_by {
        MadeBy::Import => format!("write `config.{setting} = true;` where {of} is imported{at}"),
        MadeBy::Nixos => {
            format!("write `nixpkgs.config.{setting} = true;` in a module of that system{at}")
        }
        // Without `useGlobalPkgs` the settings of its host do not reach it.
        MadeBy::HomeManager => {
            format!(
                "write `nixpkgs.config.{setting} = true;` in a module of the home, whose packages are the home's own"
            )
        }
        MadeBy::Legacy | MadeBy::Variant | MadeBy::Extended | MadeBy::Callers => format!(
            "import {of} with `config = {{ allowUnfree = true; {setting} = true; }}` and take packages \
             from that"
        ),
    };
    match instead {
        Some(instead) => format!("{written}; or take {instead} in its place"),
        None => written,
    }
}

/// Packages of nixpkgs with a GPU built in, looked up on 2026-11-28 in
/// `pkgs/top-level/python-packages.nix` and `pkgs/top-level/all-packages.nix`. There is none for
/// `jaxlib`: `jaxlibWithCuda` was removed in 25.05.
fn instead(found: &OnTheCpu, gpu: Gpu) -> Option<&'static str> {
    match (found.known.name, gpu) {
        ("torch", Gpu::Rocm) => Some("`torchWithRocm`"),
        ("torch", _) => Some("`torch-bin` or `torchWithCuda`"),
        ("torchvision", Gpu::Cuda) => Some("`torchvision-bin` with `torch-bin`"),
        ("torchaudio", Gpu::Cuda) => Some("`torchaudio-bin` with `torch-bin`"),
        ("tensorflow", Gpu::Cuda) => Some("`tensorflowWithCuda`"),
        ("ollama", Gpu::Rocm) => Some("`ollama-rocm`"),
        ("ollama", _) => Some("`ollama-cuda`"),
        _ => None,
    }
}
