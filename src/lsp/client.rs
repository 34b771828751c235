//! What the client can do, and what it asked for at the start.

use lsp_types::{InitializeParams, MarkupKind, PositionEncodingKind, ResourceOperationKind};
use serde_json::Value;

use super::positions::Encoding;

/// What the client can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    /// How it counts columns.
    pub(super) encoding: Encoding,
    /// Whether it shows related places of a diagnostic.
    pub(super) related_places: bool,
    /// Whether it asks for the edit of an action when that is chosen.
    pub(super) resolves_edits: bool,
    /// Whether it accepts edits with versions of documents.
    pub(super) document_changes: bool,
    /// Whether an edit may create a file.
    pub(super) creates_files: bool,
    /// Whether it shows disabled actions with the reason.
    pub(super) disabled_actions: bool,
    /// Whether it shows Markdown.
    pub(super) markdown: bool,
    /// Whether it shows symbols as a tree.
    pub(super) symbol_tree: bool,
    /// Whether it can watch files for a server.
    pub(super) watches_files: bool,
    /// Whether it asked for inlay hints.
    pub(super) inlay_hints: bool,
}

impl Client {
    /// From the client's own description.
    pub(super) fn of(initialize: &InitializeParams) -> Self {
        let capabilities = &initialize.capabilities;
        let document = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let general = capabilities.general.as_ref();
        let encodings = general.and_then(|general| general.position_encodings.as_ref());
        let is_utf8 = encodings.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        let action = document.and_then(|document| document.code_action.as_ref());
        let resolved = action.and_then(|action| action.resolve_support.as_ref());
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edit.and_then(|edit| edit.resource_operations.as_ref());
        // File creation is part of document changes, so a client with those supports it; Neovim
        // declares no more.
        let creates_files =
            operations.is_some_and(|all| all.contains(&ResourceOperationKind::Create));
        let hover = document.and_then(|document| document.hover.as_ref());
        let formats = hover.and_then(|hover| hover.content_format.as_ref());
        let symbols = document.and_then(|document| document.document_symbol.as_ref());
        let published = document.and_then(|document| document.publish_diagnostics.as_ref());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let options = initialize.initialization_options.as_ref();
        let asked = options.and_then(|options| options.get("inlayHints"));
        Self {
            encoding: if is_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            related_places: published.and_then(|p| p.related_information).unwrap_or(false),
            resolves_edits: resolved.is_some_and(|r| r.properties.iter().any(|p| p == "edit"))
                && action.and_then(|action| action.data_support).unwrap_or(false),
            document_changes: edit.and_then(|edit| edit.document_changes).unwrap_or(creates_files),
            creates_files,
            disabled_actions: action.and_then(|action| action.disabled_support).unwrap_or(false),
            markdown: formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown)),
            symbol_tree: symbols
                .and_then(|symbols| symbols.hierarchical_document_symbol_support)
                .unwrap_or(false),
            inlay_hints: asked.and_then(Value::as_bool).unwrap_or(false),
            watches_files: watched.and_then(|w| w.dynamic_registration).unwrap_or(false),
        }
    }
}
