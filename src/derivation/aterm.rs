//! The ATerm form of a `.drv`.
//!
//! Source: Nix, `src/libstore/derivations.cc`, `parseDerivation` and `Derivation::unparse`:
//!
//! ```text
//! Derive([OUTPUT…],[INPUT…],[SOURCE…],SYSTEM,BUILDER,[ARGUMENT…],[(NAME,VALUE)…])
//! OUTPUT = (NAME,PATH,HASH-ALGORITHM,HASH)        INPUT = (DRV,[OUTPUT-NAME…])
//! ```
//!
//! with strings in double quotes, in which `\n`, `\r`, `\t` stand for those characters and any
//! other escaped character for itself. Derivations whose inputs are made by other derivations begin
//! with `DrvWithVersion("xp-dyn-drv",` and may have more in an INPUT, which is skipped.

use std::borrow::Cow;

use thiserror::Error;

/// Text in a derivation. Nix promises no encoding.
pub type Bytes<'a> = Cow<'a, [u8]>;

/// A `.drv`, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Derivation<'a> {
    /// What it builds.
    pub outputs: Vec<DrvOutput<'a>>,
    /// The derivations that it needs.
    pub input_derivations: Vec<InputDerivation<'a>>,
    /// Store paths that it needs and that no derivation builds.
    pub input_sources: Vec<Bytes<'a>>,
    /// The system that builds it, as `x86_64-linux`.
    pub system: Bytes<'a>,
    /// The program that builds it.
    pub builder: Bytes<'a>,
    /// Arguments of the builder.
    pub arguments: Vec<Bytes<'a>>,
    /// Environment of the builder, sorted by name.
    pub environment: Vec<(Bytes<'a>, Bytes<'a>)>,
}

/// An output of a derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrvOutput<'a> {
    /// Its name, such as `out`.
    pub name: Bytes<'a>,
    /// Its store path; empty if that depends on the build result.
    pub path: Bytes<'a>,
    /// How its content is hashed; empty if that is not specified.
    pub hash_algorithm: Bytes<'a>,
    /// The hash of its content, if that is known before the build.
    pub hash: Bytes<'a>,
}

/// A derivation that another one needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputDerivation<'a> {
    /// Its `.drv`.
    pub path: Bytes<'a>,
    /// Which of its outputs.
    pub outputs: Vec<Bytes<'a>>,
}

