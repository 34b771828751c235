//! A flake as it will be, before it is written.

mod tried;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::edit::{self, Edit, NotEdited};
use super::pins::{self, Pins};
use super::subject::{FLAKE_NAME, RepairSubject};
use super::write::Replacement;
use crate::audit::{Report, audit, audit_graph};
use crate::graph::{Graph, Overrides};
use crate::load::LOCK_NAME;
use crate::lock::{Lock, LockError, Unescaped};
use crate::relock::{Unlockable, check, relock};
use crate::source::{Reader, RootSource, Stores, TreePath};
use crate::text::{LineIndex, Span};

/// Why a plan is not carried out. Names from the files are unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// Only a person can edit flake.nix.
    ByHand(String),
    /// Only Nix can write the lock.
    Lock(String),
    /// The plan does not do what it promises, or does more.
    Refused(String),
}

impl From<Unlockable> for Hindrance {
    fn from(problem: Unlockable) -> Self {
        match problem {
            Unlockable::Fetch(reason) => Self::Lock(reason),
            Unlockable::Refused(reason) => {
                Self::Refused(format!("Nix would not lock it: {reason}"))
            }
        }
    }
}

/// A new file of the flake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFlakeFile {
    /// Its path from the flake's folder.
    pub name: TreePath,
    /// Its contents.
    pub text: String,
    /// Whether an interrupted run has written it already.
    pub is_there: bool,
}

/// The lock of a flake as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DraftLock {
    /// It stays as it is.
    AsItIs,
    /// This text.
    Written(String),
    /// Another one, which was looked at and is not to be written.
    Unwritten,
}

/// A flake as it will be.
#[derive(Debug, Clone)]
pub(super) struct FlakeDraft {
    /// flake.nix as it is on disk.
    found: String,
    flake: String,
    lock: DraftLock,
    /// Whether the lock matches the flake.
    pub(super) is_whole: bool,
    /// Whether Nix would write the lock, if that is certain.
    is_checked: bool,
    file: Option<NewFlakeFile>,
    /// Reads it once, for both locking and auditing.
    reader: OnceCell<Rc<Reader>>,
    /// The pins of its lock, once they are known.
    pins: OnceCell<Pins>,
}

impl FlakeDraft {
    /// The flake as it is on disk.
    ///
    /// # Errors
    /// There is no flake.nix, or it is no text.
    pub(super) fn as_it_is(subject: &RepairSubject<'_>) -> Result<Self, String> {
        let reader = Reader::new(Default::default(), Some(subject.folder.clone()))
            .with_open(&subject.setup.open)
            .with_memory(&subject.memory)
            .with_work_trees(&subject.work_trees);
        let found = reader.root_text().ok_or("there is no flake.nix beside the lock")?;
        let found = found.map_err(|problem| problem.to_string())?.to_string();
        let flake = found.clone();
        Ok(Self {
            flake,
            found,
            lock: DraftLock::AsItIs,
            is_whole: true,
            is_checked: true,
            file: None,
            reader: OnceCell::new(),
            pins: OnceCell::new(),
        })
    }

    /// The same with a new file.
    pub(super) fn with_file(&self, file: &NewFlakeFile) -> Self {
        Self { file: Some(file.clone()), reader: OnceCell::new(), ..self.clone() }
    }

    /// The same with these edits of flake.nix, and the lock that Nix would write for it.
    pub(super) fn edited(
        &self,
        subject: &RepairSubject<'_>,
        edits: &[Edit],
        with_lock: bool,
    ) -> Result<Self, Hindrance> {
        let mut draft = self.edited_unchecked(subject, edits, with_lock)?;
        let checked = match (draft.is_checked, &draft.lock) {
            (false, DraftLock::Written(lock)) => {
                with_graph(lock.as_bytes(), &Unescaped::new(), |graph| draft.check(graph?))
            }
            _ => Ok(()),
        };
        match checked {
            Ok(()) => draft.is_checked = true,
            Err(_) if !with_lock => {
                (draft.lock, draft.is_whole, draft.is_checked) = (self.lock.clone(), false, true);
                draft.pins = OnceCell::new();
            }
            Err(problem) => return Err(problem.into()),
        }
        Ok(draft)
    }

