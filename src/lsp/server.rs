//! The server: handles the client's messages in order, and sends answers.

mod auditing;

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{ErrorCode, Message, Notification, Request};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, ExecuteCommandParams, InitializeParams,
    MessageType, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::EXPLAIN;
use super::auditor::{self, Ask, AuditorMessage, Options, Order};
use super::capabilities;
use super::client::Client;
use super::journal::Journal;
use super::outbox::{Outbox, error};
use super::question::{Answer, Unplaced};
use super::transport::{Received, receive};
use super::uri::path_of;
use super::workspace::{PATIENCE, Workspace};
use crate::rules;

/// How long to wait after a document was saved, because others are often saved with it.
const SAVING: Duration = Duration::from_millis(200);
/// The most messages that may queue up.
const WAITING: usize = 64;

/// What happens.
enum Event {
    Received(Received),
    /// The client is gone.
    Ended,
    Auditor(AuditorMessage),
}

/// The stage of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unknown,
    Running,
    ShutDown,
}

struct Server<W> {
    outbox: Outbox<W>,
    stage: Stage,
    client: Client,
    workspace: Workspace,
    /// Unanswered requests in order, with the state of the flake that they are about.
    asks: VecDeque<(PathBuf, u64, Ask)>,
    /// The flake and the state that are being audited.
    current: Option<(PathBuf, u64)>,
    /// How many orders the auditor has not finished, including its start.
    open_orders: usize,
    orders: Sender<Order>,
    /// What the auditor needs when it starts.
    start: Option<(Options, Receiver<Order>, SyncSender<Event>)>,
}

/// Whether an action has no data from which an edit could be computed later.
fn is_whole(action: &Value) -> bool {
    action.get("title").is_some_and(Value::is_string)
        && action.get("data").is_none_or(Value::is_null)
}

/// Serves one client until it leaves; returns whether it left as the protocol requires.
///
/// # Errors
/// The client can no longer be written to.
pub fn serve(
    mut input: impl BufRead + Send + 'static,
    output: impl Write,
    options: Options,
    journal: Journal,
) -> io::Result<bool> {
    let (events, incoming) = sync_channel(WAITING);
    let from_client = events.clone();
    // Reads until the process ends, because a blocked read cannot be cancelled.
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
        outbox: Outbox::new(output, journal),
        stage: Stage::Unknown,
        client: Client::default(),
        workspace: Workspace::default(),
        asks: VecDeque::new(),
        current: None,
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
            Ok(Event::Auditor(message)) => server.handle_auditor_message(message)?,
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => {
                server.outbox.note("the client is gone");
                return Ok(server.stage == Stage::ShutDown);
            }
        }
        server.abandon_what_has_changed();
        server.send_next_order()?;
    }
}

impl<W: Write> Server<W> {
    /// Handles what was received; returns whether it was the last message.
    fn receive(&mut self, received: Received) -> io::Result<bool> {
        match received {
            Received::Broken(id, code, message) => {
                self.outbox.refuse(id.as_ref(), code, &message)?;
            }
            Received::Message(Message::Request(request)) => self.request(request)?,
            Received::Message(Message::Notification(notification)) => {
                if notification.method == "exit" {
                    self.outbox.note("exit");
                    return Ok(true);
                }
                self.notification(notification)?;
            }
            // The answer to the request to watch files, which does not matter.
            Received::Message(Message::Response(_)) => {}
        }
        Ok(false)
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        self.outbox.note(&format!("request {id} {method}"));
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
            // Some clients resolve every action, even those that are complete.
            (Stage::Running, "codeAction/resolve") if is_whole(&params) => Ok(params),
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
        self.outbox.answer(id, answer)
    }

    /// Executes a command: shows a rule's page.
    fn execute(&mut self, params: Value) -> io::Result<Answer> {
        let params: ExecuteCommandParams = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(problem) => return Ok(Err(error(ErrorCode::InvalidParams, problem.to_string()))),
        };
        let named = params.arguments.first().and_then(Value::as_str);
        let rule = named.and_then(rules::rule_named).filter(|_| params.command == EXPLAIN);
        let Some(rule) = rule else {
            return Ok(Err(error(ErrorCode::InvalidParams, "there is no such command or rule")));
        };
        let shown = json!({ "type": MessageType::INFO, "message": rule.page });
        self.outbox.notify("window/showMessage", shown)?;
        Ok(Ok(Value::from(rule.page)))
    }

    fn initialize(&mut self, params: Value) -> Answer {
        let params: InitializeParams = serde_json::from_value(params)
            .map_err(|problem| error(ErrorCode::InvalidParams, problem.to_string()))?;
        self.client = Client::of(&params);
        self.stage = Stage::Running;
        if let Some((options, orders, events)) = self.start.take() {
            let client = self.client;
            thread::spawn(move || {
                // The receiver may be gone at the end.
                let tell = |message| drop(events.send(Event::Auditor(message)));
                auditor::run(&options, client, &orders, tell);
            });
        }
        serde_json::to_value(capabilities::offered(self.client))
            .map_err(|problem| error(ErrorCode::InternalError, problem.to_string()))
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        if self.stage != Stage::Running {
            self.outbox.note(&format!("ignored {method}: it came too early or too late"));
            return Ok(());
        }
        self.outbox.note(&method);
        match &*method {
            "initialized" => self.watch_files()?,
            "$/cancelRequest" => self.cancel(params)?,
            "textDocument/didOpen" => {
                if let Some(params) = self.parsed::<DidOpenTextDocumentParams>(params)
                    && !self.workspace.open(params.text_document)
                {
                    self.outbox.note("ignored: it is no file of a flake");
                }
            }
            "textDocument/didChange" => {
                if let Some(params) = self.parsed::<DidChangeTextDocumentParams>(params)
                    && let Err(problem) = self.workspace.change(params, self.client.encoding)
                {
                    self.outbox.note(&format!("ignored: {problem}"));
                }
            }
            "textDocument/didSave" => {
                if let Some(params) = self.parsed::<DidSaveTextDocumentParams>(params) {
                    self.touched(&params.text_document.uri, SAVING);
                }
            }
            "textDocument/didClose" => {
                if let Some(params) = self.parsed::<DidCloseTextDocumentParams>(params) {
                    for (folder, diagnostics) in self.workspace.close(&params.text_document.uri) {
                        self.publish(diagnostics)?;
                        self.send_order(Order::Forget(folder));
                    }
                }
            }
            "workspace/didChangeWatchedFiles" => {
                if let Some(params) = self.parsed::<DidChangeWatchedFilesParams>(params) {
                    params.changes.iter().for_each(|change| self.touched(&change.uri, PATIENCE));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The parameters of a notification; `None` if they are invalid, which cannot be answered.
    fn parsed<T: DeserializeOwned>(&mut self, params: Value) -> Option<T> {
        match serde_json::from_value(params) {
            Ok(params) => Some(params),
            Err(problem) => {
                self.outbox.note(&format!("ignored: {problem}"));
                None
            }
        }
    }

    /// Handles a change of a file on disk.
    fn touched(&mut self, uri: &Uri, patience: Duration) {
        if let Some(path) = path_of(uri) {
            self.workspace.touch_on_disk(&path, patience);
        }
    }

    /// Asks the client to report files that others change.
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
        self.outbox.ask("watch", "client/registerCapability", params)
    }
}