/// A file that is no derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("byte {at}: {expected} is missing")]
pub struct Malformed {
    /// The offset in bytes.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl Derivation<'_> {
    /// Reads a `.drv`.
    ///
    /// # Errors
    /// The first place that is not valid.
    pub fn parse(bytes: &[u8]) -> Result<Derivation<'_>, Malformed> {
        let mut reader = Reader { bytes, at: 0 };
        let derivation = reader.derivation()?;
        match reader.rest() {
            [] => Ok(derivation),
            _ => Err(reader.lacks("the end")),
        }
    }

    /// The value of a variable in the environment.
    pub fn environment(&self, name: &str) -> Option<&[u8]> {
        let named = |(key, _): &&(Bytes<'_>, Bytes<'_>)| key.as_ref() == name.as_bytes();
        self.environment.iter().find(named).map(|(_, value)| value.as_ref())
    }

    /// Whether its output is determined by a hash of the content.
    pub fn is_fixed_output(&self) -> bool {
        !self.outputs.is_empty() && self.outputs.iter().all(|output| !output.hash.is_empty())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn lacks(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }

    fn takes(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token.as_bytes());
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    fn expect(&mut self, token: &'static str) -> Result<(), Malformed> {
        if self.takes(token) { Ok(()) } else { Err(self.lacks(token)) }
    }

    fn derivation(&mut self) -> Result<Derivation<'a>, Malformed> {
        if self.takes("DrvWithVersion(") {
            self.string()?;
            self.expect(",")?;
        } else {
            self.expect("Derive(")?;
        }
        let outputs = self.list(Self::output)?;
        self.expect(",")?;
        let input_derivations = self.list(Self::input)?;
        self.expect(",")?;
        let input_sources = self.list(Self::string)?;
        self.expect(",")?;
        let system = self.string()?;
        self.expect(",")?;
        let builder = self.string()?;
        self.expect(",")?;
        let arguments = self.list(Self::string)?;
        self.expect(",")?;
        let environment = self.list(Self::variable)?;
        self.expect(")")?;
        Ok(Derivation {
            outputs,
            input_derivations,
            input_sources,
            system,
            builder,
            arguments,
            environment,
        })
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        self.expect("[")?;
        let mut items = Vec::new();
        if self.takes("]") {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.takes("]") {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn output(&mut self) -> Result<DrvOutput<'a>, Malformed> {
        self.expect("(")?;
        let name = self.string()?;
        self.expect(",")?;
        let path = self.string()?;
        self.expect(",")?;
        let hash_algorithm = self.string()?;
        self.expect(",")?;
        let hash = self.string()?;
        self.expect(")")?;
        Ok(DrvOutput { name, path, hash_algorithm, hash })
    }

    fn input(&mut self) -> Result<InputDerivation<'a>, Malformed> {
        self.expect("(")?;
        let path = self.string()?;
        self.expect(",")?;
        let outputs = if self.takes("(") {
            let outputs = self.list(Self::string)?;
            self.expect(",")?;
            self.pass_over()?;
            outputs
        } else {
            self.list(Self::string)?
        };
        self.expect(")")?;
        Ok(InputDerivation { path, outputs })
    }

    fn variable(&mut self) -> Result<(Bytes<'a>, Bytes<'a>), Malformed> {
        self.expect("(")?;
        let name = self.string()?;
        self.expect(",")?;
        let value = self.string()?;
        self.expect(")")?;
        Ok((name, value))
    }

    /// Skips the rest of an open bracket, and the one that closes it.
    fn pass_over(&mut self) -> Result<(), Malformed> {
        let mut open = 1_usize;
        while open > 0 {
            match self.rest().first() {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'(' | b'[') => open += 1,
                Some(b')' | b']') => open -= 1,
                Some(_) => {}
                None => return Err(self.lacks("a closing bracket")),
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Bytes<'a>, Malformed> {
        self.expect("\"")?;
        let start = self.at;
        let mut unescaped: Option<Vec<u8>> = None;
        // The start of the text that is not in `unescaped` yet.
        let mut kept = start;
        loop {
            let rest = self.rest();
            let Some(next) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.lacks("a closing quote"));
            };
            let end = self.at + next;
            let part = self.bytes.get(kept..end).unwrap_or_default();
            if rest.get(next) == Some(&b'"') {
                self.at = end + 1;
                return Ok(match unescaped {
                    None => Cow::Borrowed(part),
                    Some(mut text) => {
                        text.extend_from_slice(part);
                        Cow::Owned(text)
                    }
                });
            }
            let text = unescaped.get_or_insert_default();
            text.extend_from_slice(part);
            let Some(escaped) = rest.get(next + 1) else {
                self.at = self.bytes.len();
                return Err(self.lacks("a closing quote"));
            };
            text.push(match escaped {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => *other,
            });
            self.at = end + 2;
            kept = self.at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"Derive([("dev","/nix/store/d-x-dev","",""),("out","/nix/store/o-x","","")],[("/nix/store/a.drv",["dev","out"])],["/nix/store/s.sh"],"x86_64-linux","/bin/sh",["-c","a\tb"],[("deps","/nix/store/a \"q\"\n\\"),("name","x")])"#;

    #[test]
    fn every_part_is_read() {
        let read = Derivation::parse(SMALL.as_bytes()).unwrap();
        let names: Vec<_> = read.outputs.iter().map(|output| output.name.as_ref()).collect();
        assert_eq!(names, [b"dev".as_ref(), b"out"]);
        assert_eq!(read.outputs[1].path.as_ref(), b"/nix/store/o-x");
        assert_eq!(read.input_derivations[0].path.as_ref(), b"/nix/store/a.drv");
        assert_eq!(read.input_derivations[0].outputs.len(), 2);
        assert_eq!(read.input_sources, [b"/nix/store/s.sh".as_ref()]);
        assert_eq!(read.builder.as_ref(), b"/bin/sh");
        assert_eq!(read.arguments, [b"-c".as_ref(), b"a\tb"]);
        assert_eq!(read.environment("deps"), Some(b"/nix/store/a \"q\"\n\\".as_ref()));
        assert_eq!(read.environment("dep"), None);
        assert!(!read.is_fixed_output());
        // Strings without escapes are not copied.
        assert!(matches!(read.environment[1].1, Cow::Borrowed(_)));
    }

    #[test]
    fn a_hash_makes_it_fixed() {
        let text = r#"Derive([("out","/nix/store/o-x","r:sha256","abc")],[],[],"s","b",[],[])"#;
        assert!(Derivation::parse(text.as_bytes()).unwrap().is_fixed_output());
        // Only the hash algorithm is known: the path depends on the content.
        let text = r#"Derive([("out","","r:sha256","")],[],[],"s","b",[],[])"#;
        assert!(!Derivation::parse(text.as_bytes()).unwrap().is_fixed_output());
    }

    #[test]
    fn inputs_made_by_derivations_are_passed_over() {
        let text = r#"DrvWithVersion("xp-dyn-drv",[("out","/o","","")],[("/a.drv",(["out"],[("dyn",(["x)"],[]))])),("/b.drv",["out"])],[],"s","b",[],[])"#;
        let read = Derivation::parse(text.as_bytes()).unwrap();
        let paths: Vec<_> = read.input_derivations.iter().map(|input| &*input.path).collect();
        assert_eq!(paths, [b"/a.drv".as_ref(), b"/b.drv"]);
    }

    #[test]
    fn every_beginning_of_one_is_none() {
        for end in 0..SMALL.len() {
            let error = Derivation::parse(&SMALL.as_bytes()[..end]).unwrap_err();
            assert!(error.at <= end, "{end}: {error}");
        }
        let longer = format!("{SMALL}x");
        assert_eq!(
            Derivation::parse(longer.as_bytes()),
            Err(Malformed { at: SMALL.len(), expected: "the end" })
        );
    }

    #[test]
    fn nothing_recurses_on_brackets() {
        let deep = format!(
            r#"DrvWithVersion("xp-dyn-drv",[("out","/o","","")],[("/a.drv",(["out"],{}"#,
            "[".repeat(1_000_000)
        );
        assert!(Derivation::parse(deep.as_bytes()).is_err());
    }
}
