//! The thread that audits flakes, and answers questions about the last one.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use lsp_server::{ErrorCode, RequestId, ResponseError};

use super::client::Client;
use super::diagnostics::{self, FileDiagnostics, Trouble};
use super::documents::Snapshot;
use super::last_good::LastGood;
use super::question::{Answer, Question};
use super::session::{Session, file_below};
use super::texts::Texts;
use crate::audit::{self, LockInput, Setup, reads_sources, refused_flake, with_report};
use crate::config::{ConfigFinder, DeclaredInput, FoundConfig};
use crate::detail::DetailContext;
use crate::fix::RepairSubject;
use crate::load::{LOCK_NAME, LockFile, read};
use crate::lock::Unescaped;
use crate::rules::RULES;
use crate::source::evaluate::is_abandoned;
use crate::source::{Reader, SourceMemory, Stores};
use crate::text::{Position, Visible};

/// How flakes are audited: the arguments of `check`.
#[derive(Debug, Default)]
pub struct Options {
    /// Where sources are looked for; `None` if only locks are read.
    pub stores: Option<Stores>,
    /// The configuration for all flakes, instead of those that would be found.
    pub config: Option<PathBuf>,
    /// Inputs that carry the configured nixpkgs, each by its names.
    pub configured: Vec<Vec<String>>,
}

/// An order to the auditor.
#[derive(Debug)]
pub(super) enum Order {
    /// Audit a flake, and answer a question about it.
    Audit(Job),
    /// No document of this flake is open any more.
    Forget(PathBuf),
}

/// A flake in one state.
#[derive(Debug)]
pub(super) struct Job {
    /// Its folder.
    pub(super) flake: PathBuf,
    /// The number of its state: later states have higher numbers.
    pub(super) revision: u64,
    /// What is open in that state.
    pub(super) snapshot: Arc<Snapshot>,
    /// The question.
    pub(super) ask: Option<Ask>,
}

/// A request.
#[derive(Debug)]
pub(super) struct Ask {
    /// Its number.
    pub(super) id: RequestId,
    /// The question.
    pub(super) question: Question,
}

/// A message from the auditor.
#[derive(Debug)]
pub(super) enum AuditorMessage {
    /// The diagnostics of a flake.
    Audited { flake: PathBuf, revision: u64, files: FileDiagnostics },
    /// A flake was changed during its audit.
    Abandoned { flake: PathBuf },
    /// The answer to a request.
    Answered { id: RequestId, answer: Answer },
    /// It has carried out its order, and waits.
    Idle,
}

/// The error for a question about a file that has changed since.
pub(super) fn changed() -> ResponseError {
    let message = "the file was changed meanwhile".to_owned();
    ResponseError { code: ErrorCode::ContentModified as i32, message, data: None }
}

/// How many users of a node, steps of a chain, and uses are named.
const SHOWN: usize = 12;

/// Carries out orders until the sender is gone.
pub(super) fn run(
    options: &Options,
    client: Client,
    orders: &Receiver<Order>,
    tell: impl Fn(AuditorMessage),
) {
    let (last_good, memories) = (BTreeMap::new(), BTreeMap::new());
    let mut auditor = Auditor { options, client, orders, tell, last_good, memories };
    let mut next = auditor.next();
    while let Some(order) = next {
        next = match order {
            Order::Forget(flake) => {
                auditor.last_good.remove(&flake);
                auditor.memories.remove(&flake);
                auditor.next()
            }
            Order::Audit(job) => auditor.audit(job),
        };
    }
}

struct Auditor<'o, T> {
    options: &'o Options,
    client: Client,
    orders: &'o Receiver<Order>,
    tell: T,
    /// Diagnostics of flakes from before they were broken.
    last_good: BTreeMap<PathBuf, LastGood>,
    /// What was learned of the sources of flakes.
    memories: BTreeMap<PathBuf, Arc<SourceMemory>>,
}

/// The result of an audit, passed to whoever needs it.
enum Audited<'s, 'g, 'l, 'a> {
    Session(&'s Session<'s, 'g, 'l, 'a>),
    Failed(Trouble),
}

impl<T: Fn(AuditorMessage)> Auditor<'_, T> {
    /// Waits for the next order.
    fn next(&self) -> Option<Order> {
        (self.tell)(AuditorMessage::Idle);
        self.orders.recv().ok()
    }

    /// Audits a flake and answers questions about it; returns the first order that is about
    /// something else.
    fn audit(&mut self, job: Job) -> Option<Order> {
        let Job { flake, revision, snapshot, mut ask } = job;
        let mut asked = None;
        let texts = Texts::new(snapshot.open.clone(), self.client.encoding);
        let memory = self.memories.entry(flake.clone()).or_default().clone();
        let worked = catch_unwind(AssertUnwindSafe(|| {
            let flake_state = (flake.as_path(), &*snapshot, &memory);
            audit_flake(self.options, self.client, flake_state, &texts, &mut |audited| {
                let files = match &audited {
                    Audited::Session(session) => diagnostics::of_session(session),
                    Audited::Failed(trouble) => Err(trouble.clone()),
                };
                // The result of a cancelled audit is incomplete.
                if is_abandoned() {
                    (self.tell)(AuditorMessage::Abandoned { flake: flake.clone() });
                } else {
                    // While flake.nix is broken, nothing else is read.
                    if matches!(&audited, Audited::Session(session) if session.refused.is_none()) {
                        memory.forget_the_rest();
                    }
                    let files = self.with_last_good(&flake, &texts, files);
                    (self.tell)(AuditorMessage::Audited { flake: flake.clone(), revision, files });
                }
                loop {
                    if let Some(Ask { id, question }) = ask.take() {
                        asked = Some(id.clone());
                        let answer = match &audited {
                            Audited::Session(session) => question.answer(session),
                            Audited::Failed(_) => {
                                question.answer_without(&flake, &texts, self.client)
                            }
                        };
                        asked = None;
                        let answer = if is_abandoned() { Err(changed()) } else { answer };
                        (self.tell)(AuditorMessage::Answered { id, answer });
                    }
                    match self.next() {
                        Some(Order::Audit(next))
                            if next.flake == flake && next.revision == revision =>
                        {
                            ask = next.ask;
                        }
                        other => return other,
                    }
                }
            })
        }));
        worked.unwrap_or_else(|_| {
            let message = "flake-audit itself failed on this flake: please report it".to_owned();
            if let Some(id) = asked {
                let code = ErrorCode::InternalError as i32;
                let error = ResponseError { code, message: message.clone(), data: None };
                (self.tell)(AuditorMessage::Answered { id, answer: Err(error) });
            } else {
                let trouble = Trouble::in_file(flake.join(LOCK_NAME), message);
                let files = trouble.diagnostics(&texts);
                (self.tell)(AuditorMessage::Audited { flake, revision, files });
            }
            self.next()
        })
    }

