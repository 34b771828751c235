//! The server's side of auditing: which order the auditor gets next, and what becomes of its results.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{CancelParams, NumberOrString, PublishDiagnosticsParams};
use serde_json::Value;

use super::Server;
use crate::lsp::auditor::{Ask, AuditorMessage, Job, Order, changed};
use crate::lsp::outbox::error;
use crate::lsp::question::Unplaced;
use crate::lsp::uri::path_of;
use crate::source::evaluate::abandon;

impl<W: Write> Server<W> {
    /// Queues a question; false if it is not about a flake.
    pub(super) fn place(&mut self, question: Unplaced, id: &RequestId) -> bool {
        let Some(path) = path_of(&question.uri) else { return false };
        let Some(folder) = self.workspace.flake_of(&path) else { return false };
        let Some(revision) = self.workspace.revision(&folder) else { return false };
        let ask = Ask { id: id.clone(), question: question.at(path) };
        self.asks.push_back((folder, revision, ask));
        true
    }

    /// The time of the next task, if no message comes before.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.workspace.next_due().filter(|_| self.open_orders == 0)
    }

    /// Lets the auditor stop if the flake that it audits has changed.
    pub(super) fn abandon_what_has_changed(&self) {
        if let Some((folder, revision)) = &self.current
            && self.workspace.revision(folder) != Some(*revision)
        {
            abandon(true);
        }
    }

    /// Gives the auditor its next task if it is idle; requests come first.
    pub(super) fn send_next_order(&mut self) -> io::Result<()> {
        while self.open_orders == 0 {
            let Some((folder, revision, ask)) = self.asks.pop_front() else { break };
            if self.workspace.revision(&folder) == Some(revision) {
                self.send_audit(folder, revision, Some(ask));
            } else {
                self.outbox.answer(ask.id, Err(changed()))?;
            }
        }
        if self.open_orders == 0
            && let Some((folder, revision)) = self.workspace.due()
        {
            self.send_audit(folder, revision, None);
        }
        Ok(())
    }

    fn send_audit(&mut self, folder: PathBuf, revision: u64, ask: Option<Ask>) {
        self.workspace.begun(&folder);
        self.current = Some((folder.clone(), revision));
        abandon(false);
        let snapshot = self.workspace.snapshot();
        self.send_order(Order::Audit(Job { flake: folder, revision, snapshot, ask }));
    }

    pub(super) fn send_order(&mut self, order: Order) {
        self.open_orders += 1;
        // The receiver lives longer than this.
        let _ = self.orders.send(order);
    }

    pub(super) fn handle_auditor_message(&mut self, message: AuditorMessage) -> io::Result<()> {
        match message {
            AuditorMessage::Idle => {
                self.open_orders = self.open_orders.saturating_sub(1);
                self.current = self.current.take().filter(|_| self.open_orders > 0);
            }
            AuditorMessage::Abandoned { flake } => {
                self.outbox.note(&format!("abandoned {}", flake.display()));
            }
            AuditorMessage::Answered { id, answer } => self.outbox.answer(id, answer)?,
            AuditorMessage::Audited { flake, revision, files } => {
                self.outbox.note(&format!("audited {}", flake.display()));
                // If the flake has changed meanwhile, it is audited again.
                if self.workspace.revision(&flake) == Some(revision) {
                    let diagnostics = self.workspace.update(&flake, files);
                    self.publish(diagnostics)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn publish(&mut self, all: Vec<PublishDiagnosticsParams>) -> io::Result<()> {
        let mut all = all.into_iter();
        all.try_for_each(|one| self.outbox.notify("textDocument/publishDiagnostics", one))
    }

    pub(super) fn cancel(&mut self, params: Value) -> io::Result<()> {
        let Some(params) = self.parsed::<CancelParams>(params) else { return Ok(()) };
        let id = match params.id {
            NumberOrString::Number(id) => RequestId::from(id),
            NumberOrString::String(id) => RequestId::from(id),
        };
        let Some(at) = self.asks.iter().position(|(_, _, ask)| ask.id == id) else { return Ok(()) };
        self.asks.remove(at);
        self.outbox.answer(id, Err(error(ErrorCode::RequestCanceled, "cancelled")))
    }

    pub(super) fn cancel_all(&mut self) -> io::Result<()> {
        for (_, _, ask) in std::mem::take(&mut self.asks) {
            self.outbox
                .answer(ask.id, Err(error(ErrorCode::RequestCanceled, "the server shuts down")))?;
        }
        Ok(())
    }
}
