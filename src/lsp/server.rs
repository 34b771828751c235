//! The server: what comes from the client, in its order, and what goes to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use lsp_types::{
    CancelParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    ExecuteCommandParams, InitializeParams, MessageType, NumberOrString, PublishDiagnosticsParams,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::EXPLAIN;
use super::auditor::{self, Ask, Job, Options, Order, Told};
use super::capabilities;
use super::client::Client;
use super::diagnostics::FileDiagnostics;
use super::documents::{Documents, Snapshot};
use super::flakes::{FileKind, flake_of, tree_of};
use super::journal::Journal;
use super::question::{Answer, Unplaced};
use super::transport::{Received, receive, refuse, send};
use super::uri::path_of;
use crate::rules;

/// How long a flake is left alone after a change, since the next one may follow at once.
const PATIENCE: Duration = Duration::from_millis(20);
/// Messages that wait to be looked at.
const WAITING: usize = 64;

/// What happens.
enum Event {
    Received(Received),
    /// The client is gone.
    Ended,
    Told(Told),
}

/// Where the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unknown,
    Running,
    ShutDown,
}

/// A flake of which a document is open.
#[derive(Debug)]
struct Flake {
    /// The folder whose files it may read.
    tree: PathBuf,
    /// Counts its changes, and those of other flakes.
    revision: u64,
    /// When it is to be audited again, if it is.
    due: Option<Instant>,
    /// What was told of it last.
    told: FileDiagnostics,
}

struct Server<W> {
    output: W,
    journal: Journal,
    stage: Stage,
    client: Client,
    documents: Documents,
    snapshot: Arc<Snapshot>,
    flakes: BTreeMap<PathBuf, Flake>,
    changes: u64,
    /// What was asked and is not answered, in its order, with the state that it was asked of.
    asks: VecDeque<(PathBuf, u64, Ask)>,
    /// Orders that the auditor has not carried out, its start among them.
    open_orders: usize,
    orders: Sender<Order>,
    /// What the auditor takes when it starts.
    start: Option<(Options, Receiver<Order>, SyncSender<Event>)>,
}

