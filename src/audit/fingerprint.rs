//! Fingerprints, by which an alert is recognized after the lock was edited.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes of the hash that are kept.
const BYTES: usize = 16;

/// A hash of the rule, the input path and the identity of the source, without revision, key and
/// line; and of the `discriminator`, if a rule can have several such findings.
pub(super) fn fingerprint(
    rule: &str,
    path: &[&str],
    identity: &str,
    discriminator: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    for part in [rule].iter().chain(path).chain(&[identity]).chain(&discriminator) {
        // Lengths keep two lists of parts from running together into the same bytes.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    HEXLOWER.encode(hash.get(..BYTES).unwrap_or_default())
}
