//! The answers: which instances give the same derivation.

use super::attribute::Attribute;
use super::nix::NixError;

/// The answers for a flake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The system for which it was asked.
    pub system: String,
    /// One for each attribute that was asked for, in that order.
    pub verdicts: Vec<Verdict>,
}

/// The answers for an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The attribute in Nix's syntax.
    pub attribute: String,
    /// The different derivations, in the order of the instances.
    pub derivations: Vec<Derivation>,
    /// Instances without one, by index among the subjects, and why.
    pub failed: Vec<(usize, String)>,
}

/// A derivation of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// Its path in the store.
    pub path: String,
    /// The instances that give it, by index among the subjects.
    pub instances: Vec<usize>,
}

/// The answer for an instance.
pub(super) enum Answer {
    Derivation(String),
    Failed(String),
}

impl Answer {
    /// From the answer of Nix.
    ///
    /// # Errors
    /// Nix must not be asked any further.
    pub(super) fn new(result: Result<String, NixError>) -> Result<Self, NixError> {
        match result {
            Ok(path) => Ok(Answer::Derivation(path)),
            // The question is clear from the context.
            Err(NixError::Failed { reason, .. }) => Ok(Answer::Failed(reason)),
            Err(error) => Err(error),
        }
    }
}

impl Verdict {
    /// Compares the answers of all instances.
    pub(super) fn new(attribute: &Attribute, answers: Vec<Answer>) -> Self {
        let mut derivations: Vec<Derivation> = Vec::new();
        let mut failed = Vec::new();
        for (at, answer) in answers.into_iter().enumerate() {
            match answer {
                Answer::Failed(reason) => failed.push((at, reason)),
                Answer::Derivation(path) => {
                    match derivations.iter_mut().find(|known| known.path == path) {
                        Some(known) => known.instances.push(at),
                        None => derivations.push(Derivation { path, instances: vec![at] }),
                    }
                }
            }
        }
        Self { attribute: attribute.to_string(), derivations, failed }
    }
}

impl Outcome {
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
            Some(reason) => Answer::Failed(reason.into()),
            None => Answer::Derivation(text.into()),
        };
        let verdict = |answers: &[&str]| {
            let answers = answers.iter().map(|text| answer(text)).collect();
            Verdict::new(&"torch".parse().unwrap(), answers)
        };
        let two = verdict(&["/b", "/a", "!no", "/b"]);
        let derivation = |path: &str, instances: &[usize]| Derivation {
            path: path.into(),
            instances: instances.into(),
        };
        assert_eq!(two.derivations, [derivation("/b", &[0, 3]), derivation("/a", &[1])]);
        assert_eq!(two.failed, [(2, "no".to_owned())]);
        let outcome = |verdict| Outcome { system: String::new(), verdicts: vec![verdict] };
        assert!(outcome(two.clone()).differs() && outcome(two).is_partial());
        let one = outcome(verdict(&["/a", "/a"]));
        assert!(!one.differs() && !one.is_partial());
    }
}
