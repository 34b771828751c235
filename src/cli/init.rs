//! `flake-audit init`.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::args::{AuditOptions, Init};
use super::exit::Exit;
use super::git;
use super::load_one::OneLock;
use super::output::errors;
use crate::audit::SourceFiles;
use crate::fix::wrapper::{
    Holding, InlineSettings, NIXPKGS, NoInlineSettings, WrapperFlake, WrapperSetting,
    WrapperSettings, inline_settings, reference,
};
use crate::load::{self, AtPath, at_path};
use crate::source::declare::Declarations;
use crate::source::evaluate::facts::Place;
use crate::source::{Reader, Stores};
use crate::text::Visible;

/// The folder of the flake that will hold the wrapper.
const HERE: &str = ".";

pub(super) fn run(init: &Init) -> Result<Exit> {
    let mut notes = Vec::new();
    let given = settings_from_arguments(init.settings.iter().map(String::as_str), &mut notes)?;
    if given.is_empty() && !init.from_inline {
        bail!(
            "a wrapper needs settings: --config cudaSupport=true (repeatable), or --from-inline \
             for the inline settings of the flake in this folder"
        );
    }
    let file = init.dir.join("flake.nix");
    let inline = if init.from_inline { inline(&mut notes)? } else { Inline::default() };
    let settings = given.over(inline.settings);
    if settings.is_empty() {
        bail!(
            "no setting of this flake can be taken over ({}): give them with --config NAME=VALUE",
            first_few(inline.left_out.into_iter(), "; ")
        );
    }
    push_warnings(&settings, &mut notes);

    let here = Reader::new(Stores::default(), Some(PathBuf::from(HERE))).root();
    let here = here.as_ref().and_then(|source| source.declared());
    let base = inline.base.as_deref().unwrap_or("nixpkgs");
    // Without a flake here, assume the usual name.
    let is_held = here.is_none_or(|here| here.input(base).is_some());
    let own = here.and_then(|here| reference(here, base));
    let place = std::path::absolute(&init.dir).context("the current folder")?;
    let place = place.components().collect::<PathBuf>();
    let wrapper = WrapperFlake {
        holding: Holding::beside(&init.dir, &place, is_held.then(|| vec![base.to_owned()])),
        nixpkgs: init.nixpkgs.clone().or(own).unwrap_or_else(|| NIXPKGS.into()),
        settings,
        left_out: inline.left_out,
        systems: (!init.system.is_empty()).then(|| init.system.clone()),
        importable: !init.bare,
    };
    let is_new = create(&file, &wrapper.to_string())?;

    let mut out = io::stdout().lock();
    for line in wrapper.holding.lines() {
        writeln!(out, "{}", Visible(&line))?;
    }
    out.flush()?;
    notes.extend(wrapper.left_out.iter().map(|left_out| format!("not taken over: {left_out}")));
    notes.extend(formals_note(here, &wrapper.holding));
    print_result(&file, is_new, &notes)
}

/// Prints what was written, and what still has to be done.
fn print_result(file: &Path, is_new: bool, notes: &[String]) -> Result<Exit> {
    let mut errors = errors();
    let shown = file.to_string_lossy();
    if is_new {
        writeln!(errors, "wrote {}", Visible(&shown))?;
    } else {
        writeln!(errors, "{} is there already, with the same text", Visible(&shown))?;
    }
    for note in notes {
        writeln!(errors, "note: {}", Visible(note))?;
    }
    writeln!(
        errors,
        "Add these lines to your flake.nix; `flake-audit check` then names the dependencies that get \
         plain nixpkgs."
    )?;
    drop(errors);
    git::tell_new(file, &shown)?;
    Ok(Exit::Success)
}

/// The settings given by `--config`.
pub(super) fn settings_from_arguments<'s>(
    arguments: impl IntoIterator<Item = &'s str>,
    notes: &mut Vec<String>,
) -> Result<WrapperSettings> {
    let mut settings = WrapperSettings::default();
    for argument in arguments {
        let (setting, is_bare) = WrapperSetting::parse(argument)
            .map_err(|problem| anyhow!("--config {argument}: {problem}"))?;
        let name = setting.name();
        if setting.is_misused() {
            bail!("--config {argument}: nixpkgs takes only `true` and `false` for `{name}`");
        }
        if is_bare {
            notes.push(format!("`{name}` is set to a string: its value is no Nix literal"));
        }
        settings
            .add(setting)
            .map_err(|known| anyhow!("--config {argument}: `{}` is set already", known.name()))?;
    }
    Ok(settings)
}

