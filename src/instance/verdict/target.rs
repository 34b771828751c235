//! The wrapper that the slot of a mismatch should follow.

use super::mismatch::Mismatch;
use crate::instance::ground::Ground;
use crate::instance::settings::{self, Effect};
use crate::instance::wrapper::WrapperId;
use crate::source::nixpkgs_config;

/// One of the wrappers that the root holds (sorted): the builder's own, or one that has all of the
/// builder's settings and is built on the same nixpkgs.
pub(super) fn choose(
    ground: Ground<'_, '_, '_>,
    held_by_root: &[WrapperId],
    mismatch: &Mismatch,
) -> Option<WrapperId> {
    let main = &mismatch.main;
    let wanted = &main.configuration;
    let expects_nothing = wanted.wrapper.is_none() && wanted.settings.is_empty();
    let slot = mismatch.slot?;
    // A slot that ends at another wrapper does so deliberately.
    let has_another = ground.graph.end(slot).is_some_and(|end| ground.wrapper_at(end).is_some());
    if has_another || mismatch.has_more() || expects_nothing {
        return None;
    }
    if let Some(own) = wanted.wrapper.filter(|own| held_by_root.contains(own)) {
        return Some(own);
    }
    held_by_root.iter().copied().find(|id| {
        let wrapper = ground.wrappers.at(*id);
        let serves = match &wrapper.config {
            Some(config) => {
                let settings_of_wrapper = settings::compared_of_wrapper(config);
                wanted.settings.iter().all(|key| settings_of_wrapper.contains_key(key))
            }
            None => {
                wrapper.effect == Effect::Build
                    && wanted.settings.iter().all(|key| nixpkgs_config::is_gpu(key))
            }
        };
        serves
            && !wrapper.candidate
            && (main.base.is_none() || wrapper.base == main.base || Some(wrapper.node) == main.base)
    })
}