/// Serves one client until it leaves; whether it said goodbye as the protocol has it.
///
/// # Errors
/// The client cannot be written to any more.
pub fn serve(
    mut input: impl BufRead + Send + 'static,
    output: impl Write,
    options: Options,
    journal: Journal,
) -> io::Result<bool> {
    let (events, incoming) = sync_channel(WAITING);
    let from_client = events.clone();
    // It reads until the process ends: a client that is gone cannot be told to be.
    thread::spawn(move || {
        while let Ok(Some(received)) = receive(&mut input) {
            if from_client.send(Event::Received(received)).is_err() {
                return;
            }
        }
        let _ = from_client.send(Event::Ended);
    });
    let (orders, ordered) = channel();
    let mut server = Server {
        output,
        journal,
        stage: Stage::Unknown,
        client: Client::default(),
        documents: Documents::default(),
        snapshot: Arc::default(),
        flakes: BTreeMap::new(),
        changes: 0,
        asks: VecDeque::new(),
        open_orders: 1,
        orders,
        start: Some((options, ordered, events)),
    };
    loop {
        let event = match server.next_due() {
            None => incoming.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => incoming.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match event {
            Ok(Event::Received(received)) => {
                if server.receive(received)? {
                    return Ok(server.stage == Stage::ShutDown);
                }
            }
            Ok(Event::Told(told)) => server.told(told)?,
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => {
                server.journal.note("the client is gone");
                return Ok(server.stage == Stage::ShutDown);
            }
        }
        server.order()?;
    }
}

fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

impl<W: Write> Server<W> {
    /// Takes what has come; whether it was the last.
    fn receive(&mut self, received: Received) -> io::Result<bool> {
        match received {
            Received::Broken(id, code, message) => {
                self.journal.note(&format!("refused: {message}"));
                refuse(&mut self.output, id.as_ref(), code, &message)?;
            }
            Received::Message(Message::Request(request)) => self.request(request)?,
            Received::Message(Message::Notification(notification)) => {
                if notification.method == "exit" {
                    self.journal.note("exit");
                    return Ok(true);
                }
                self.notification(notification)?;
            }
            // That watching files was accepted, or was not: nothing depends on it.
            Received::Message(Message::Response(_)) => {}
        }
        Ok(false)
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        self.journal.note(&format!("request {id} {method}"));
        let answer = match (self.stage, &*method) {
            (Stage::Unknown, "initialize") => self.initialize(params),
            (Stage::Unknown, _) => {
                Err(error(ErrorCode::ServerNotInitialized, "`initialize` comes first"))
            }
            (Stage::Running, "initialize") => {
                Err(error(ErrorCode::InvalidRequest, "`initialize` came before"))
            }
            (Stage::ShutDown, _) => {
                Err(error(ErrorCode::InvalidRequest, "after `shutdown` only `exit` may come"))
            }
            (Stage::Running, "shutdown") => {
                self.stage = Stage::ShutDown;
                self.cancel_all()?;
                Ok(Value::Null)
            }
            (Stage::Running, "workspace/executeCommand") => self.execute(params)?,
            (Stage::Running, _) => match Unplaced::read(&method, params) {
                None => {
                    let message = format!("there is no method `{method}` here");
                    Err(error(ErrorCode::MethodNotFound, message))
                }
                Some(Err(error)) => Err(error),
                Some(Ok(question)) => match self.place(question, &id) {
                    true => return Ok(()),
                    false => Ok(Value::Null),
                },
            },
        };
        self.answer(id, answer)
    }

    /// Carries out a command: shows a rule's page.
    fn execute(&mut self, params: Value) -> io::Result<Answer> {
        let params: ExecuteCommandParams = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(problem) => return Ok(Err(error(ErrorCode::InvalidParams, problem.to_string()))),
        };
        let named = params.arguments.first().and_then(Value::as_str);
        let rule = named.and_then(rules::find).filter(|_| params.command == EXPLAIN);
        let Some(rule) = rule else {
            return Ok(Err(error(ErrorCode::InvalidParams, "there is no such command or rule")));
        };
        let shown = json!({ "type": MessageType::INFO, "message": rule.page });
        self.notify("window/showMessage", shown)?;
        Ok(Ok(Value::from(rule.page)))
    }

    /// Puts a question behind those that wait; false where it is about no flake.
    fn place(&mut self, question: Unplaced, id: &RequestId) -> bool {
        let Some(path) = path_of(&question.uri) else { return false };
        let Some(folder) = self.flake_of(&path) else { return false };
        let Some(flake) = self.flakes.get(&folder) else { return false };
        let ask = Ask { id: id.clone(), question: question.at(path) };
        self.asks.push_back((folder, flake.revision, ask));
        true
    }

    fn initialize(&mut self, params: Value) -> Answer {
        let params: InitializeParams = serde_json::from_value(params)
            .map_err(|problem| error(ErrorCode::InvalidParams, problem.to_string()))?;
        self.client = Client::of(&params);
        self.stage = Stage::Running;
        if let Some((options, orders, events)) = self.start.take() {
            let client = self.client;
            thread::spawn(move || {
                // Nobody is there any more to be told.
                let tell = |told| drop(events.send(Event::Told(told)));
                auditor::run(&options, client, &orders, tell);
            });
        }
        serde_json::to_value(capabilities::offered(self.client))
            .map_err(|problem| error(ErrorCode::InternalError, problem.to_string()))
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        if self.stage != Stage::Running {
            self.journal.note(&format!("ignored {method}: it came too early or too late"));
            return Ok(());
        }
        self.journal.note(&method);
        match &*method {
            "initialized" => self.watch_files()?,
            "$/cancelRequest" => self.cancel(params)?,
            "textDocument/didOpen" => self.opened(params),
            "textDocument/didChange" => self.changed(params),
            "textDocument/didSave" => {
                if let Some(params) = self.parsed::<DidSaveTextDocumentParams>(params) {
                    self.touched(path_of(&params.text_document.uri).as_deref());
                }
            }
            "textDocument/didClose" => self.closed(params)?,
            "workspace/didChangeWatchedFiles" => {
                if let Some(params) = self.parsed::<DidChangeWatchedFilesParams>(params) {
                    for change in params.changes {
                        self.touched(path_of(&change.uri).as_deref());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What a notification says; nothing where it makes no sense, which nobody can be told.
    fn parsed<T: DeserializeOwned>(&mut self, params: Value) -> Option<T> {
        match serde_json::from_value(params) {
            Ok(params) => Some(params),
            Err(problem) => {
                self.journal.note(&format!("ignored: {problem}"));
                None
            }
        }
    }

    fn opened(&mut self, params: Value) {
        let Some(params) = self.parsed::<DidOpenTextDocumentParams>(params) else { return };
        let Some(path) = self.documents.open(params.text_document) else {
            return self.journal.note("ignored: it is no file of a flake");
        };
        if let Some(folder) = self.flake_of(&path) {
            let tree = tree_of(&folder);
            let new = || Flake { tree, revision: 0, due: None, told: BTreeMap::new() };
            self.flakes.entry(folder.clone()).or_insert_with(new);
            self.reread(&path, Duration::ZERO);
        }
    }

    fn changed(&mut self, params: Value) {
        let Some(params) = self.parsed::<DidChangeTextDocumentParams>(params) else { return };
        let (document, changes) = (params.text_document, params.content_changes);
        let encoding = self.client.encoding;
        match self.documents.change(&document.uri, document.version, changes, encoding) {
            Ok(path) => self.reread(&path, PATIENCE),
            Err(problem) => self.journal.note(&format!("ignored: {problem}")),
        }
    }

    fn closed(&mut self, params: Value) -> io::Result<()> {
        let Some(params) = self.parsed::<DidCloseTextDocumentParams>(params) else { return Ok(()) };
        let Some(path) = self.documents.close(&params.text_document.uri) else { return Ok(()) };
        self.reread(&path, PATIENCE);
        let paths: Vec<PathBuf> = self.documents.paths().map(Path::to_path_buf).collect();
        let open: BTreeSet<PathBuf> = paths.iter().filter_map(|path| self.flake_of(path)).collect();
        let gone: Vec<PathBuf> =
            self.flakes.keys().filter(|folder| !open.contains(*folder)).cloned().collect();
        for folder in gone {
            self.publish(&folder, BTreeMap::new())?;
            self.flakes.remove(&folder);
            self.give(Order::Forget(folder));
        }
        Ok(())
    }

    /// A file was changed on disk.
    fn touched(&mut self, path: Option<&Path>) {
        if let Some(path) = path {
            self.reread(path, PATIENCE);
        }
    }

    /// Flakes that may read a file are audited again.
    fn reread(&mut self, path: &Path, patience: Duration) {
        if FileKind::of(path).is_none() {
            return;
        }
        self.snapshot = Arc::new(self.documents.snapshot());
        self.changes += 1;
        let due = Instant::now() + patience;
        let is_config = FileKind::of(path) == Some(FileKind::Config);
        for (folder, flake) in &mut self.flakes {
            // A configuration goes for all flakes below it.
            let below = path.parent().filter(|_| is_config);
            if path.starts_with(&flake.tree) || below.is_some_and(|top| folder.starts_with(top)) {
                flake.revision = self.changes;
                flake.due = Some(due);
            }
        }
    }

    fn flake_of(&self, path: &Path) -> Option<PathBuf> {
        flake_of(path, |file| self.documents.has(file))
    }

    /// When there is something to do, if nothing comes before.
    fn next_due(&self) -> Option<Instant> {
        self.flakes.values().filter_map(|flake| flake.due).min().filter(|_| self.open_orders == 0)
    }

    /// Gives the auditor the next thing to do, if it waits: first what somebody waits for.
    fn order(&mut self) -> io::Result<()> {
        while self.open_orders == 0 {
            let Some((folder, revision, ask)) = self.asks.pop_front() else { break };
            if self.flakes.get(&folder).map(|flake| flake.revision) == Some(revision) {
                self.look(folder, revision, Some(ask));
            } else {
                let message = "the file was changed meanwhile";
                self.answer(ask.id, Err(error(ErrorCode::ContentModified, message)))?;
            }
        }
        let now = Instant::now();
        let mut due = self.flakes.iter().filter(|(_, flake)| flake.due.is_some_and(|at| at <= now));
        let next = due.next().map(|(folder, flake)| (folder.clone(), flake.revision));
        if let Some((folder, revision)) = next.filter(|_| self.open_orders == 0) {
            self.look(folder, revision, None);
        }
        Ok(())
    }

    fn look(&mut self, folder: PathBuf, revision: u64, ask: Option<Ask>) {
        if let Some(flake) = self.flakes.get_mut(&folder) {
            flake.due = None;
        }
        let snapshot = self.snapshot.clone();
        self.give(Order::Audit(Job { flake: folder, revision, snapshot, ask }));
    }

    fn give(&mut self, order: Order) {
        self.open_orders += 1;
        // It ends after this does.
        let _ = self.orders.send(order);
    }

    fn told(&mut self, told: Told) -> io::Result<()> {
        match told {
            Told::Idle => self.open_orders = self.open_orders.saturating_sub(1),
            Told::Answered { id, answer } => self.answer(id, answer)?,
            Told::Audited { flake, revision, files } => {
                // What has changed meanwhile is looked at again.
                let is_current = self.flakes.get(&flake).is_some_and(|f| f.revision == revision);
                self.journal.note(&format!("audited {}", flake.display()));
                if is_current {
                    self.publish(&flake, files)?;
                }
            }
        }
        Ok(())
    }

    /// Tells the client what is found in a flake, of every document of it that is open, and that nothing
    /// more is where something was. Files that several flakes read have what all of them find.
    fn publish(&mut self, folder: &Path, files: FileDiagnostics) -> io::Result<()> {
        let Some(flake) = self.flakes.get_mut(folder) else { return Ok(()) };
        let before = std::mem::replace(&mut flake.told, files);
        let now = flake.told.keys().cloned();
        let mut named: BTreeSet<PathBuf> = before.into_keys().chain(now).collect();
        let is_own = |path: &&Path| self.flake_of(path).as_deref() == Some(folder);
        named.extend(self.documents.paths().filter(is_own).map(Path::to_path_buf));
        for path in named {
            let Some(uri) = self.snapshot.uri(&path) else { continue };
            let told = self.flakes.values().filter_map(|flake| flake.told.get(&path));
            let diagnostics = told.flatten().cloned().collect();
            let version = self.snapshot.version(&path);
            let params = PublishDiagnosticsParams { uri, diagnostics, version };
            self.notify("textDocument/publishDiagnostics", params)?;
        }
        Ok(())
    }

    fn cancel(&mut self, params: Value) -> io::Result<()> {
        let Some(params) = self.parsed::<CancelParams>(params) else { return Ok(()) };
        let id = match params.id {
            NumberOrString::Number(id) => RequestId::from(id),
            NumberOrString::String(id) => RequestId::from(id),
        };
        let Some(at) = self.asks.iter().position(|(_, _, ask)| ask.id == id) else { return Ok(()) };
        self.asks.remove(at);
        self.answer(id, Err(error(ErrorCode::RequestCanceled, "cancelled")))
    }

    fn cancel_all(&mut self) -> io::Result<()> {
        for (_, _, ask) in std::mem::take(&mut self.asks) {
            self.answer(ask.id, Err(error(ErrorCode::RequestCanceled, "the server shuts down")))?;
        }
        Ok(())
    }

    /// Asks to be told of files that others change.
    fn watch_files(&mut self) -> io::Result<()> {
        if !self.client.watches_files {
            return Ok(());
        }
        let watchers: Vec<_> = ["**/*.nix", "**/flake.lock", "**/flake-audit.toml"]
            .map(|pattern| json!({ "globPattern": pattern }))
            .into();
        let method = "workspace/didChangeWatchedFiles";
        let options = json!({ "watchers": watchers });
        let registration = json!({ "id": "files", "method": method, "registerOptions": options });
        let params = json!({ "registrations": [registration] });
        let id = RequestId::from("watch".to_owned());
        let request = Request { id, method: "client/registerCapability".into(), params };
        send(&mut self.output, &request.into())
    }

    fn answer(&mut self, id: RequestId, answer: Answer) -> io::Result<()> {
        match &answer {
            Ok(_) => self.journal.note(&format!("answered {id}")),
            Err(error) => self.journal.note(&format!("refused {id}: {}", error.message)),
        }
        send(&mut self.output, &Response { id, response_result: answer }.into())
    }

    fn notify(&mut self, method: &str, params: impl Serialize) -> io::Result<()> {
        match serde_json::to_value(params) {
            Ok(params) => {
                send(&mut self.output, &Notification { method: method.into(), params }.into())
            }
            Err(problem) => {
                self.journal.note(&format!("not sent: {problem}"));
                Ok(())
            }
        }
    }
}
