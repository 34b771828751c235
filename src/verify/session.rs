//! A flake in Nix's store, ready for questions.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::attribute::PackagePath;
use super::expression::{Offer, evaluated_offers, expression, kinds, offers};
use super::flake::{self, StoreFlake};
use super::nix::{Nix, NixError};
use super::outcome::{AttributeVerdict, NixAnswer, VerifyOutcome};
use super::subject::ComparedInstance;
use crate::text::AttrPath;

/// A Nix, a flake, and a system to ask about.
pub struct NixSession<'n> {
    nix: &'n Nix,
    folder: PathBuf,
    flake: StoreFlake,
    system: String,
}

impl<'n> NixSession<'n> {
    /// Copies the current state of the flake in a folder into Nix's store. Without `system`, Nix's
    /// own is used.
    ///
    /// # Errors
    /// Nix does not run, or not on this flake.
    pub fn open(nix: &'n Nix, folder: &Path, system: Option<&str>) -> Result<Self, NixError> {
        let flake = flake::locked(nix, folder)?;
        let system = match system {
            Some(system) => system.to_owned(),
            None => nix.current_system(folder)?,
        };
        Ok(Self { nix, folder: folder.to_path_buf(), flake, system })
    }

    /// The flake's locked reference, which can be evaluated in pure mode.
    pub fn reference(&self) -> &str {
        &self.flake.reference
    }

    /// The system to ask about.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// Copies another folder into Nix's store, and returns its reference.
    ///
    /// # Errors
    /// Nix refuses it.
    pub fn add_to_store(&self, folder: &Path) -> Result<String, NixError> {
        Ok(flake::locked(self.nix, folder)?.reference)
    }

    /// Evaluates an expression for a derivation in pure mode; or why there is none.
    ///
    /// # Errors
    /// Nix does not run, or not in time.
    pub fn derivation(&self, expression: &str) -> Result<Result<String, String>, NixError> {
        match self.nix.derivation(&self.folder, expression) {
            Ok(path) => Ok(Ok(path)),
            Err(NixError::Failed { reason, .. }) => Ok(Err(reason)),
            Err(error) => Err(error),
        }
    }

    /// Evaluates an expression for attribute paths in pure mode; or why there are none.
    ///
    /// # Errors
    /// Nix does not run, or not in time.
    pub fn paths(&self, expression: String) -> Result<Result<Vec<Vec<String>>, String>, NixError> {
        self.ask_list(Ok(expression))
    }

    /// Evaluates each attribute in each instance, and finds out which results are equal. `asking`
    /// is called before each question, because a real nixpkgs takes seconds.
    ///
    /// # Errors
    /// Nix makes another lock of the flake than the one that the subjects are from. Errors of a
    /// single instance are part of the outcome.
    pub fn compare(
        &self,
        subjects: &[ComparedInstance],
        attributes: &[PackagePath],
        mut asking: impl FnMut(&ComparedInstance, &PackagePath),
    ) -> Result<VerifyOutcome, NixError> {
        self.flake.agrees(subjects)?;
        let verdicts = attributes.iter().map(|attribute| {
            let answers = subjects.iter().map(|subject| {
                asking(subject, attribute);
                self.ask(subject, attribute)
            });
            Ok(AttributeVerdict::new(attribute, answers.collect::<Result<_, NixError>>()?))
        });
        let verdicts = verdicts.collect::<Result<_, NixError>>()?;
        Ok(VerifyOutcome { verdicts, system: self.system.clone() })
    }

    fn ask(
        &self,
        subject: &ComparedInstance,
        attribute: &PackagePath,
    ) -> Result<NixAnswer, NixError> {
        match expression(&self.flake.reference, subject, attribute, &self.system) {
            Ok(expression) => NixAnswer::new(self.nix.derivation(&self.folder, &expression)),
            Err(reason) => Ok(NixAnswer::Failed(reason)),
        }
    }

