//! Collects facts during an evaluation, with their places.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::facts::{FileId, FlakeFacts, Place, Reading, Taken, Unread, Use};
use super::observed::Observed;
use super::world::{FlakeId, FlakeInput};
use crate::position::line_starts;
use crate::syntax::Name;

/// The facts so far.
pub(super) struct Recorder<'w> {
    world: Rc<Observed<'w>>,
    pub(super) reading: Reading,
    /// Where lines start, for files with reported lines; one file may have many of them.
    lines: RefCell<BTreeMap<FileId, Vec<usize>>>,
    /// Places whose line or text is part of a report.
    lines_told: RefCell<Vec<Place>>,
    texts_told: RefCell<Vec<Place>>,
}

impl<'w> Recorder<'w> {
    pub(super) fn new(world: Rc<Observed<'w>>) -> Self {
        Self {
            world,
            reading: Reading::default(),
            lines: RefCell::default(),
            lines_told: RefCell::default(),
            texts_told: RefCell::default(),
        }
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, place: Place) -> Option<usize> {
        let file = self.reading.file(place.file)?;
        self.lines_told.borrow_mut().push(place);
        let mut lines = self.lines.borrow_mut();
        let starts = lines.entry(place.file).or_insert_with(|| line_starts(&file.text));
        Some(starts.partition_point(|start| *start <= place.span().start))
    }

    /// The text of a place.
    pub(super) fn text(&self, place: Place) -> Option<&str> {
        self.texts_told.borrow_mut().push(place);
        self.reading.file(place.file)?.text.get(place.span().range())
    }

    /// The places whose line is part of a report, and those whose text is.
    pub(super) fn told(&mut self) -> (Vec<Place>, Vec<Place>) {
        (self.lines_told.take(), self.texts_told.take())
    }

    /// The flake whose code is at a place.
    pub(super) fn flake_at(&self, place: Option<Place>) -> Option<FlakeId> {
        self.reading.file(place?.file).map(|file| file.flake)
    }

    /// The flake of a file.
    pub(super) fn flake_of(&self, file: FileId) -> FlakeId {
        let known = self.reading.file(file).map(|file| file.flake);
        known.unwrap_or(FlakeId::ROOT)
    }

    /// Records a file that could not be read.
    pub(super) fn unread(&mut self, unread: Unread) {
        self.partial(unread.flake);
        self.reading.unread.push(unread);
    }

    /// Records that the code of a flake may do more than was found.
    pub(super) fn partial(&mut self, flake: FlakeId) {
        self.facts(flake).is_partial = true;
    }

    /// What is known of the code of a flake.
    pub(super) fn facts(&mut self, flake: FlakeId) -> &mut FlakeFacts {
        self.reading.flakes.entry(flake).or_default()
    }

    /// Records that the code of a flake was too expensive.
    pub(super) fn too_much(&mut self, flake: FlakeId) {
        self.reading.too_much.insert(flake);
        self.partial(flake);
    }

    /// Records that something is taken from an input.
    pub(super) fn taken(&mut self, slot: FlakeInput, taken: Taken, place: Option<Place>) {
        if let Some(place) = place {
            self.facts(slot.flake).taken.entry((slot.input, taken)).or_insert(place);
        }
    }

    /// Records how an input that is a nixpkgs is used.
    pub(super) fn used(&mut self, slot: FlakeInput, used: Use, place: Option<Place>) {
        if self.world.is_nixpkgs(slot)
            && let Some(place) = place
        {
            self.facts(slot.flake).uses.entry((slot.input, used)).or_insert(place);
        }
    }

    /// Records that an output of an input that is a nixpkgs is named.
    pub(super) fn output(&mut self, slot: FlakeInput, name: &str, place: Option<Place>) {
        if self.world.is_nixpkgs(slot)
            && let Some(place) = place
        {
            let used = &mut self.facts(slot.flake).outputs_used;
            used.entry((slot.input, name.to_owned())).or_insert(place);
        }
    }

    /// Records that packages of an input are taken for a system; `None` for any.
    pub(super) fn system(&mut self, slot: FlakeInput, system: Option<&str>) {
        let used = (slot.input, system.map(str::to_owned));
        self.facts(slot.flake).systems_used.insert(used);
    }

    /// Records that an output of an input is named.
    pub(super) fn input(&mut self, slot: FlakeInput, name: &Name, place: Option<Place>) {
        match &**name {
            "lib" => self.used(slot, Use::Lib, place),
            "legacyPackages" => self.used(slot, Use::LegacyPackages, place),
            _ => {}
        }
        self.output(slot, name, place);
        self.taken(slot, kind_of_output(name), place);
    }
}

/// The kind of output with this name.
pub(super) fn kind_of_output(name: &str) -> Taken {
    match name {
        "packages" | "legacyPackages" | "defaultPackage" | "formatter" | "bundlers" => {
            Taken::Packages
        }
        "apps" | "defaultApp" => Taken::Apps,
        "devShells" | "devShell" => Taken::Shells,
        "checks" | "hydraJobs" => Taken::Checks,
        "overlay" | "overlays" => Taken::Overlays,
        "lib" | "htmlDocs" | "libs" => Taken::Lib,
        "templates" | "defaultTemplate" => Taken::Templates,
        name if is_modules(name) => Taken::Modules,
        // Functions beside `lib`: `crane.mkLib`, `haumea.load`.
        name if name.starts_with("mk") => Taken::Lib,
        _ => Taken::Unknown,
    }
}

/// Whether an output has modules of some module system.
pub(super) fn is_modules(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("modules") || name.ends_with("module")
}
