//! Where `.drv` files are.

use std::path::{Path, PathBuf};

use super::error::DerivationError;
use super::store_name::{digest, is_of_a_name};
use crate::bounded;

/// Longer files are refused: the longest real derivations have some hundred kilobytes.
const LONGEST: u64 = 64 << 20;

/// A store: the prefix of its paths, and the folder that contains it.
#[derive(Debug, Clone)]
pub struct DerivationStore {
    /// The part of a path before the digest: `/nix/store/`.
    prefix: String,
    folder: PathBuf,
}

impl DerivationStore {
    /// The store of a `.drv`, given by the path that Nix prints. `folder` is the actual place if
    /// that differs (a chroot store): the folder of store paths, or one with a `nix/store` below
    /// it.
    ///
    /// # Errors
    /// It is not the path of a `.drv` in a store.
    pub fn of(drv: &str, folder: Option<&Path>) -> Result<Self, DerivationError> {
        let named = drv.rsplit_once('/').filter(|(_, name)| digest(name.as_bytes()).is_some());
        let Some((store, _)) = named.filter(|(store, _)| store.starts_with('/')) else {
            return Err(DerivationError::NotInStore(drv.to_owned()));
        };
        let folder = match folder {
            None => PathBuf::from(store),
            Some(folder) => {
                let below = folder.join("nix/store");
                if below.is_dir() { below } else { folder.to_path_buf() }
            }
        };
        Ok(Self { prefix: format!("{store}/"), folder })
    }

    /// The part of its paths before the digest: `/nix/store/`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The bytes of a `.drv`, by its store path.
    ///
    /// # Errors
    /// It is no such path, or there is no regular file within the size limit.
    pub fn read(&self, drv: &str) -> Result<Vec<u8>, DerivationError> {
        let name = drv.strip_prefix(&self.prefix).filter(|name| is_name(name));
        let Some(name) = name else { return Err(DerivationError::NotInStore(drv.to_owned())) };
        let mut bytes = Vec::new();
        bounded::read(&self.folder.join(name), LONGEST, &mut bytes).map_err(|error| {
            DerivationError::Unreadable { path: drv.to_owned(), reason: error.to_string() }
        })?;
        Ok(bytes)
    }
}

/// Whether this is the name of a `.drv` in a store, and does not lead elsewhere.
fn is_name(name: &str) -> bool {
    let is_whole = name.bytes().all(is_of_a_name);
    digest(name.as_bytes()).is_some() && name.ends_with(".drv") && is_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_derivations_are_opened() {
        let one = "0nik6bbcnjng6isy8jfq35n2sg0bvivg";
        assert!(is_name(&format!("{one}-perl-5.40.0.drv")));
        for name in [
            format!("{one}-perl-5.40.0"),
            format!("{one}-../../etc/passwd.drv"),
            format!("{one}.drv"),
            "short-x.drv".into(),
            String::new(),
        ] {
            assert!(!is_name(&name), "{name}");
        }
        assert!(DerivationStore::of("x.drv", None).is_err());
        assert!(DerivationStore::of(&format!("relative/{one}-x.drv"), None).is_err());
        let store = DerivationStore::of(&format!("/gnu/store/{one}-x.drv"), None).unwrap();
        assert_eq!(store.prefix(), "/gnu/store/");
        assert!(store.read("/nix/store/0nik6bbcnjng6isy8jfq35n2sg0bvivg-x.drv").is_err());
    }
}
