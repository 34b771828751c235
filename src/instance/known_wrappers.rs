//! Wrapper flakes that are known by name. Each entry was checked against its source.

/// A wrapper flake and its known settings.
#[derive(Debug)]
pub(super) struct KnownWrapper {
    /// Its owner on GitHub.
    pub(super) owner: &'static str,
    /// Its repository there.
    pub(super) name: &'static str,
    /// Its `config` over time, newest first.
    pub(super) versions: &'static [DatedConfig],
    /// The day and the commit at which it was checked.
    pub(super) seen: &'static str,
}

/// The settings of a wrapper from some day on.
#[derive(Debug)]
pub(super) struct DatedConfig {
    /// `lastModified` of the first commit: seconds since 1970.
    pub(super) since: u64,
    /// Names in `config` and whether they are on.
    pub(super) config: &'static [(&'static str, bool)],
}

impl KnownWrapper {
    /// The month in which it was checked, as `2026-11`.
    pub(super) fn month(&self) -> &'static str {
        self.seen.get(..7).unwrap_or(self.seen)
    }

    /// The settings of a locked wrapper; the newest if the lock has no date for it.
    pub(super) fn config(&self, last_modified: Option<u64>) -> &'static [(&'static str, bool)] {
        let at = last_modified.unwrap_or(u64::MAX);
        let version = self.versions.iter().find(|version| version.since <= at);
        version.map_or(&[], |version| version.config)
    }
}

/// The list.
pub(super) const KNOWN_WRAPPERS: &[KnownWrapper] = &[
    KnownWrapper {
        owner: "numtide",
        name: "nixpkgs-unfree",
        versions: &[
            // 2023-01-14, commit 33db265.
            DatedConfig {
                since: 1_673_654_400,
                config: &[
                    ("allowUnfree", true),
                    ("allowUnsupportedSystem", true),
                    ("cudaSupport", true),
                ],
            },
            // 2022-05-08, commit a808f3b.
            DatedConfig {
                since: 1_651_968_000,
                config: &[("allowUnfree", true), ("cudaSupport", true)],
            },
            DatedConfig { since: 0, config: &[("allowUnfree", true)] },
        ],
        seen: "2026-11-22, flake.nix at 12d82a604d21",
    },
    KnownWrapper {
        owner: "ryanswrt",
        name: "nixpkgs-unfree",
        versions: &[DatedConfig {
            since: 0,
            config: &[
                ("allowUnfree", true),
                ("allowUnsupportedSystem", true),
                ("cudaSupport", true),
            ],
        }],
        seen: "2026-11-22, flake.nix at 5bb307fceba7",
    },
];
