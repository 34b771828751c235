//! Packages that compute on the CPU, in outputs that also take the GPU toolkit: whoever takes the
//! toolkit wants to use the GPU.

use std::collections::{BTreeSet, HashMap};

use super::builders;
use super::mismatch::Verdicts;
use super::profile::Profiles;
use crate::instance::ground::Ground;
use crate::source::evaluate::facts::{
    BuilderId, InstanceId, Output, OutputId, PackageKind, Place, Reading, Taking, What,
};
use crate::source::gpu_packages::{self, Gains, Gpu, GpuPackage};

/// A package that an output takes without GPU support, beside the GPU toolkit.
#[derive(Debug, Clone)]
pub struct OnTheCpu {
    /// The output that it is in.
    pub output: OutputId,
    /// The vendor of the toolkit.
    pub gpu: Gpu,
    /// The part of the toolkit that is named first.
    pub toolkit: NamedPackage,
    /// The package.
    pub package: NamedPackage,
    /// What is known of it.
    pub known: &'static GpuPackage,
    /// The nixpkgs that it comes from.
    pub instance: InstanceId,
}

/// A package and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedPackage {
    /// Its attribute path.
    pub name: String,
    /// Its place.
    pub place: Option<Place>,
}

/// All such packages, in the order of outputs, except mismatches with their builder, which are
/// reported as such.
pub(in crate::instance) fn on_the_cpu(
    ground: Ground<'_, '_, '_>,
    verdicts: &Verdicts,
) -> Vec<OnTheCpu> {
    let Some(reading) = ground.sources.outputs() else { return Vec::new() };
    let profiles = Profiles::of(ground, reading);
    let mismatches = verdicts.mismatches.as_slice().iter();
    let disagree: BTreeSet<(OutputId, Option<InstanceId>)> =
        mismatches.map(|mismatch| (mismatch.output, mismatch.instance)).collect();
    let mut found = Vec::new();
    for (at, output) in reading.outputs_with_ids() {
        let on_the_gpu: BTreeSet<&str> = output.uses.iter().filter_map(on_the_gpu).collect();
        let taken = || output.uses.iter().filter_map(|taking| certain(output, taking));
        for gpu in [Gpu::Cuda, Gpu::Rocm] {
            let mut toolkits: HashMap<Option<BuilderId>, NamedPackage> = HashMap::new();
            let is_toolkit = |of: &Taken| of.kind == PackageKind::Toolkit(gpu);
            for of in taken().filter(|of| is_toolkit(of) && is_own(ground, reading, of.instance)) {
                toolkits.entry(of.within).or_insert(of.package);
            }
            for Taken { package, instance, kind, within } in taken() {
                let Some(known) = known(&package.name) else { continue };
                let is_on_the_cpu = matches!(kind, PackageKind::Changed(by) if by.meets(gpu))
                    && known.gains == Gains::Computes
                    && !on_the_gpu.contains(known.base())
                    && is_for_the_cpu(ground, reading, &profiles, instance)
                    && !disagree.contains(&(at, Some(instance)));
                if let Some(toolkit) = toolkits.get(&within).filter(|_| is_on_the_cpu) {
                    let toolkit = toolkit.clone();
                    found.push(OnTheCpu { output: at, gpu, toolkit, package, known, instance });
                }
            }
        }
    }
    found
}

/// Whether it is an instance of a nixpkgs of the root. What a dependency takes of its own says nothing
/// about what the root wants: a package that brings the toolkit along is built for the GPU by itself.
fn is_own(ground: Ground<'_, '_, '_>, reading: &Reading, instance: InstanceId) -> bool {
    let input = ground.input_of(reading, instance);
    input.is_none_or(|of| ground.graph.edge(of).holder == ground.root())
}

/// Whether an instance of the root certainly builds for the CPU: one that is built for another GPU
/// does not.
fn is_for_the_cpu(
    ground: Ground<'_, '_, '_>,
    reading: &Reading,
    profiles: &Profiles,
    instance: InstanceId,
) -> bool {
    let Some(profile) = profiles.get(instance) else { return false };
    let is_unknown = profile.wrapper.is_some_and(|id| ground.wrappers.at(id).config.is_none());
    is_own(ground, reading, instance)
        && !(profile.is_open || profiles.is_mac(Some(instance)) || is_unknown)
        && !profile.has_gpu()
}

/// A package that an output takes.
struct Taken {
    package: NamedPackage,
    instance: InstanceId,
    kind: PackageKind,
    /// What it is in: a host with its homes, a shell or a package. An output may hold several hosts,
    /// which share nothing.
    within: Option<BuilderId>,
}

/// A package that an output takes unconditionally.
fn certain(output: &Output, taking: &Taking) -> Option<Taken> {
    let around = builders::enclosing(output, taking.builder);
    if taking.conditional || around.first().is_some_and(|(_, builder)| builder.conditional) {
        return None;
    }
    let What::Package { instance, name, kind } = &taking.what else { return None };
    Some(Taken {
        package: NamedPackage { name: name.clone(), place: taking.place },
        instance: *instance,
        kind: *kind,
        within: around.last().map(|(id, _)| *id),
    })
}

/// The package that has GPU support switched on, or built in, inside something that is taken: a CPU
/// build of the same package beside it is deliberate.
fn on_the_gpu(taking: &Taking) -> Option<&'static str> {
    let What::Package { name, kind, .. } = &taking.what else { return None };
    match kind {
        PackageKind::Switched(_) => known(name).map(GpuPackage::base),
        _ => gpu_packages::built_in(name.rsplit('.').next()?),
    }
}

/// What is known of a package by its attribute path, as far as that is known.
fn known(name: &str) -> Option<&'static GpuPackage> {
    gpu_packages::top_level(name).or_else(|| gpu_packages::python(name.rsplit('.').next()?))
}
