//! A draft that is only looked at: its lock is never made into text.

use super::{DraftLock, FlakeDraft, Hindrance, with_graph};
use crate::audit::{Report, audit_graph};
use crate::fix::edit::Edit;
use crate::fix::subject::RepairSubject;
use crate::graph::{Graph, Overrides};
use crate::lock::Unescaped;
use crate::relock::{Unlockable, relock_unwritten};

impl FlakeDraft {
    /// The same with these edits and the lock that Nix would write for them, audited, for whoever only
    /// wants to know what would come of it. That lock is not made into text.
    pub(in crate::fix) fn tried<T>(
        &self,
        subject: &RepairSubject<'_>,
        edits: &[Edit],
        then: impl FnOnce(Result<(&Self, &Report<'_>), Hindrance>) -> T,
    ) -> T {
        let draft = match self.with_edits(subject, edits) {
            Ok(draft) => draft,
            Err(hindrance) => return then(Err(hindrance)),
        };
        if draft.flake == self.flake {
            // Then the lock is all that changes, if it does.
            return match self.edited_unchecked(subject, edits, true) {
                Ok(draft) => draft.checked_and_audited(subject, |report| {
                    then(report.map(|report| (&draft, report)))
                }),
                Err(hindrance) => then(Err(hindrance)),
            };
        }
        match subject.graph {
            Some(graph) => draft.tried_from(graph, subject, self, then),
            None => with_graph(subject.lock, &Unescaped::new(), |graph| match graph {
                Ok(graph) => draft.tried_from(graph, subject, self, then),
                Err(problem) => then(Err(problem.into())),
            }),
        }
    }

    fn tried_from<T>(
        mut self,
        graph: &Graph<'_, '_>,
        subject: &RepairSubject<'_>,
        from: &Self,
        then: impl FnOnce(Result<(&Self, &Report<'_>), Hindrance>) -> T,
    ) -> T {
        from.note_pins(graph);
        let (root, stores) = match self.declaring(subject) {
            Ok(declaring) => declaring,
            Err(problem) => return then(Err(problem.into())),
        };
        let declared = match &root.declarations {
            Ok(declared) => declared,
            Err(problem) => {
                return then(Err(Unlockable::Refused(problem.message.clone()).into()));
            }
        };
        relock_unwritten(graph, declared, Some(&root.files), &stores, |made| {
            let lock = match made {
                Ok(Some(lock)) => lock,
                Ok(None) => {
                    (self.lock, self.is_checked) = (DraftLock::AsItIs, true);
                    return self.audited(subject, |report| then(Ok((&self, report))));
                }
                Err(problem) => return then(Err(problem.into())),
            };
            (self.lock, self.is_checked) = (DraftLock::Unwritten, true);
            let overrides = Overrides::new();
            let graph = Graph::build(lock, &overrides);
            let graph = graph.map_err(|error| Unlockable::Refused(error.message));
            match graph.and_then(|graph| self.check(&graph).map(|()| graph)) {
                Ok(graph) => {
                    let unescaped = Unescaped::new();
                    let reader = self.audit_reader(subject);
                    let source = subject.source(subject.lock, reader, &unescaped);
                    let report = audit_graph(&graph, source, subject.config, subject.setup);
                    then(Ok((&self, &report)))
                }
                Err(problem) => then(Err(problem.into())),
            }
        })
    }
}