    /// The same with a lock of which it is not certain whether Nix would write it.
    pub(super) fn edited_unchecked(
        &self,
        subject: &RepairSubject<'_>,
        edits: &[Edit],
        with_lock: bool,
    ) -> Result<Self, Hindrance> {
        let mut draft = self.with_edits(subject, edits)?;
        match draft.lock_again(subject, self) {
            Ok(None) => (draft.is_checked, draft.lock) = (true, DraftLock::AsItIs),
            Ok(Some(lock)) => (draft.is_checked, draft.lock) = (false, DraftLock::Written(lock)),
            Err(_) if !with_lock => draft.is_whole = false,
            Err(problem) => return Err(problem.into()),
        }
        Ok(draft)
    }

    /// The same with these edits of flake.nix, and the lock as it was.
    fn with_edits(&self, subject: &RepairSubject<'_>, edits: &[Edit]) -> Result<Self, Hindrance> {
        if let Some(says) = edit::generated(&self.found).filter(|_| !edits.is_empty()) {
            let reason = format!("flake.nix is generated, and an edit would be lost: {says}");
            return Err(Hindrance::ByHand(reason));
        }
        let known = subject.known_edit.as_ref().and_then(|known| known.of(&self.flake, edits));
        let flake = known
            .cloned()
            .unwrap_or_else(|| edit::edit_with(&self.flake, edits, Some(&subject.memory)));
        let flake = flake.map_err(|error| self.by_hand(&error))?;
        Ok(Self { flake, reader: OnceCell::new(), pins: OnceCell::new(), ..self.clone() })
    }

    /// The flake.nix that the lock is made from, and where sources are.
    fn declaring(
        &self,
        subject: &RepairSubject<'_>,
    ) -> Result<(Arc<RootSource>, Stores), Unlockable> {
        let root = self.reader(subject).root();
        let root = root.ok_or_else(|| Unlockable::Refused("there is no flake.nix".into()))?;
        Ok((root, subject.setup.stores.clone().unwrap_or_default()))
    }

    /// The pins of the lock on disk, which has this graph.
    fn note_pins(&self, graph: &Graph<'_, '_>) {
        if self.lock == DraftLock::AsItIs {
            self.pins.get_or_init(|| pins::pins_of(graph));
        }
    }

    fn by_hand(&self, error: &NotEdited) -> Hindrance {
        let line = |span: Span| LineIndex::new(&self.flake).position(span.start).line;
        Hindrance::ByHand(match error.span {
            Some(span) => format!("{error} (flake.nix:{})", line(span)),
            None => error.to_string(),
        })
    }

    /// Whether Nix would write its lock, which has this graph; its pins are seen on the way.
    fn check(&self, graph: &Graph<'_, '_>) -> Result<(), Unlockable> {
        check(graph)?;
        self.pins.get_or_init(|| pins::pins_of(graph));
        Ok(())
    }

    /// The lock that Nix would write; `None` if it stays as it is on disk. `from` is what was
    /// edited: its pins are seen on the way.
    fn lock_again(
        &self,
        subject: &RepairSubject<'_>,
        from: &Self,
    ) -> Result<Option<String>, Unlockable> {
        match subject.graph {
            Some(graph) => self.lock_from(graph, subject, from),
            None => with_graph(subject.lock, &Unescaped::new(), |graph| {
                self.lock_from(graph?, subject, from)
            }),
        }
    }

    fn lock_from(
        &self,
        graph: &Graph<'_, '_>,
        subject: &RepairSubject<'_>,
        from: &Self,
    ) -> Result<Option<String>, Unlockable> {
        from.note_pins(graph);
        let (root, stores) = self.declaring(subject)?;
        match &root.declarations {
            Ok(declared) => relock(graph, declared, Some(&root.files), &stores).unchecked_lock(),
            Err(problem) => Err(Unlockable::Refused(problem.message.clone())),
        }
    }

    /// A reader of the flake as if it had been written.
    pub(super) fn reader(&self, subject: &RepairSubject<'_>) -> &Reader {
        self.reader.get_or_init(|| {
            let stores = subject.setup.stores.clone().unwrap_or_default();
            let reader = Reader::new(stores, Some(subject.folder.clone()));
            let reader = reader.with_open(&subject.setup.open);
            let reader = reader.with_work_trees(&subject.work_trees);
            let mut reader = reader.with_memory(&subject.memory);
            reader.lay_over(FLAKE_NAME, &self.flake);
            if let Some(file) = &self.file {
                reader.lay_over(file.name.as_str(), &file.text);
            }
            Rc::new(reader)
        })
    }

