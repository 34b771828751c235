//! Fingerprints: what lets an alert be recognized after the lock was edited.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes of the hash that are kept.
const BYTES: usize = 16;

/// From the rule, the input path and the identity of the source, without revision, key and line;
/// and from what tells it (`discriminator`) from others of these, where there can be several.
pub(super) fn fingerprint(
    rule: &str,
    path: &[&str],
    identity: &str,
    discriminator: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    for part in [rule].iter().chain(path).chain(&[identity]).chain(&discriminator) {
        // With the length before it, no two lists of parts read the same.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    HEXLOWER.encode(hash.get(..BYTES).unwrap_or_default())
}
