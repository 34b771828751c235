//! What goes to the client, and into the log.

use std::io::{self, Write};

use lsp_server::{ErrorCode, Notification, Request, RequestId, Response, ResponseError};
use serde::Serialize;
use serde_json::Value;

use super::journal::Journal;
use super::question::Answer;
use super::transport::{refuse, send};

/// The connection to the client.
#[derive(Debug)]
pub(super) struct Outbox<W> {
    output: W,
    journal: Journal,
}

/// The error of a refused request.
pub(super) fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

impl<W: Write> Outbox<W> {
    pub(super) fn new(output: W, journal: Journal) -> Self {
        Self { output, journal }
    }

    /// Writes a line to the log.
    pub(super) fn note(&mut self, line: &str) {
        self.journal.note(line);
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, id: RequestId, answer: Answer) -> io::Result<()> {
        match &answer {
            Ok(_) => self.note(&format!("answered {id}")),
            Err(error) => self.note(&format!("refused {id}: {}", error.message)),
        }
        send(&mut self.output, &Response { id, response_result: answer }.into())
    }

    /// Answers something that was no valid message.
    pub(super) fn refuse(
        &mut self,
        id: Option<&RequestId>,
        code: ErrorCode,
        message: &str,
    ) -> io::Result<()> {
        self.note(&format!("refused: {message}"));
        refuse(&mut self.output, id, code, message)
    }

    /// Sends a request to the client; its answer does not matter.
    pub(super) fn ask(&mut self, id: &str, method: &str, params: Value) -> io::Result<()> {
        let id = RequestId::from(id.to_owned());
        send(&mut self.output, &Request { id, method: method.to_owned(), params }.into())
    }

    /// Sends a notification to the client.
    pub(super) fn notify(&mut self, method: &str, params: impl Serialize) -> io::Result<()> {
        match serde_json::to_value(params) {
            Ok(params) => {
                let method = method.to_owned();
                send(&mut self.output, &Notification { method, params }.into())
            }
            Err(problem) => {
                self.note(&format!("not sent: {problem}"));
                Ok(())
            }
        }
    }
}