/// Warnings about settings.
fn push_warnings(settings: &WrapperSettings, notes: &mut Vec<String>) {
    for setting in settings.iter() {
        if let Some(meant) = setting.probably_meant() {
            let name = setting.name();
            notes.push(format!("nixpkgs is not known to read `{name}`; did you mean `{meant}`?"));
        }
    }
    let permits = ["allowUnfree", "allowUnfreePredicate", "allowUnfreePackages"];
    if settings.has("cudaSupport") && !permits.iter().any(|name| settings.has(name)) {
        notes.push(
            "CUDA is unfree: without `allowUnfree` packages that use it are refused".to_owned(),
        );
    }
}

/// What the flake in this folder declares, in words.
#[derive(Default)]
struct Inline {
    settings: WrapperSettings,
    left_out: Vec<String>,
    base: Option<String>,
}

/// The inline settings of the flake in this folder.
fn inline(notes: &mut Vec<String>) -> Result<Inline> {
    let options = AuditOptions::default();
    let lock = OneLock { path: Path::new(HERE), options: &options };
    lock.with_analysis(|analysis| {
        let files = SourceFiles::new(analysis.sources(), "flake.lock");
        let at = |place: &Place| files.place_in_words(*place);
        let found = inline_settings(analysis).map_err(|none| match none {
            NoInlineSettings::NotRead => anyhow!("the flake in this folder cannot be read"),
            NoInlineSettings::None => anyhow!(
                "the flake in this folder sets nothing where it imports nixpkgs: give settings \
                 with --config NAME=VALUE"
            ),
            NoInlineSettings::Several(places) => anyhow!(
                "the flake in this folder configures nixpkgs in different ways ({}): give the \
                 settings that are meant with --config NAME=VALUE",
                first_few(places.iter().map(at), ", ")
            ),
        })?;
        let InlineSettings { settings, left_out, made_at, bases } = found;
        let lost = left_out.iter().filter(|left_out| left_out.changes_builds());
        let lost: BTreeSet<_> = lost.map(|left_out| format!("`{}`", left_out.name)).collect();
        if !lost.is_empty() {
            notes.push(format!(
                "the wrapper is not yet the nixpkgs that this flake builds from: it lacks {}",
                first_few(lost.into_iter(), ", ")
            ));
        }
        if !made_at.is_empty() {
            let places = first_few(made_at.iter().map(at), ", ");
            notes.push(format!("use the wrapper's packages instead in {places}"));
        }
        let left_out = left_out.iter().map(|left_out| left_out.in_words(&files));
        let base = bases.into_iter().next();
        Ok(Inline { settings, left_out: left_out.collect(), base })
    })?
}

/// The first few of many, on one line.
fn first_few(mut all: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<_> = all.by_ref().take(MOST).collect();
    if all.len() > 0 {
        shown.push(format!("and {} more", all.len()));
    }
    shown.join(separator)
}

/// A note that `outputs` has to take the new input, if it lists all arguments.
fn formals_note(here: Option<&Declarations>, holding: &Holding) -> Option<String> {
    let formals = here?.outputs()?;
    let takes = !formals.closed || formals.names.iter().any(|formal| formal.name == holding.name);
    (!takes).then(|| format!("`outputs` names its arguments: add `{}` to them", holding.name))
}

/// Writes a new file completely or not at all, never over an existing one. False if the file
/// already has this text.
fn create(file: &Path, text: &str) -> Result<bool> {
    match load::create(file, false, |out| out.write_all(text.as_bytes())) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let is_same = matches!(at_path(file, &[text.as_bytes()]), Ok(AtPath::Same(_)));
            let refused =
                || anyhow!("{}: it exists already and is not overwritten", file.display());
            if is_same { Ok(false) } else { Err(refused()) }
        }
        created => created.map(|()| true).with_context(|| file.display().to_string()),
    }
}
