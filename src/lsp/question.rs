//! A client's questions about a file of a flake.

use std::path::{Path, PathBuf};

use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{
    CodeAction, CodeActionParams, CompletionParams, DocumentSymbolParams, GotoDefinitionParams,
    HoverParams, InlayHintParams, Position, Range, RenameParams, TextDocumentPositionParams, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::actions;
use super::client::Client;
use super::configuration;
use super::flakes::FileKind;
use super::session::Session;
use super::symbols;
use super::texts::Texts;
use super::{completion, definition, hover, inlay, rename};

/// An answer, or why there is none.
pub(super) type Answer = Result<Value, ResponseError>;

/// A question about a file.
#[derive(Debug)]
pub(super) struct Question {
    /// The file.
    pub(super) path: PathBuf,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    Actions(Box<CodeActionParams>),
    Action(Box<CodeAction>),
    Completion(Position),
    Definition(Position),
    Hints(Range),
    Hover(Position),
    Prepare(Position),
    Rename(Position, String),
    Symbols,
}

/// The method and document of a question whose file is not yet known.
pub(super) struct Unplaced {
    /// The document.
    pub(super) uri: Uri,
    asked: Asked,
}

impl Unplaced {
    /// Reads a request; `None` if its method is not a question about a file.
    ///
    /// # Errors
    /// The parameters do not fit the method.
    pub(super) fn read(method: &str, params: Value) -> Option<Result<Self, ResponseError>> {
        Some(match method {
            "textDocument/codeAction" => parsed(params).map(|params: CodeActionParams| {
                let uri = params.text_document.uri.clone();
                Self { uri, asked: Asked::Actions(Box::new(params)) }
            }),
            "codeAction/resolve" => parsed(params).and_then(|action: CodeAction| {
                let uri = action.data.as_ref().and_then(|data| data.get("uri")).cloned();
                let uri = parsed(uri.unwrap_or_default())?;
                Ok(Self { uri, asked: Asked::Action(Box::new(action)) })
            }),
            "textDocument/completion" => parsed(params).map(|params: CompletionParams| {
                Self::of(params.text_document_position, Asked::Completion)
            }),
            "textDocument/definition" => parsed(params).map(|params: GotoDefinitionParams| {
                Self::of(params.text_document_position_params, Asked::Definition)
            }),
            "textDocument/hover" => parsed(params).map(|params: HoverParams| {
                Self::of(params.text_document_position_params, Asked::Hover)
            }),
            "textDocument/prepareRename" => parsed(params)
                .map(|place: TextDocumentPositionParams| Self::of(place, Asked::Prepare)),
            "textDocument/rename" => parsed(params).map(|params: RenameParams| {
                let new = params.new_name;
                Self::of(params.text_document_position, |position| Asked::Rename(position, new))
            }),
            "textDocument/inlayHint" => parsed(params).map(|params: InlayHintParams| Self {
                uri: params.text_document.uri,
                asked: Asked::Hints(params.range),
            }),
            "textDocument/documentSymbol" => parsed(params).map(|params: DocumentSymbolParams| {
                Self { uri: params.text_document.uri, asked: Asked::Symbols }
            }),
            _ => return None,
        })
    }

    /// A question about a position.
    fn of(place: TextDocumentPositionParams, asked: impl FnOnce(Position) -> Asked) -> Self {
        Self { uri: place.text_document.uri, asked: asked(place.position) }
    }

    /// The question about the file at a path.
    pub(super) fn at(self, path: PathBuf) -> Question {
        Question { path, asked: self.asked }
    }
}

fn parsed<T: DeserializeOwned>(params: Value) -> Result<T, ResponseError> {
    serde_json::from_value(params).map_err(|error| {
        let code = ErrorCode::InvalidParams as i32;
        ResponseError { code, message: error.to_string(), data: None }
    })
}

/// An answer as JSON.
fn value(answer: impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| {
        let code = ErrorCode::InternalError as i32;
        ResponseError { code, message: error.to_string(), data: None }
    })
}

impl Question {
    /// The answer for an audited flake.
    pub(super) fn answer(&self, session: &Session<'_, '_, '_, '_>) -> Answer {
        match &self.asked {
            Asked::Actions(params) => value(actions::offered(session, &self.path, params)),
            Asked::Action(action) => value(actions::resolved(session, action)?),
            Asked::Completion(position) if self.is_about_configuration() => {
                let flake = &session.subject.folder;
                value(configuration::completed(session.texts, flake, &self.path, *position))
            }
            Asked::Completion(position) => value(completion::at(session, &self.path, *position)),
            Asked::Definition(position) => value(definition::of(session, &self.path, *position)),
            Asked::Hints(range) => value(inlay::of(session, &self.path, *range)),
            Asked::Hover(position) => value(hover::at(session, &self.path, *position)),
            Asked::Prepare(position) => value(rename::prepared(session, &self.path, *position)),
            Asked::Rename(position, new) => {
                value(rename::renamed(session, &self.path, *position, new)?)
            }
            Asked::Symbols => value(symbols::of_file(session, &self.path)),
        }
    }

    /// The answer if the flake could not be audited.
    pub(super) fn answer_without(&self, flake: &Path, texts: &Texts, client: Client) -> Answer {
        match &self.asked {
            Asked::Completion(position) if self.is_about_configuration() => {
                value(configuration::completed(texts, flake, &self.path, *position))
            }
            Asked::Hover(position) if self.is_about_configuration() => {
                value(hover::in_configuration(None, texts, client, &self.path, *position))
            }
            Asked::Symbols => value(symbols::of_flake(texts, &self.path, client)),
            Asked::Actions(_)
            | Asked::Completion(_)
            | Asked::Definition(_)
            | Asked::Hints(_)
            | Asked::Hover(_)
            | Asked::Prepare(_) => Ok(Value::Null),
            Asked::Action(_) | Asked::Rename(..) => Err(unread()),
        }
    }

    fn is_about_configuration(&self) -> bool {
        FileKind::of(&self.path) == Some(FileKind::Config)
    }
}

/// The error that a flake which cannot be read cannot be edited.
fn unread() -> ResponseError {
    let message = "the flake cannot be read now".to_owned();
    ResponseError { code: ErrorCode::RequestFailed as i32, message, data: None }
}
