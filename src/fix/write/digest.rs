//! What is in a file, for comparing.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Longer files are none of ours.
const LONGEST: u64 = 1 << 30;

/// SHA-256 of a file's bytes; 64 hexadecimal digits in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Digest([u8; 32]);

/// What lies at a path; symlinks are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    File(Digest),
    /// A folder, a symlink, a device, or a file that is too long to be one of ours.
    Other,
}

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(<Sha256 as sha2::Digest>::digest(bytes).into())
    }
}

impl Content {
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let data = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Nothing),
            data => data?,
        };
        // Whoever opens a FIFO waits.
        if !data.is_file() || data.len() > LONGEST {
            return Ok(Self::Other);
        }
        let mut file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Nothing),
            file => file?.take(LONGEST),
        };
        let mut hash = <Sha256 as sha2::Digest>::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(0) => break,
                Ok(length) => {
                    sha2::Digest::update(&mut hash, buffer.get(..length).unwrap_or_default());
                }
            }
        }
        Ok(Self::File(Digest(sha2::Digest::finalize(hash).into())))
    }
}

impl From<Digest> for String {
    fn from(Digest(bytes): Digest) -> Self {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let bytes: Option<Vec<u8>> = digits.map(|digits| {
            digits
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                .collect()
        });
        bytes
            .filter(|_| text.len() == 64)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or("a digest has 64 hexadecimal digits")
    }
}
