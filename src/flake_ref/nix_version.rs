//! A release of Nix.

use std::fmt::{self, Display};
use std::str::FromStr;

/// A release of Nix: `2.18`, `2.20.6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NixVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl NixVersion {
    /// The first release of this minor version of Nix 2.
    pub const fn minor(minor: u32) -> Self {
        Self::patch(minor, 0)
    }

    /// A release of this minor version of Nix 2.
    pub const fn patch(minor: u32, patch: u32) -> Self {
        Self { major: 2, minor, patch }
    }
}

impl FromStr for NixVersion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let numbers: Result<Vec<u32>, ()> =
            text.split('.').map(|number| number.parse().map_err(|_| ())).collect();
        match numbers?.as_slice() {
            [major, minor] => Ok(Self { major: *major, minor: *minor, patch: 0 }),
            [major, minor, patch] => Ok(Self { major: *major, minor: *minor, patch: *patch }),
            _ => Err(()),
        }
    }
}

impl Display for NixVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            patch => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_and_compared() {
        let version = |text: &str| text.parse::<NixVersion>();
        assert_eq!(version("2.18"), Ok(NixVersion::minor(18)));
        assert_eq!(version("2.20.6").unwrap().to_string(), "2.20.6");
        assert_eq!(version("2.20.0").unwrap().to_string(), "2.20");
        assert!(version("2.9") < version("2.18") && version("2.18.9") < version("2.19"));
        for text in ["", "2", "2.", "v2.18", "2.18pre", "2.1.1.1", "-2.1"] {
            assert_eq!(version(text), Err(()), "{text}");
        }
    }
}
