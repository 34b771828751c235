//! Store paths of sources, computed from their NAR hash as Nix computes them (`makeFixedOutputPath`
//! in `src/libstore/store-api.cc`, `compressHash` and the base 32 of `src/libutil/hash.cc`).

use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, Encoding, HEXLOWER, Specification};
use sha2::{Digest, Sha256};

/// Bytes of the hash in a store path: sha256, folded (`compressHash`).
const FOLDED: usize = 20;

/// How store paths are written: without e, o, u, t, and the last byte first (`BaseNix32`).
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut base32 = Specification::new();
    base32.symbols.push_str("0123456789abcdfghijklmnpqrsvwxyz");
    base32.encoding().ok()
});

/// The longest name in a store path (`StorePath::MaxPathLen`).
const LONGEST_NAME: usize = 211;

/// The name in the store of a source with this NAR hash: `qrcnr7aql2lxa9g012l433fdjymd45xm-source`.
/// `store_dir` is part of what is hashed. `None` for what Nix would refuse as hash or name.
pub fn store_name(store_dir: &str, nar_hash_sri: &str, name: &str) -> Option<String> {
    if !is_store_name(name) {
        return None;
    }
    store_name_of(store_dir, &sha256_of_sri(nar_hash_sri)?, name)
}

/// The same for a hash that was decoded. A lock names thousands of them.
pub(super) fn store_name_of(store_dir: &str, nar_hash: &NarHash, name: &str) -> Option<String> {
    let mut digits = [0; 2 * size_of::<NarHash>()];
    HEXLOWER.encode_mut(nar_hash, &mut digits);
    let mut what = Sha256::new();
    for part in [b"source:sha256:", &digits[..], b":", store_dir.as_bytes(), b":", name.as_bytes()]
    {
        what.update(part);
    }
    let mut hash = fold(&what.finalize());
    hash.reverse();
    let mut file_name = String::with_capacity(name.len() + 33);
    BASE32.as_ref()?.encode_append(&hash, &mut file_name);
    file_name.push('-');
    file_name.push_str(name);
    Some(file_name)
}

/// A decoded NAR hash (sha256).
pub(super) type NarHash = [u8; 32];

/// What Nix accepts as the name in a store path (`checkName` in `src/libstore/path.cc`).
pub(super) fn is_store_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
    let first = name.split('-').next().unwrap_or_default();
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(is_allowed)
        && !matches!(first, "." | "..")
}

/// The 32 bytes of `sha256-<base64>`. Nix accepts it without the final `=` too, as in locks that
/// were edited by hand.
pub(super) fn sha256_of_sri(sri: &str) -> Option<NarHash> {
    let text = sri.strip_prefix("sha256-")?;
    let text = text.strip_suffix('=').unwrap_or(text).as_bytes();
    let mut hash = NarHash::default();
    if BASE64_NOPAD.decode_len(text.len()) != Ok(hash.len()) {
        return None;
    }
    BASE64_NOPAD.decode_mut(text, &mut hash).ok()?;
    Some(hash)
}

fn fold(hash: &[u8]) -> [u8; FOLDED] {
    let mut folded = [0; FOLDED];
    for chunk in hash.chunks(FOLDED) {
        for (to, from) in folded.iter_mut().zip(chunk) {
            *to ^= from;
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::store_name;

    const STORE_DIR: &str = "/nix/store";

    /// A folder whose hash and store path were computed by Nix.
    const HASH: &str = "sha256-l4XqxxEKYk2ZUmoM/3Q8Uj1jWXJPMm0HqKL4FdPL93E=";
    const NAME: &str = "qrcnr7aql2lxa9g012l433fdjymd45xm-source";

    #[test]
    fn the_name_is_the_one_that_nix_gives() {
        assert_eq!(store_name(STORE_DIR, HASH, "source").as_deref(), Some(NAME));
        assert_eq!(
            store_name(STORE_DIR, HASH.trim_end_matches('='), "source").as_deref(),
            Some(NAME)
        );
        for (store_dir, name, is) in [
            ("/nix/store", "dot.and-dash_2+?=", "dk26nzjdjpha71s1c555h2r1ib48n8wz"),
            ("/elsewhere/store", "source", "12v30hn0hrxblj0n5axwvn91yfgfhxdq"),
            ("/elsewhere/store", "dot.and-dash_2+?=", "8rf2c9hzx688dzcj8mkyzkx9p7wc18lg"),
        ] {
            assert_eq!(store_name(store_dir, HASH, name), Some(format!("{is}-{name}")));
        }
    }

    #[test]
    fn what_is_no_hash_or_name_is_refused() {
        let text = &HASH["sha256-".len()..];
        for hash in [
            "",
            "=",
            "sha256-",
            "sha256-=",
            text,
            &format!("sha1-{text}"),
            &format!("sha512-{text}"),
            &format!("sha256:{text}"),
            &format!("SHA256-{text}"),
            &format!("{HASH}="),
            &format!("{HASH} "),
            &format!("sha256- {text}"),
            &format!("sha256-A{text}"),
            &HASH.replace('x', "-"),
            &HASH.replace('x', "ä"),
            &HASH.replace('x', "\0"),
            // The two spare bits are not zero.
            &HASH.replace("93E=", "93F="),
            "sha256-9785eac7110a624d99526a0cff743c523d6359724f326d07a8a2f815d3cbf771",
            "sha256-0wgprg9iby52m03nscjgf9cn6gaj7isgy33aaaclsqha273ym1cp",
        ] {
            assert_eq!(store_name(STORE_DIR, hash, "source"), None, "{hash}");
        }
        for name in ["", ".", "..", ".-a", "..-a", "a/b", "/", "a b", "a\0", "ä", &"a".repeat(212)]
        {
            assert_eq!(store_name(STORE_DIR, HASH, name), None, "{name}");
        }
        for name in [".a", "...", "..a", "-", &"a".repeat(211)] {
            assert!(store_name(STORE_DIR, HASH, name).is_some(), "{name}");
        }
    }
}
