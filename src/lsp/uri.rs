//! Names of files in the protocol: `file:///home/me/flake.nix`.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The path of a file, its folder without symlinks; `None` for anything else, and if the folder
/// does not exist.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = decoded(rest)?;
    // `/C:/flakes` on Windows.
    let path = match path.strip_prefix('/') {
        Some(drive) if cfg!(windows) && drive.get(1..2) == Some(":") => drive,
        _ => &path,
    };
    let path = Path::new(path);
    let folder = path.is_absolute().then(|| path.parent()).flatten()?;
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

/// Percent-decodes a text; `None` if the result is not UTF-8, or contains a NUL.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'?' | b'#' => break,
            b'%' => {
                let mut digit = || (rest.next()? as char).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}

/// The name of a file in the protocol; `None` if its path is not UTF-8.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let is_rooted = path.to_str()?.starts_with('/');
    uri_below(if is_rooted { "file://" } else { "file:///" }, path)
}

/// The name of a file below a folder with this name; `None` if its path is not UTF-8.
pub(super) fn uri_below(folder: &str, path: &Path) -> Option<Uri> {
    let path = path.to_str()?.trim_start_matches(r"\\?\");
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut uri = folder.to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    Uri::from_str(&uri).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_from_its_uri() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        for name in ["flake.nix", "a b%20.nix", "ü?#[1].nix"] {
            let path = folder.join(name);
            assert_eq!(path_of(&uri_of(&path).unwrap()), Some(path));
        }
        for uri in
            ["untitled:flake.nix", "http://x/flake.nix", "file:///no/such/x", "file:///%00/x"]
        {
            assert_eq!(path_of(&Uri::from_str(uri).unwrap()), None, "{uri}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_has_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(folder.join("real")).unwrap();
        std::os::unix::fs::symlink("real", folder.join("link")).unwrap();
        let linked = uri_of(&folder.join("link/flake.nix")).unwrap();
        assert_eq!(path_of(&linked), Some(folder.join("real/flake.nix")));
    }
}
