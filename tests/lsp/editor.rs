//! An editor: a client of the server that remembers what was said.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Time is not measured with this; it only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Editor {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<(Instant, Value)>,
    /// When the last message arrived, before it was parsed: parsing in a debug build takes longer
    /// than writing by the server.
    pub(crate) arrived: Instant,
    next_id: i64,
    /// Answers that were not asked for yet, by request.
    answers: BTreeMap<i64, Value>,
    /// The server's capabilities.
    pub(crate) offered: Value,
    /// The last published diagnostics by document, with the version.
    pub(crate) published: BTreeMap<String, (Option<i64>, Vec<Value>)>,
    /// Other requests and notifications of the server.
    pub(crate) others: Vec<Value>,
}

/// The capabilities of most editors.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "workspace": {
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
        },
        "window": { "showDocument": { "support": true } },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "codeAction": {
                "dataSupport": true,
                "disabledSupport": true,
                "resolveSupport": { "properties": ["edit"] },
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } },
            },
        },
    })
}

pub(crate) fn uri(path: &Path) -> String {
    format!(
        "file://{}",
        std::fs::canonicalize(path.parent().unwrap())
            .unwrap()
            .join(path.file_name().unwrap())
            .display()
    )
}

impl Editor {
    /// Starts the program without sending anything.
    pub(crate) fn silent(arguments: &[&str]) -> Self {
        let program = std::env::var_os("FLAKE_AUDIT_TEST_PROGRAM")
            .map_or_else(|| assert_cmd::cargo::cargo_bin("flake-audit"), Into::into);
        let mut child = Command::new(program)
            .arg("lsp")
            .args(arguments)
            .env_remove("NIX_STORE_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            messages,
            arrived: Instant::now(),
            next_id: 0,
            answers: BTreeMap::new(),
            offered: Value::Null,
            published: BTreeMap::new(),
            others: Vec::new(),
        }
    }

    /// Starts the program and initializes it with these capabilities.
    pub(crate) fn with(arguments: &[&str], capabilities: Value, options: Value) -> Self {
        let mut editor = Self::silent(arguments);
        let params = json!({
            "processId": null,
            "rootUri": null,
            "capabilities": capabilities,
            "initializationOptions": options,
        });
        editor.offered = editor.request("initialize", params).unwrap();
        editor.notify("initialized", json!({}));
        editor
    }

    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self::with(arguments, capabilities(), Value::Null)
    }

    /// Sends raw bytes; false if nobody reads them any more.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) -> bool {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).and_then(|()| input.flush()).is_ok()
    }

    pub(crate) fn send(&mut self, message: &Value) -> bool {
        let text = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes())
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        assert!(self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })));
    }

    /// Sends a request without waiting; returns its id.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        assert!(self.send(&request));
        id
    }

    /// The next message, which is remembered if it is no answer.
    pub(crate) fn receive(&mut self) -> Value {
        let next = self.messages.recv_timeout(PATIENCE);
        let (arrived, message) = next.expect("the server says something");
        self.arrived = arrived;
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let found = params["diagnostics"].as_array().unwrap().clone();
            let uri = params["uri"].as_str().unwrap().to_owned();
            self.published.insert(uri, (params["version"].as_i64(), found));
        } else if message.get("method").is_some() {
            if let Some(id) = message.get("id") {
                let answer = json!({ "jsonrpc": "2.0", "id": id, "result": null });
                self.send(&answer);
            }
            self.others.push(message.clone());
        } else if let Some(id) = message["id"].as_i64() {
            let is_new = self.answers.insert(id, message.clone()).is_none();
            assert!(is_new, "two answers: {message}");
        }
        message
    }

    /// The answer to a request: a result, or an error.
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            if let Some(message) = self.answers.remove(&id) {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
            self.receive();
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    pub(crate) fn open(&mut self, path: &Path, version: i64, text: &str) {
        let document =
            json!({ "uri": uri(path), "languageId": "nix", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the text of a document.
    pub(crate) fn replace(&mut self, path: &Path, version: i64, text: &str) {
        self.change(path, version, json!([{ "text": text }]));
    }

    pub(crate) fn change(&mut self, path: &Path, version: i64, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    pub(crate) fn close(&mut self, path: &Path) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(path) } }));
    }

    /// Waits until something is published for a version of a document.
    pub(crate) fn hears_of(&mut self, path: &Path, version: i64) {
        let uri = uri(path);
        loop {
            if let Some((Some(known), _)) = self.published.get(&uri)
                && *known >= version
            {
                break;
            }
            self.receive();
        }
    }

    /// What is published for a version of a document, as soon as it is.
    pub(crate) fn settled(&mut self, path: &Path, version: i64) -> Vec<Value> {
        self.hears_of(path, version);
        // Diagnostics of other files of the flake come before this answer.
        self.request("textDocument/none", json!({})).unwrap_err();
        self.found(path)
    }

    /// The last diagnostics of a file, which need not be open.
    pub(crate) fn found(&self, path: &Path) -> Vec<Value> {
        self.published.get(&uri(path)).map(|(_, found)| found.clone()).unwrap_or_default()
    }

    /// The processor time of the server in all its threads; zero if that is not known.
    pub(crate) fn worked(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let read = |thread: std::fs::DirEntry| {
            let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            told.split(' ').next()?.parse::<u64>().ok()
        };
        let nanoseconds = threads.into_iter().flatten().flatten().filter_map(read).sum();
        Duration::from_nanos(nanoseconds)
    }

    /// Shuts the server down; returns the exit code.
    pub(crate) fn leave(mut self) -> i32 {
        self.request("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.ended()
    }

    /// Waits for its end; returns the exit code.
    pub(crate) fn ended(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }

    /// Closes the server's standard input.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next message of the server, and when it arrived.
fn read(output: &mut impl BufRead) -> Option<(Instant, Value)> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut content = vec![0; length];
    output.read_exact(&mut content).ok()?;
    let arrived = Instant::now();
    Some((arrived, serde_json::from_slice(&content).unwrap()))
}
