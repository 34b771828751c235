//! Compares lines of the table of known flakes with a survey of checkouts: those below the folder
//! `FLAKE_AUDIT_CHECKOUTS`, each called `owner+repo` (CONTRIBUTING.md).

#[path = "../examples/survey/checkout.rs"]
mod checkout;
#[path = "../examples/survey/evaluation.rs"]
mod evaluation;
#[path = "../examples/survey/line.rs"]
mod line;
#[path = "../examples/survey/seen.rs"]
mod seen;

use checkout::Checkout;
use flake_audit::instance::of_repository;

#[test]
fn lines_say_what_a_survey_says() {
    let folder =
        std::env::var_os("FLAKE_AUDIT_CHECKOUTS").expect("FLAKE_AUDIT_CHECKOUTS is not set");
    let (mut compared, mut different) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let Ok(checkout) = Checkout::open(&entry.path()) else { continue };
        let Some(known) = of_repository(checkout.repository()) else { continue };
        // Another revision may differ, and is for the next survey.
        if known.repository != checkout.repository() || checkout.revision() != known.read.1 {
            continue;
        }
        compared += 1;
        different.extend(checkout.survey().unwrap().differences(known));
    }
    assert!(compared > 0, "no checkout of a known flake at the revision of its line");
    assert!(different.is_empty(), "{compared} compared: {different:#?}");
}
