//! `flake-audit verify`.

use std::io::Write;

use anyhow::{Context, Result, anyhow};

use super::args::{Screen, Verify};
use super::exit::Exit;
use super::one_lock::OneLock;
use super::output::Output;
use crate::load::single;
use crate::verify::{Attribute, Nix, evaluate, human, json, subjects};

pub(super) fn run(verify: &Verify, screen: &Screen) -> Result<Exit> {
    let attribute = |text: &String| text.parse().with_context(|| format!("--attr {text}"));
    let attributes: Vec<Attribute> = verify.attr.iter().map(attribute).collect::<Result<_>>()?;
    let lock = single(&verify.path);
    let named = OneLock {
        path: &verify.path,
        config: verify.config.as_deref(),
        configured: &verify.configured,
        sources: &verify.source,
    };
    let subjects = named.with_facts(subjects)?.with_context(|| lock.name.clone())?;
    let folder = lock.folder().ok_or_else(|| anyhow!("Nix needs a flake, not only a lock"))?;
    let nix = Nix::new(&verify.nix);
    let system = verify.system.as_deref();
    let outcome = evaluate(&folder, &subjects.compared, &attributes, system, &nix)?;
    let mut output = Output::new(screen);
    if verify.json {
        json::write(&lock.name, &subjects, &outcome, &mut output)?;
    } else {
        let show = human::Show { color: output.color, quiet: screen.quiet };
        human::write(&subjects, &outcome, show, &mut output)?;
    }
    output.flush()?;
    // That two differ is certain, whatever else failed; that all are one is not.
    Ok(match (outcome.differs(), outcome.is_partial()) {
        (true, _) => Exit::Denied,
        (false, true) => Exit::Error,
        (false, false) => Exit::Success,
    })
}
