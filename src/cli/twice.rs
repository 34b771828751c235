//! `flake-audit twice`.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::args::{Screen, Twice};
use super::choices::TwiceFormat;
use super::evaluating::Evaluating;
use super::exit::Exit;
use super::fix::repair_setup;
use super::git::{path_prefix, unseen};
use super::load_one::{OneLock, ReadLock};
use super::output::ResultOutput;
use crate::fix::{Choice, repair};
use crate::load::single;
use crate::twice::{
    BuiltOutput, Evaluation, TwicePlan, TwiceReport, built_outputs, human, json, markdown,
};
use crate::verify::interrupts::deferred;
use crate::verify::{Nix, NixError, NixSession, PackagePath, Scratch};

pub(super) fn run(twice: &Twice, screen: &Screen) -> Result<Exit> {
    let (path, outputs) = flake_and_outputs(twice)?;
    let lock = single(path);
    let named = OneLock { path, options: &twice.audit };
    let plan = named.with_analysis(TwicePlan::of)?.with_context(|| lock.name.clone())?;
    let folder = lock.folder().ok_or_else(|| anyhow!("Nix needs a flake, not only a lock"))?;
    let progress = Evaluating::new(screen);
    let report = deferred(|interrupts| -> Result<TwiceReport> {
        let nix =
            Nix::within(&twice.asking.nix, Duration::from_secs(twice.asking.timeout), interrupts);
        unseen(&folder, path_prefix(&lock.name), &nix)?;
        progress.asking("the flake");
        let session = NixSession::open(&nix, &folder, twice.asking.system.as_deref())?;
        let scratch = if twice.with_fix { fixed(twice, path, &nix)? } else { None };
        let system = Some(session.system());
        let fixed = match scratch.as_ref().map(|it| NixSession::open(&nix, it.folder(), system)) {
            None => None,
            Some(Ok(fixed)) => Some(Ok(fixed)),
            // An old Nix may not read the repaired flake, which is reported for each output.
            Some(Err(NixError::Failed { reason, .. })) => Some(Err(reason)),
            Some(Err(error)) => return Err(error.into()),
        };
        let mut report = TwiceReport::default();
        let outputs = match outputs.is_empty() {
            false => outputs,
            true => {
                let (outputs, unlisted) = built_outputs(&session)?;
                report.unlisted = unlisted;
                outputs
            }
        };
        let store = twice.audit.source.store.as_deref();
        let mut evaluation = Evaluation::new(&session, &plan, store);
        for output in &outputs {
            let asking = &mut |what: &str| progress.asking(what);
            // Without anything to repair, the result is the current flake.
            let as_it_is = || twice.with_fix.then_some(Ok(&session));
            let fixed = fixed.as_ref().map(|fixed| fixed.as_ref().map_err(String::as_str));
            let fixed = fixed.or_else(as_it_is);
            report.outputs.push(evaluation.examine(output, fixed, asking)?);
        }
        if let Some(scratch) = scratch {
            scratch.close().context("a scratch copy")?;
        }
        Ok(report)
    });
    progress.end();
    let report = report??;
    let mut output = ResultOutput::new(screen);
    match if twice.asking.json { TwiceFormat::Json } else { twice.format } {
        TwiceFormat::Json => json::write(&lock.name, &report, &mut output)?,
        TwiceFormat::Markdown => markdown::write(&lock.name, &report, twice.all, &mut output)?,
        TwiceFormat::Human => {
            let show =
                human::TwiceStyle { color: output.color, quiet: screen.quiet, all: twice.all };
            human::write(&report, show, &mut output)?;
        }
    }
    output.flush()?;
    // Whether something is twice is certain even after failures; that nothing is, is not.
    Ok(match (report.has_twice(), report.is_partial()) {
        (true, _) => Exit::Denied,
        (false, true) => Exit::Error,
        (false, false) => Exit::Success,
    })
}

/// The flake and the outputs: in `twice nixosConfigurations.desk` the argument is no path.
fn flake_and_outputs(twice: &Twice) -> Result<(&Path, Vec<BuiltOutput>)> {
    let first = twice.path.to_str().filter(|text| {
        let is_attribute = text.contains('.') && !text.contains('/') && !text.starts_with('.');
        is_attribute && !twice.path.exists()
    });
    let outputs = first.into_iter().chain(twice.outputs.iter().map(String::as_str));
    let outputs = outputs.map(|text| {
        let attribute: PackagePath = text.parse().with_context(|| text.to_owned())?;
        Ok(BuiltOutput(attribute.names().map(str::to_owned).collect()))
    });
    let path = if first.is_some() { Path::new(".") } else { &twice.path };
    Ok((path, outputs.collect::<Result<_>>()?))
}

/// A copy of the flake after `fix`; `None` if that would change nothing.
fn fixed(twice: &Twice, path: &Path, nix: &Nix) -> Result<Option<Scratch>> {
    let read = ReadLock::new(path, twice.audit.config.as_deref())?;
    let folder = read.lock.folder().ok_or_else(|| anyhow!("only a flake can be repaired"))?;
    let setup = repair_setup(&twice.audit.configured, &twice.audit.source);
    let subject = read.repair_subject(folder, &setup);
    let folder = subject.folder.clone();
    let result = repair(&subject, &Choice::default(), true, |repair| {
        if let Some(error) = &repair.before.error {
            return Err(read.not_audited(error));
        }
        if repair.hindrance.is_some() || repair.files.is_empty() {
            return Ok(None);
        }
        let files = repair.files.iter().map(|file| (file.name.as_str(), &*file.after));
        Ok(Some(Scratch::new(&folder, files, nix).context("a scratch copy")?))
    });
    result
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{}flake.nix", path_prefix(subject.name)))?
}
