//! The answers: which instances give the same derivation.

use super::attribute::PackagePath;
use super::nix::NixError;

/// The answers for a flake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyOutcome {
    /// The system for which it was asked.
    pub system: String,
    /// One for each attribute that was asked for, in that order.
    pub verdicts: Vec<AttributeVerdict>,
}

/// The answers for an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeVerdict {
    /// The attribute in Nix's syntax.
    pub attribute: String,
    /// The different derivations, in the order of the instances.
    pub derivations: Vec<SharedDerivation>,
    /// Instances without one, by index among the subjects, and why.
    pub failed: Vec<(usize, String)>,
}

/// A derivation of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedDerivation {
    /// Its path in the store.
    pub path: String,
    /// The instances that give it, by index among the subjects.
    pub instances: Vec<usize>,
}

/// The answer for an instance.
pub(super) enum NixAnswer {
    Derivation(String),
    Failed(String),
}

impl NixAnswer {
    /// From the answer of Nix.
    ///
    /// # Errors
    /// Nix must not be asked any further.
    pub(super) fn new(result: Result<String, NixError>) -> Result<Self, NixError> {
        match result {
            Ok(path) => Ok(NixAnswer::Derivation(path)),
            // The question is clear from the context.
            Err(NixError::Failed { reason, .. }) => Ok(NixAnswer::Failed(reason)),
            Err(error) => Err(error),
        }
    }
}

impl AttributeVerdict {
    /// Compares the answers of all instances.
    pub(super) fn new(attribute: &PackagePath, answers: Vec<NixAnswer>) -> Self {
        let mut derivations: Vec<SharedDerivation> = Vec::new();
        let mut failed = Vec::new();
        for (at, answer) in answers.into_iter().enumerate() {
            match answer {
                NixAnswer::Failed(reason) => failed.push((at, reason)),
                NixAnswer::Derivation(path) => {
                    match derivations.iter_mut().find(|known| known.path == path) {
                        Some(known) => known.instances.push(at),
                        None => derivations.push(SharedDerivation { path, instances: vec![at] }),
                    }
                }
            }
        }
        Self { attribute: attribute.to_string(), derivations, failed }
    }
}

impl VerifyOutcome {
    /// Whether some attribute has more than one derivation, which is certain even after failures.
    pub fn differs(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.derivations.len() > 1)
    }

    /// Whether some instance gave none.
    pub fn is_partial(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.failed.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_told_by_what_they_give() {
        let answer = |text: &str| match text.strip_prefix('!') {
            Some(reason) => NixAnswer::Failed(reason.into()),
            None => NixAnswer::Derivation(text.into()),
        };
        let verdict = |answers: &[&str]| {
            let answers = answers.iter().map(|text| answer(text)).collect();
            AttributeVerdict::new(&"torch".parse().unwrap(), answers)
        };
        let two = verdict(&["/b", "/a", "!no", "/b"]);
        let derivation = |path: &str, instances: &[usize]| SharedDerivation {
            path: path.into(),
            instances: instances.into(),
        };
        assert_eq!(two.derivations, [derivation("/b", &[0, 3]), derivation("/a", &[1])]);
        assert_eq!(two.failed, [(2, "no".to_owned())]);
        let outcome = |verdict| VerifyOutcome { system: String::new(), verdicts: vec![verdict] };
        assert!(outcome(two.clone()).differs() && outcome(two).is_partial());
        let one = outcome(verdict(&["/a", "/a"]));
        assert!(!one.differs() && !one.is_partial());
    }
}
