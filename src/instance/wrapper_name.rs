//! Names of wrapper flakes: `nixpkgs-gpu`, `nixpkgs-24.11-unfree`. A name is weak evidence and
//! counts only together with the shape.

use super::settings::Effect;

/// Parts of a name that stand for a setting.
const BUILD_WORDS: [&str; 5] = ["gpu", "cuda", "rocm", "cudasupport", "hip"];
const PERMISSION_WORDS: [&str; 4] = ["unfree", "nonfree", "insecure", "allowunfree"];
const OTHER_WORDS: [&str; 2] = ["configured", "wrapper"];
/// Parts of a name that stand for a version of nixpkgs.
const CHANNEL_WORDS: [&str; 8] =
    ["nixos", "stable", "unstable", "master", "small", "latest", "release", "main"];

/// A quick test whether a name can be that of a wrapper at all.
pub(super) fn mentions_pkgs(name: &str) -> bool {
    const WORD: &[u8] = b"pkgs";
    // Few names contain a `k`.
    let name = name.as_bytes();
    let mut ks = (0_usize..).zip(name).filter(|(_, byte)| byte.eq_ignore_ascii_case(&b'k'));
    ks.any(|(at, _)| {
        let part = at.checked_sub(1).and_then(|start| name.get(start..start + WORD.len()));
        part.is_some_and(|part| part.eq_ignore_ascii_case(WORD))
    })
}

/// What a name says, if it is that of a configured nixpkgs: `nixpkgs` and a setting, with at most a
/// channel besides. `nixpkgs-cuda-ci` does not count.
pub(super) fn effect(name: &str) -> Option<Effect> {
    let lower = name.to_lowercase();
    let mut is_nixpkgs = false;
    let mut effect = None;
    for word in lower.split(['-', '_']) {
        if matches!(word, "nixpkgs" | "pkgs") {
            is_nixpkgs = true;
        } else if BUILD_WORDS.contains(&word) || is_versioned(word, &["cuda", "rocm"]) {
            effect = Some(Effect::Build);
        } else if PERMISSION_WORDS.contains(&word) {
            effect = effect.or(Some(Effect::PermissionsOnly));
        } else if OTHER_WORDS.contains(&word) {
            effect = effect.or(Some(Effect::Unknown));
        } else if !CHANNEL_WORDS.contains(&word) && !is_versioned(word, &[""]) {
            return None;
        }
    }
    if is_nixpkgs { effect } else { None }
}

/// Whether a word is one of these stems with a version: `cuda12`, `24.11`.
fn is_versioned(word: &str, stems: &[&str]) -> bool {
    stems.iter().filter_map(|stem| word.strip_prefix(stem)).any(|version| {
        !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_what_is_configured() {
        for (name, expected) in [
            ("nixpkgs-gpu", Some(Effect::Build)),
            ("nixpkgs-cuda12", Some(Effect::Build)),
            ("nixpkgs-unstable-rocm", Some(Effect::Build)),
            ("Nixpkgs_Unfree", Some(Effect::PermissionsOnly)),
            ("nixpkgs-unfree-cuda", Some(Effect::Build)),
            ("nixpkgs-24.11-unfree", Some(Effect::PermissionsOnly)),
            ("pkgs-gpu", Some(Effect::Build)),
            ("nixpkgs-cuda-ci", None),
            ("nixpkgs-unstable", None),
            ("nixpkgs-fmt", None),
            ("cuda", None),
            ("gpu-screen-recorder", None),
        ] {
            assert_eq!(effect(name), expected, "{name}");
        }
    }
}
