//! What is found out on the way: facts, with the places where they stand.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::facts::{FileId, FlakeFacts, Place, Reading, Taken, Unread, Use};
use super::observed::Observed;
use super::world::{FlakeId, FlakeInput};
use crate::position::line_starts;
use crate::syntax::Name;

/// Analysis, while they are collected.
pub(super) struct Recorder<'w> {
    world: Rc<Observed<'w>>,
    pub(super) reading: Reading,
    /// Where lines start in files of which lines were told: of one file many may be.
    lines: RefCell<BTreeMap<FileId, Vec<usize>>>,
    /// Places of which the line was told, and of which the text was.
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
        Some(starts.partition_point(|start| *start <= place.span.start))
    }

    /// The text of a place.
    pub(super) fn text(&self, place: Place) -> Option<&str> {
        self.texts_told.borrow_mut().push(place);
        self.reading.file(place.file)?.text.get(place.span.range())
    }

    /// The places of which the line was told, and of which the text was.
    pub(super) fn told(&mut self) -> (Vec<Place>, Vec<Place>) {
        (self.lines_told.take(), self.texts_told.take())
    }

    /// Whose code stands at a place.
    pub(super) fn flake_at(&self, place: Option<Place>) -> Option<FlakeId> {
        self.reading.file(place?.file).map(|file| file.flake)
    }

    /// Whose code a file is.
    pub(super) fn flake_of(&self, file: FileId) -> FlakeId {
        let known = self.reading.file(file).map(|file| file.flake);
        known.unwrap_or(FlakeId::ROOT)
    }

    /// A file could not be read.
    pub(super) fn unread(&mut self, unread: Unread) {
        self.partial(unread.flake);
        self.reading.unread.push(unread);
    }

    /// What the code of a flake does may be more than was found.
    pub(super) fn partial(&mut self, flake: FlakeId) {
        self.facts(flake).is_partial = true;
    }

    /// What is known of the code of a flake.
    pub(super) fn facts(&mut self, flake: FlakeId) -> &mut FlakeFacts {
        self.reading.flakes.entry(flake).or_default()
    }

    /// The code of a flake was too much.
    pub(super) fn too_much(&mut self, flake: FlakeId) {
        self.reading.too_much.insert(flake);
        self.partial(flake);
    }

    /// Something is taken of an input.
    pub(super) fn taken(&mut self, slot: FlakeInput, taken: Taken, place: Option<Place>) {
        if let Some(place) = place {
            self.facts(slot.flake).taken.entry((slot.input, taken)).or_insert(place);
        }
    }

    /// An input that is a nixpkgs is used in some way.
    pub(super) fn used(&mut self, slot: FlakeInput, used: Use, place: Option<Place>) {
        if self.world.is_nixpkgs(slot)
            && let Some(place) = place
        {
            self.facts(slot.flake).uses.entry((slot.input, used)).or_insert(place);
        }
    }

    /// An output of an input that is a nixpkgs is named.
    pub(super) fn output(&mut self, slot: FlakeInput, name: &str, place: Option<Place>) {
        if self.world.is_nixpkgs(slot)
            && let Some(place) = place
        {
            let used = &mut self.facts(slot.flake).outputs_used;
            used.entry((slot.input, name.to_owned())).or_insert(place);
        }
    }

    /// Packages of an input are taken for a system; `None` for any.
    pub(super) fn system(&mut self, slot: FlakeInput, system: Option<&str>) {
        let used = (slot.input, system.map(str::to_owned));
        self.facts(slot.flake).systems_used.insert(used);
    }

    /// An output of an input is named.
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

/// Which kind of output a name is.
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
        // Functions that stand beside `lib`: `crane.mkLib`, `haumea.load`.
        name if name.starts_with("mk") => Taken::Lib,
        _ => Taken::Unknown,
    }
}

/// Whether an output holds modules of some module system.
pub(super) fn is_modules(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("modules") || name.ends_with("module")
}
