//! Merges of flakes in short notation, also used by the tests with Nix.

/// The base, ours, theirs, and the result.
pub(super) const MERGED: &[(&str, &str, &str, &str)] = &[
    // Each side updates another input.
    ("a 1, n 1", "a 2, n 1", "a 1, n 2", "a 2, n 2"),
    // Both make the same change.
    ("a 1, n 1", "a 2, n 1", "a 2, n 1", "a 2, n 1"),
    // One adds, one updates.
    ("a 1, n 1", "a 1, b 1 (n 4), n 1", "a 1, n 2", "a 1, b 1 (n 4), n 2"),
    ("a 1, n 1", "a 1, n 2", "a 1, b 1 (n 4), n 1", "a 1, b 1 (n 4), n 2"),
    // Both add, in different places of the list.
    ("d 1, m 1, n 1", "a 1, d 1, m 1, n 1", "d 1, m 1, n 1, z 1", "a 1, d 1, m 1, n 1, z 1"),
    // One removes, one updates: flake.nix no longer has it.
    ("a 1, n 1", "n 1", "a 2, n 1", "n 1"),
    ("a 1, n 1", "a 2, n 2", "n 1", "n 2"),
    // One adds a follows of what the other updates.
    ("a 1 (n 1), n 1", "a 2 (n 2), n 1", "a 1 (n = n), n 1", "a 2 (n = n), n 1"),
    ("a 1 (n 1), n 1", "a 1 (n = n), n 1", "a 2 (n 2), n 3", "a 2 (n = n), n 3"),
    // A follows is removed: what is locked in its place stays.
    ("a 1 (n = n), n 1", "a 1 (n 5), n 1", "a 2 (n = n), n 1", "a 2 (n 5), n 1"),
    // An input of the root becomes a follows, while the other side updates it.
    ("a 1 (n 1), n 1", "a 1 (n 1), n = a/n", "a 1 (n 1), n 2", "a 1 (n 1), n = a/n"),
    // Another reference wins over an update of the old one.
    ("a 1, n 1", "a 2, n 1", "a 7@fork, n 1", "a 7, n 1"),
    ("a 1, n 1", "a 7@fork, n 1", "a 2, n 2", "a 7, n 2"),
    // Keys of nodes that nobody changed are renumbered.
    (
        "b 1 (n 1), c 1 (n 2), n 3",
        "a 1 (n 4), b 1 (n 1), c 1 (n 2), n 3",
        "b 1 (n 1), c 1 (n 9), n 3",
        "a 1 (n 4), b 1 (n 1), c 1 (n 9), n 3",
    ),
    // What an update brings below an input, and what the other side updated there.
    ("a 1 (n 1; u 1), n 1", "a 2 (n 1; v 1), n 1", "a 1 (n 3; u 4), n 1", "a 2 (n 3; v 1), n 1"),
];

/// The base, ours, theirs, the inputs in conflict, and the results when preferring the newest, ours
/// and theirs.
pub(super) const CONFLICTS: &[(&str, &str, &str, &str, [&str; 3])] = &[
    ("a 1, n 1", "a 3, n 1", "a 2, n 2", "a", ["a 3, n 2", "a 3, n 2", "a 2, n 2"]),
    (
        "a 1 (n 1), n 1",
        "a 1 (n 5), n 1",
        "a 1 (n 6), n 1",
        "a/n",
        ["a 1 (n 6), n 1", "a 1 (n 5), n 1", "a 1 (n 6), n 1"],
    ),
    // What is below one of two versions belongs to that version.
    (
        "a 1 (n 1; u 1), n 1",
        "a 3 (n 1; u 1), n 1",
        "a 2 (n 7; w 1), n 1",
        "a",
        ["a 3 (n 1; u 1), n 1", "a 3 (n 1; u 1), n 1", "a 2 (n 7; w 1), n 1"],
    ),
    // The declarations of flake.nix apply to either.
    (
        "a 1 (n 1), n 1",
        "a 2 (n = n), n 1",
        "a 3 (n 3), n 1",
        "a",
        ["a 3 (n = n), n 1", "a 2 (n = n), n 1", "a 3 (n = n), n 1"],
    ),
];
