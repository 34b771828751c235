//! The pages, split into testable parts.

use std::fs;
use std::path::{Path, PathBuf};

/// Stands for a plain clone of the repository.
pub(crate) const CLONE: &str = ".";

/// A fenced block. Only those that are run need a flake.
#[cfg_attr(not(unix), expect(dead_code))]
pub(crate) struct Block {
    /// The text after its fence.
    pub(crate) language: String,
    pub(crate) text: String,
    /// The fixture in the last `<!-- flake: AREA/CASE -->` above it, or [`CLONE`] below
    /// `<!-- clone -->`, and the number of such comments so far: blocks with the same number share
    /// a folder.
    pub(crate) flake: Option<String>,
    pub(crate) nth_flake: usize,
}

/// A Markdown page.
pub(crate) struct Page {
    /// Its name from the repository's root.
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
    /// All lines outside of fenced blocks.
    pub(crate) prose: Vec<String>,
}

/// The repository's root.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page for readers: those in the root, and all below docs/.
pub(crate) fn all() -> Vec<Page> {
    let mut files = Vec::new();
    for folder in ["", "docs", "docs/rules"] {
        let entries = fs::read_dir(repository().join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    assert!(files.len() > 25, "{files:?}");
    files.into_iter().map(read).collect()
}

fn read(file: PathBuf) -> Page {
    let name = file.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
    let text = fs::read_to_string(&file).unwrap();
    let mut page = Page { name, blocks: Vec::new(), prose: Vec::new() };
    let (mut flake, mut nth_flake) = (None, 0);
    let mut open: Option<Block> = None;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            match open.take() {
                Some(block) => page.blocks.push(block),
                None => {
                    let language = language.to_owned();
                    open = Some(Block {
                        language,
                        text: String::new(),
                        flake: flake.clone(),
                        nth_flake,
                    });
                }
            }
        } else if let Some(block) = &mut open {
            block.text += line;
            block.text.push('\n');
        } else {
            if let Some(name) = line.strip_prefix("<!-- flake: ") {
                flake = Some(name.strip_suffix(" -->").unwrap().to_owned());
                nth_flake += 1;
            } else if line == "<!-- clone -->" {
                flake = Some(CLONE.to_owned());
                nth_flake += 1;
            }
            page.prose.push(line.to_owned());
        }
    }
    assert!(open.is_none(), "{}: a block without an end", page.name);
    page
}
