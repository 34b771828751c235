//! `flake-audit verify`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::args::{Screen, Verify};
use super::evaluating::Evaluating;
use super::exit::Exit;
use super::git::{path_prefix, unseen};
use super::load_one::OneLock;
use super::output::ResultOutput;
use crate::load::single;
use crate::verify::interrupts::deferred;
use crate::verify::{Nix, NixSession, PackagePath, human, json, subjects};

pub(super) fn run(verify: &Verify, screen: &Screen) -> Result<Exit> {
    let attribute = |text: &String| text.parse().with_context(|| format!("--attr {text}"));
    let attributes: Vec<PackagePath> = verify.attr.iter().map(attribute).collect::<Result<_>>()?;
    let lock = single(&verify.path);
    let named = OneLock { path: &verify.path, options: &verify.audit };
    let subjects = named.with_analysis(subjects)?.with_context(|| lock.name.clone())?;
    let folder = lock.folder().ok_or_else(|| anyhow!("Nix needs a flake, not only a lock"))?;
    let progress = Evaluating::new(screen);
    let outcome = deferred(|interrupts| -> Result<_> {
        let nix =
            Nix::within(&verify.asking.nix, Duration::from_secs(verify.asking.timeout), interrupts);
        unseen(&folder, path_prefix(&lock.name), &nix)?;
        let session = NixSession::open(&nix, &folder, verify.asking.system.as_deref())?;
        let outcome = session.compare(&subjects.compared, &attributes, |subject, attribute| {
            progress.asking(&format!("{attribute} of {}", subject.path.join("/")));
        });
        progress.end();
        Ok(outcome?)
    })??;
    let mut output = ResultOutput::new(screen);
    if verify.asking.json {
        json::write(&lock.name, &subjects, &outcome, &mut output)?;
    } else {
        let show = human::VerifyStyle { color: output.color, quiet: screen.quiet };
        human::write(&subjects, &outcome, show, &mut output)?;
    }
    output.flush()?;
    // That two differ is certain even after failures; that all are equal is not.
    Ok(match (outcome.differs(), outcome.is_partial()) {
        (true, _) => Exit::Denied,
        (false, true) => Exit::Error,
        (false, false) => Exit::Success,
    })
}