    /// Whether another draft is the same flake with the same lock.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.flake == other.flake
            && self.lock == other.lock
            && self.is_whole == other.is_whole
            && self.file == other.file
    }

    /// The bytes of its lock. Nobody asks for those of one that is not written: with it the flake has
    /// been audited.
    pub(super) fn lock<'d>(&'d self, subject: &'d RepairSubject<'_>) -> &'d [u8] {
        match &self.lock {
            DraftLock::Written(lock) => lock.as_bytes(),
            DraftLock::AsItIs | DraftLock::Unwritten => subject.lock,
        }
    }

    /// What the flake's own inputs are locked to.
    ///
    /// # Errors
    /// Its lock cannot be read.
    pub(super) fn pins(&self, subject: &RepairSubject<'_>) -> Result<&Pins, LockError> {
        if let Some(pins) = self.pins.get() {
            return Ok(pins);
        }
        let pins = pins::pins(self.lock(subject))?;
        Ok(self.pins.get_or_init(|| pins))
    }

    /// Audits it. Reads no source if the setup has no stores.
    pub(super) fn audited<T>(
        &self,
        subject: &RepairSubject<'_>,
        then: impl FnOnce(&Report<'_>) -> T,
    ) -> T {
        let unescaped = Unescaped::new();
        let source = subject.source(self.lock(subject), self.audit_reader(subject), &unescaped);
        then(&audit(source, subject.config, subject.setup))
    }

    /// The same, once it is certain that Nix would write its lock.
    pub(super) fn checked_and_audited<T>(
        &self,
        subject: &RepairSubject<'_>,
        then: impl FnOnce(Result<&Report<'_>, Hindrance>) -> T,
    ) -> T {
        if self.is_checked {
            return self.audited(subject, |report| then(Ok(report)));
        }
        let (bytes, unescaped) = (self.lock(subject), Unescaped::new());
        with_graph(bytes, &unescaped, |graph| {
            let checked = graph.and_then(|graph| self.check(graph).map(|()| graph));
            match checked {
                Ok(graph) => {
                    let source = subject.source(bytes, self.audit_reader(subject), &unescaped);
                    then(Ok(&audit_graph(graph, source, subject.config, subject.setup)))
                }
                Err(problem) => then(Err(problem.into())),
            }
        })
    }

    fn audit_reader(&self, subject: &RepairSubject<'_>) -> Option<&Reader> {
        subject.setup.stores.is_some().then(|| self.reader(subject))
    }

    /// What has to be written, in this order: files before those that refer to them, and the lock
    /// last, because Nix silently repairs one that is behind its flake.
    pub(super) fn files<'d>(
        &'d self,
        subject: &'d RepairSubject<'_>,
        with_lock: bool,
    ) -> Vec<Replacement<'d>> {
        let file = |name: &str, before: &'d [u8], after: &'d str| {
            let name = TreePath::root().child(name)?;
            let after = after.as_bytes();
            let replacement =
                Replacement { name, before: Some(before.into()), after: after.into() };
            (before != after).then_some(replacement)
        };
        let new = self.file.iter().map(|new| Replacement {
            name: new.name.clone(),
            before: new.is_there.then(|| new.text.as_bytes().into()),
            after: new.text.as_bytes().into(),
        });
        let flake = file(FLAKE_NAME, self.found.as_bytes(), &self.flake);
        let lock = match &self.lock {
            DraftLock::Written(lock) if with_lock => file(LOCK_NAME, subject.lock, lock),
            _ => None,
        };
        new.chain(flake).chain(lock).collect()
    }
}

/// Reads a lock and resolves its inputs.
fn with_graph<'a, T>(
    lock: &'a [u8],
    unescaped: &'a Unescaped,
    then: impl FnOnce(Result<&Graph<'_, 'a>, Unlockable>) -> T,
) -> T {
    let refused = |error: LockError| Unlockable::Refused(error.message);
    let overrides = Overrides::new();
    let lock = Lock::parse(lock, unescaped).map_err(refused);
    let graph = lock.as_ref().map_err(Clone::clone);
    let graph = graph.and_then(|lock| Graph::build(lock, &overrides).map_err(refused));
    then(graph.as_ref().map_err(Clone::clone))
}
