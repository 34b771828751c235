//! File names as URIs.

use std::fmt::Write;

/// The URI of a file as it is named in reports: a relative one stays relative, an absolute one gets
/// `file:`.
///
/// Source: RFC 3986. Everything except unreserved characters and `/` is encoded, including `:`, so
/// that the start of a relative path is never read as a scheme.
pub(super) fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len());
    let (scheme, path) = match drive(file) {
        Some((drive, rest)) => (format!("file:///{drive}:"), rest),
        None if file.starts_with('/') => ("file://".to_owned(), file),
        None => (String::new(), file),
    };
    uri += &scheme;
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Writing to a string does not fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

/// Whether it is complete without a base folder.
pub(super) fn is_absolute(file: &str) -> bool {
    file.starts_with('/') || drive(file).is_some()
}

/// Splits `C:/folder/flake.lock` into `C` and `/folder/flake.lock`.
fn drive(file: &str) -> Option<(char, &str)> {
    let mut rest = file.chars();
    let drive = rest.next().filter(char::is_ascii_alphabetic)?;
    let rest = rest.as_str().strip_prefix(':')?;
    rest.starts_with('/').then_some((drive, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_uris() {
        for (file, expected) in [
            ("flake.lock", "flake.lock"),
            ("../a b/flake.nix", "../a%20b/flake.nix"),
            ("c:d,100%\n/ü#?/flake.lock", "c%3Ad%2C100%25%0A/%C3%BC%23%3F/flake.lock"),
            ("/etc/nixos/flake.nix", "file:///etc/nixos/flake.nix"),
            ("C:/a b/flake.nix", "file:///C:/a%20b/flake.nix"),
        ] {
            assert_eq!(uri(file), expected);
            assert_eq!(is_absolute(file), expected.starts_with("file:"));
        }
    }
}
