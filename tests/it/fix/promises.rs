//! The promises of `fix`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use flake_audit::audit::{LockInput, Report, Reported, Setup, audit};
use flake_audit::change::Applicability;
use flake_audit::config::Config;
use flake_audit::config::ConfigInScope;
use flake_audit::finding::Level;
use flake_audit::fix::{Choice, Hindrance, Repair, RepairSubject, repair};
use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::canonical;
use flake_audit::source::{Reader, Stores};
use similar::{ChangeTag, TextDiff};

/// A flake to repair.
pub(super) struct Flake {
    /// The folder of its flake.nix.
    pub(super) folder: PathBuf,
    pub(super) lock: Vec<u8>,
    pub(super) stores: Stores,
    pub(super) config: Option<Config>,
}

/// The outcome.
pub(super) enum Outcome {
    Nothing,
    Repaired,
    Hindered(String),
}

/// Identifies a finding.
type Told = (&'static str, Vec<String>);

fn told(finding: &Reported<'_>) -> Told {
    let path: Vec<_> = finding.input_path.names().iter().map(|&name| name.to_owned()).collect();
    // A rule may have several findings about the flake itself.
    (finding.rule.id, if path.is_empty() { vec![finding.message.to_string()] } else { path })
}

fn is_open(finding: &&Reported<'_>) -> bool {
    finding.exempted.is_none() && finding.level > Level::Allow
}

impl Flake {
    /// Repairs it in memory, writes that, and checks the result.
    pub(super) fn keeps_promises(&self, label: &str) -> Outcome {
        let flake = fs::read_to_string(self.folder.join("flake.nix")).unwrap();
        let (known, chosen, left, files) = match self.repaired(&self.lock) {
            Ok(repaired) => repaired,
            Err(why) => return Outcome::Hindered(why),
        };
        if chosen.is_empty() {
            assert!(files.is_empty(), "{label}: nothing is chosen, and yet something changes");
            return Outcome::Nothing;
        }
        let mut lock = self.lock.clone();
        for (name, bytes) in &files {
            match name.as_str() {
                "flake.nix" => self.changes_overrides_alone(label, &flake, bytes),
                "flake.lock" => {
                    is_canonical(label, bytes);
                    lock.clone_from(bytes);
                }
                other => panic!("{label}: {other} changes"),
            }
            fs::write(self.folder.join(name), bytes).unwrap();
        }
        let found = self.audited(&lock, |report| {
            assert_eq!(report.error, None, "{label}");
            report
                .findings
                .iter()
                .filter(is_open)
                .map(|finding| {
                    let fix = finding.fix.as_ref();
                    let is_automatic =
                        fix.is_some_and(|fix| fix.applicability > Applicability::Manual);
                    assert!(!is_automatic, "{label}: it is left: {}", finding.message);
                    told(finding)
                })
                .collect::<BTreeSet<_>>()
        });
        assert_eq!(found, left, "{label}: something else is left than was said");
        for finding in &found {
            assert!(!chosen.contains(finding), "{label}: not cured: {finding:?}");
            // What is built from a skewed wrapper counts only once it is not skewed; and what a
            // setting concerns, only once it is where nixpkgs looks for it.
            let by = match finding.0 {
                "root-unconfigured" => "wrapper-skew",
                "inline-configuration" => "ineffective-setting",
                _ => "",
            };
            let was_hidden = chosen.iter().any(|c| c.0 == by);
            assert!(known.contains(finding) || was_hidden, "{label}: new: {finding:?}");
        }
        // A run that is killed after flake.nix leaves a lock that is behind.
        if files.len() == 2 {
            let next = self.repaired(&self.lock);
            let Ok((.., next)) = next else { panic!("{label}: the next run is hindered") };
            assert_eq!(next, files[1..], "{label}: the next run ends with other bytes");
        }
        let again = self.repaired(&lock);
        let Ok((.., again)) = again else { panic!("{label}: the second run is hindered") };
        assert!(again.is_empty(), "{label}: a second run changes {:?}", again[0].0);
        Outcome::Repaired
    }

    /// The findings, which of them to repair, what remains, and the new files.
    #[allow(clippy::type_complexity, reason = "four sets, taken apart where they come from")]
    fn repaired(
        &self,
        lock: &[u8],
    ) -> Result<(BTreeSet<Told>, BTreeSet<Told>, BTreeSet<Told>, Vec<(String, Vec<u8>)>), String>
    {
        let setup = self.setup();
        let config = self.config.as_ref().map(|config| ConfigInScope { config, beside: true });
        let folder = self.folder.clone();
        let memory = Default::default();
        let subject = RepairSubject {
            name: "flake.lock",
            lock,
            graph: None,
            folder,
            config,
            setup: &setup,
            memory,
            work_trees: Default::default(),
            known_edit: None,
        };
        let collect = |repair: &Repair<'_>| {
            if let Some(error) = &repair.before.error {
                return Err(error.message.clone());
            }
            match &repair.hindrance {
                None => {}
                Some(Hindrance::ByHand(why)) => return Err(format!("by hand: {why}")),
                Some(Hindrance::Lock(why)) => return Err(format!("cannot be locked: {why}")),
                Some(Hindrance::Refused(why)) => return Err(format!("refused: {why}")),
            }
            let files = repair.files.iter().map(|f| (f.name.to_string(), f.after.to_vec()));
            Ok((
                repair.before.findings.iter().filter(is_open).map(told).collect(),
                repair.plan.chosen.iter().map(|finding| told(finding)).collect(),
                repair.left.iter().copied().filter(is_open).map(told).collect(),
                files.collect(),
            ))
        };
        repair(&subject, &Choice::default(), true, collect)?
    }

    fn setup(&self) -> Setup {
        Setup { stores: Some(self.stores.clone()), ..Setup::default() }
    }

    fn audited<T>(&self, lock: &[u8], then: impl FnOnce(&Report<'_>) -> T) -> T {
        let unescaped = Unescaped::new();
        let reader = Reader::new(self.stores.clone(), Some(self.folder.clone()));
        let reader = Some(&reader);
        let source = LockInput { name: "flake.lock", bytes: lock, unescaped: &unescaped, reader };
        then(&audit(
            source,
            self.config.as_ref().map(|config| ConfigInScope { config, beside: true }),
            &self.setup(),
        ))
    }

    /// Only lines with overrides, or with a moved setting, may be added, removed or changed.
    fn changes_overrides_alone(&self, label: &str, before: &str, after: &[u8]) {
        let after = std::str::from_utf8(after).unwrap();
        let diff = TextDiff::from_lines(before, after);
        for change in diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal) {
            let line = change.value();
            let is_frame =
                line.trim().chars().all(|c| "{};".contains(c)) || line.trim().ends_with("= {");
            // A moved setting is in both.
            let setting = line.trim().trim_start_matches("nixpkgs.").trim_start_matches("config.");
            let is_moved = before.contains(setting) && after.contains(setting);
            assert!(
                is_moved || line.contains("follows") || line.contains("inputs") || is_frame,
                "{label}: {:?} {line:?}\n{after}",
                change.tag()
            );
        }
    }
}

/// A lock must be formatted as Nix does.
fn is_canonical(label: &str, bytes: &[u8]) {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(bytes, &unescaped).unwrap();
    assert_eq!(canonical(&lock).as_bytes(), bytes, "{label}");
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(crate::support::builder::canonical(&value).as_bytes(), bytes, "{label}");
}
