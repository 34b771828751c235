//! Names in a store, and the part that distinguishes them.

/// The part of a store path that distinguishes it from all others: 32 characters after the store's
/// folder.
pub type Digest = [u8; 32];

/// Whether names in a store may contain this byte (Nix, `src/libstore/path.cc`, `checkName`).
pub(super) fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte)
}

/// The digest with which a name in the store begins.
pub(super) fn digest(name: &[u8]) -> Option<Digest> {
    let (digest, rest) = name.split_first_chunk::<32>()?;
    let is_digit = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    (digest.iter().all(is_digit) && rest.first() == Some(&b'-')).then_some(*digest)
}
