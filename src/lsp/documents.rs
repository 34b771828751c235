//! The documents that the client has open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use super::changes::changed;
use super::flakes::FileKind;
use super::positions::Encoding;
use super::uri::{path_of, uri_below, uri_of};
use crate::text::OpenFiles;

/// The longest document that is kept: as long as the longest lock that is read.
const LONGEST: usize = 64 << 20;

/// A document.
#[derive(Debug)]
struct Document {
    /// The client's name for it.
    uri: Uri,
    /// The client's number of its state.
    version: i32,
    /// The client's name for its folder.
    folder: Option<String>,
    text: Arc<str>,
}

/// The open documents at one moment.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The texts.
    pub(super) open: OpenFiles,
    /// The client's names for them, and their versions.
    names: BTreeMap<PathBuf, (Uri, i32)>,
    /// The client's names for their folders, which may contain symlinks.
    folders: BTreeMap<PathBuf, String>,
}

impl Snapshot {
    /// The client's name for a file: its own if it is open, else below the nearest folder with an
    /// open file, else its path.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        if let Some((uri, _)) = self.names.get(path) {
            return Some(uri.clone());
        }
        let named = |folder| self.folders.get_key_value(folder);
        match path.ancestors().skip(1).find_map(named) {
            Some((folder, uri)) => uri_below(uri, path.strip_prefix(folder).ok()?),
            None => uri_of(path),
        }
    }

    /// The version of a file, if it is open.
    pub(super) fn version(&self, path: &Path) -> Option<i32> {
        self.names.get(path).map(|(_, version)| *version)
    }
}

/// The open documents that are files, by path.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<PathBuf, Document>);

/// Why a document was not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotChanged {
    /// It was never opened, or is no file.
    #[error("it is not open")]
    NotOpen,
    /// It has grown too long, and is dropped.
    #[error("it is longer than 64 MiB")]
    TooLong,
}

impl Documents {
    /// Opens a document; returns its path, if a flake may read such a file.
    pub(super) fn open(&mut self, item: TextDocumentItem) -> Option<PathBuf> {
        let is_read = |path: &PathBuf| FileKind::of(path).is_some();
        let path = path_of(&item.uri).filter(is_read).filter(|_| item.text.len() <= LONGEST)?;
        let TextDocumentItem { uri, version, text, .. } = item;
        let folder = folder_of(&uri, &path);
        self.0.insert(path.clone(), Document { uri, version, folder, text: text.into() });
        Some(path)
    }

    /// Closes a document; returns its path.
    pub(super) fn close(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = self.path_of(uri)?;
        self.0.remove(&path);
        Some(path)
    }

    /// Changes a document; returns its path.
    ///
    /// # Errors
    /// It was not changed.
    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Result<PathBuf, NotChanged> {
        let path = self.path_of(uri).ok_or(NotChanged::NotOpen)?;
        let document = self.0.get_mut(&path).ok_or(NotChanged::NotOpen)?;
        let Some(text) = changed(&document.text, changes, encoding, LONGEST) else {
            self.0.remove(&path);
            return Err(NotChanged::TooLong);
        };
        document.text = text;
        document.version = version;
        Ok(path)
    }

    /// The path of an open document. The folder may be gone meanwhile, so names are compared first.
    fn path_of(&self, uri: &Uri) -> Option<PathBuf> {
        let known = self.0.iter().find(|(_, document)| document.uri == *uri);
        known.map(|(path, _)| path.clone())
    }

    /// Whether a file is open.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// The paths of all.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// All documents in their current state.
    pub(super) fn snapshot(&self) -> Snapshot {
        let text = |(path, document): (&PathBuf, &Document)| (path.clone(), document.text.clone());
        let name = |(path, document): (&PathBuf, &Document)| {
            (path.clone(), (document.uri.clone(), document.version))
        };
        let folder = |(path, document): (&PathBuf, &Document)| {
            Some((path.parent()?.to_path_buf(), document.folder.clone()?))
        };
        Snapshot {
            open: self.0.iter().map(text).collect(),
            names: self.0.iter().map(name).collect(),
            folders: self.0.iter().filter_map(folder).collect(),
        }
    }
}

/// The folder of a file in the client's spelling; `None` if the client encodes slashes, so that
/// other names cannot be derived from it.
fn folder_of(uri: &Uri, path: &Path) -> Option<String> {
    let folder = format!("{}/", uri.as_str().rsplit_once('/')?.0);
    let same = uri_below(&folder, path.file_name()?.as_ref()).and_then(|uri| path_of(&uri));
    (same.as_deref() == Some(path)).then_some(folder)
}

#[cfg(test)]
mod tests {
    use lsp_types::{Position, Range};

    use super::*;

    fn change(range: Option<[u32; 4]>, text: &str) -> TextDocumentContentChangeEvent {
        let range = range.map(|[line, character, end_line, end]| Range {
            start: Position { line, character },
            end: Position { line: end_line, character: end },
        });
        TextDocumentContentChangeEvent { range, range_length: None, text: text.to_owned() }
    }

    #[test]
    fn changes_come_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = std::fs::canonicalize(folder.path()).unwrap().join("flake.nix");
        let uri = uri_of(&path).unwrap();
        let text = "ü = 1;\n𝄞 = 2;\n".to_owned();
        let mut documents = Documents::default();
        let item =
            TextDocumentItem { uri: uri.clone(), language_id: "nix".into(), version: 1, text };
        assert_eq!(documents.open(item), Some(path.clone()));
        let changes = vec![
            change(Some([1, 0, 1, 2]), "x"),
            change(Some([0, 6, 1, 0]), " "),
            // Past the end, and with start and end swapped.
            change(Some([9, 9, 9, 9]), "!"),
            change(Some([0, 1, 0, 0]), "?"),
        ];
        assert_eq!(documents.change(&uri, 2, changes, Encoding::Utf16), Ok(path.clone()));
        assert_eq!(&**documents.snapshot().open.get(&path).unwrap(), "ü? = 1; x = 2;\n!");
        let whole = vec![change(None, "{ }")];
        documents.change(&uri, 3, whole, Encoding::Utf16).unwrap();
        assert_eq!(&**documents.snapshot().open.get(&path).unwrap(), "{ }");
        assert_eq!(documents.snapshot().version(&path), Some(3));
        assert_eq!(documents.close(&uri), Some(path));
        let again = documents.change(&uri, 4, Vec::new(), Encoding::Utf16);
        assert_eq!(again, Err(NotChanged::NotOpen));
    }
}