    /// Evaluates all packages, apps, checks and shells of one flake of the lock, or of the root if
    /// the path is empty: derivations, and programs of apps. Empty if the flake has none for this
    /// system.
    ///
    /// # Errors
    /// Why one of them cannot be evaluated, for people.
    pub fn packages(&self, path: &[String]) -> Result<Vec<String>, String> {
        let made = || match self.list_offers(path, &kinds().collect::<Vec<_>>())? {
            Ok(all) => self.evaluate_offers(path, &all),
            Err(reason) => Ok(Err(reason)),
        };
        made().unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Compares what one flake of the lock offers with another session, each package, app, check
    /// and shell by itself: what could be evaluated there must be here, and failures there hide
    /// nothing. Without another session nothing could be evaluated.
    ///
    /// # Errors
    /// Nix does not run, or not in time.
    pub fn compare_offers(
        &self,
        before: Option<&Self>,
        path: &[String],
    ) -> Result<ComparedOffers, NixError> {
        let now = self.all_offered(path)?;
        let was = before.map(|before| before.all_offered(path)).transpose()?.unwrap_or_default();
        let tried = self.try_offers(path, &now.offers)?;
        let is_gone = |offer: &&Offer| !now.offers.contains(offer);
        let gone = was.offers.iter().filter(is_gone);
        let why = now.reasons.first().map_or("it is not there any more", String::as_str);
        let gone = gone.map(|offer| (offer.clone(), why.to_owned()));
        let failed = tried.failed.iter().filter(|(offer, _)| was.offers.contains(offer));
        let suspects: Vec<(Offer, String)> = failed.cloned().chain(gone).collect();
        if let (Some(before), false) = (before, suspects.is_empty()) {
            let offers: Vec<Offer> = suspects.iter().map(|(offer, _)| offer.clone()).collect();
            let could = before.try_offers(path, &offers)?.good;
            let mut broken = suspects.into_iter().filter(|(offer, _)| could.contains(offer));
            if let Some((offer, reason)) = broken.next() {
                let offer: Vec<&str> = offer.iter().map(String::as_str).collect();
                let others = broken.count();
                return Ok(ComparedOffers::Breaks {
                    offer: AttrPath(&offer).to_string(),
                    reason,
                    others,
                });
            }
        }
        let reasons = now.reasons.into_iter().chain(tried.failed.into_iter().map(|(_, why)| why));
        Ok(match tried.good.len() {
            0 => ComparedOffers::Unproved(reasons.into_iter().next()),
            number => ComparedOffers::Holds(number),
        })
    }

    /// What a flake offers; a kind that cannot be listed does not hide others.
    fn all_offered(&self, path: &[String]) -> Result<Offered, NixError> {
        let kinds: Vec<&str> = kinds().collect();
        let mut all = Offered::default();
        match self.list_offers(path, &kinds)? {
            Ok(offers) => all.offers = offers,
            Err(_) => {
                for kind in kinds {
                    match self.list_offers(path, &[kind])? {
                        Ok(offers) => all.offers.extend(offers),
                        Err(reason) => all.reasons.push(reason),
                    }
                }
            }
        }
        Ok(all)
    }

    /// Which of these can be evaluated. All are tried at once, and if that fails, halves of them,
    /// because usually nearly all can.
    fn try_offers(&self, path: &[String], offers: &[Offer]) -> Result<Tried, NixError> {
        let mut tried = Tried::default();
        let mut open: Vec<&[Offer]> = offers.chunks(MOST_AT_ONCE).rev().collect();
        while let Some(offers) = open.pop() {
            match (self.evaluate_offers(path, offers)?, offers) {
                (Ok(_), _) => tried.good.extend(offers.iter().cloned()),
                (Err(reason), [one]) => tried.failed.push((one.clone(), reason)),
                (Err(_), _) => {
                    let (first, second) = offers.split_at(offers.len() / 2);
                    open.extend([second, first]);
                }
            }
        }
        Ok(tried)
    }

    fn list_offers(
        &self,
        path: &[String],
        kinds: &[&str],
    ) -> Result<Result<Vec<Offer>, String>, NixError> {
        self.ask_list(offers(&self.flake.reference, path, &self.system, kinds))
    }

    fn evaluate_offers(
        &self,
        path: &[String],
        offers: &[Offer],
    ) -> Result<Result<Vec<String>, String>, NixError> {
        self.ask_list(evaluated_offers(&self.flake.reference, path, &self.system, offers))
    }

    /// The list that an expression evaluates to; or why there is none.
    fn ask_list<T: DeserializeOwned>(
        &self,
        expression: Result<String, String>,
    ) -> Result<Result<Vec<T>, String>, NixError> {
        let expression = match expression {
            Ok(expression) => expression,
            Err(reason) => return Ok(Err(reason)),
        };
        match self.nix.list(&self.folder, &expression) {
            Ok(list) => Ok(Ok(list)),
            Err(NixError::Failed { reason, .. }) => Ok(Err(reason)),
            Err(error) => Err(error),
        }
    }
}

/// How many are tried at once, because the question has to fit into an argument.
const MOST_AT_ONCE: usize = 256;

/// How what a flake offers has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComparedOffers {
    /// Everything that could be evaluated still can; the number of it.
    Holds(usize),
    /// Nothing can be evaluated, nor could it before; with the reason if there is one.
    Unproved(Option<String>),
    /// Something can no longer be evaluated.
    Breaks {
        /// The first such, by its name in Nix.
        offer: String,
        /// The reason.
        reason: String,
        /// How many more there are.
        others: usize,
    },
}

/// What a flake offers.
#[derive(Debug, Default)]
struct Offered {
    offers: Vec<Offer>,
    /// Why some kinds could not be listed.
    reasons: Vec<String>,
}

/// The result of trying.
#[derive(Debug, Default)]
struct Tried {
    good: Vec<Offer>,
    /// With the reasons.
    failed: Vec<(Offer, String)>,
}