    /// The diagnostics of a flake; if it is broken, also those from before.
    fn with_last_good(
        &mut self,
        flake: &Path,
        texts: &Texts,
        found: Result<FileDiagnostics, Trouble>,
    ) -> FileDiagnostics {
        match found {
            Ok(files) => {
                self.last_good.insert(flake.to_path_buf(), LastGood::new(&files, texts));
                files
            }
            Err(trouble) => {
                let mut files = trouble.diagnostics(texts);
                if let Some(last) = self.last_good.get(flake) {
                    for (path, found) in last.kept(texts) {
                        files.entry(path).or_default().extend(found);
                    }
                }
                files
            }
        }
    }
}

/// Reads and audits a flake as it is in the editor and on disk, and passes the result to `then`.
fn audit_flake(
    options: &Options,
    client: Client,
    (flake, snapshot, memory): (&Path, &Snapshot, &Arc<SourceMemory>),
    texts: &Texts,
    then: &mut dyn FnMut(Audited<'_, '_, '_, '_>) -> Option<Order>,
) -> Option<Order> {
    let lock_path = flake.join(LOCK_NAME);
    let mut bytes = Vec::new();
    match snapshot.open.get(&lock_path) {
        Some(text) => bytes.extend_from_slice(text.as_bytes()),
        None if !lock_path.exists() => {
            let file = flake.join(super::flakes::FLAKE_NAME);
            return then(Audited::Failed(Trouble::unlocked(file)));
        }
        None => {
            let lock =
                LockFile { name: LOCK_NAME.into(), path: Some(lock_path.clone()), problem: None };
            if let Err(problem) = read(&lock, &mut bytes) {
                let message = Visible(&problem).to_string();
                return then(Audited::Failed(Trouble::in_file(lock_path, message)));
            }
        }
    }
    let rules = RULES.iter().map(|rule| rule.id).collect();
    let finder = match &options.config {
        Some(file) => ConfigFinder::fixed(rules, file),
        None => ConfigFinder::new(rules),
    };
    let found = match finder.with_open(&snapshot.open).for_folder(flake).transpose() {
        Ok(found) => found,
        Err(error) => {
            let file = absolute(&error.file).unwrap_or(error.file);
            let message = Visible(&error.message).to_string();
            return then(Audited::Failed(Trouble {
                file,
                message,
                at: error.position,
                hint: false,
            }));
        }
    };
    let config = found.as_ref().map(FoundConfig::in_scope);
    let start = Position { line: 1, column: 1 };
    let declare = |path: &Vec<String>| DeclaredInput::new(path.clone(), start);
    let setup = Setup {
        configured: options.configured.iter().map(declare).collect(),
        stores: options.stores.clone(),
        lists: true,
        open: snapshot.open.clone(),
        ..Setup::default()
    };
    let reader =
        options.stores.clone().filter(|_| reads_sources(config.map(|scope| scope.config), &setup));
    let reader = reader.map(|stores| Reader::new(stores, Some(flake.to_path_buf())));
    let reader = reader.map(|reader| reader.with_open(&snapshot.open).with_memory(memory));
    let subject = RepairSubject {
        name: LOCK_NAME,
        lock: &bytes,
        graph: None,
        folder: flake.to_path_buf(),
        config,
        setup: &setup,
        memory: memory.clone(),
        work_trees: Default::default(),
        known_edit: None,
    };
    let unescaped = Unescaped::new();
    let source = LockInput {
        name: LOCK_NAME,
        bytes: &bytes,
        unescaped: &unescaped,
        reader: reader.as_ref(),
    };
    let told = with_report(source, config, &setup, |analysis, report| {
        let known = DetailContext::new(analysis, SHOWN);
        let refused = refused_flake(analysis, LOCK_NAME);
        let (subject, report) = (&subject, &report);
        let session = Session { client, snapshot, texts, subject, known, report, refused };
        then(Audited::Session(&session))
    });
    told.unwrap_or_else(|error| then(Audited::Failed(Trouble::of(flake, &error))))
}

impl Trouble {
    /// The reason why a flake could not be audited.
    pub(super) fn of(flake: &Path, error: &audit::Error) -> Self {
        let name = error.file.as_deref().and_then(Path::to_str).unwrap_or(LOCK_NAME);
        let file = file_below(flake, name);
        Self { file, message: error.message.clone(), at: error.position, hint: false }
    }
}
