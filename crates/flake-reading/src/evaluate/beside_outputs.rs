//! What a flake has beside its outputs, and what is only said of its source.

/// What every flake has beside its outputs.
///
/// Source: Nix, `src/libflake/call-flake.nix`.
pub(super) fn is_of_every_flake(name: &str) -> bool {
    matches!(
        name,
        "inputs"
            | "outputs"
            | "outPath"
            | "sourceInfo"
            | "lastModified"
            | "lastModifiedDate"
            | "narHash"
            | "_type"
    )
}

/// Facts about a source, which are not outputs, and `nixConfig`, which some flakes export as one.
pub(super) fn is_about_source(name: &str) -> bool {
    matches!(
        name,
        "nixConfig"
            | "rev"
            | "shortRev"
            | "dirtyRev"
            | "dirtyShortRev"
            | "lastModified"
            | "lastModifiedDate"
            | "narHash"
            | "revCount"
            | "submodules"
            | "_type"
    )
}
