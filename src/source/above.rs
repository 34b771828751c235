//! Flakes above each other in folders: flake-parts' partitions take inputs from a folder that is a flake
//! with a lock of its own.

use std::path::Path;
use std::sync::Arc;

use super::{Reader, TreePath};

/// How many folders above a flake are looked at for another one. Partitions are in `dev`, `ci`,
/// `nix/dev` and the like.
const MOST_FOLDERS: usize = 4;

impl Reader {
    /// For the flake in another folder.
    fn moved(&self, folder: &Path) -> Self {
        Self::new(self.stores.clone(), Some(folder.to_path_buf()))
            .with_open(&self.open)
            .with_work_trees(&self.work_trees)
    }

    /// For the nearest flake that the root's folder is in, in the same work tree if there is one, and
    /// the root's folder in the tree of that.
    pub fn above(&self) -> Option<(Self, TreePath)> {
        let folder = self.work_trees.real(self.root.as_deref()?)?;
        let top = self.work_trees.top(&folder);
        let within = |above: &&Path| top.as_ref().is_none_or(|top| above.starts_with(top));
        let mut all = folder.ancestors().skip(1).take(MOST_FOLDERS).take_while(within);
        let (above, mut reader) = all.find_map(|above| {
            let reader = self.moved(above);
            reader.look_at_root().is_some().then_some((above, reader))
        })?;
        let below = folder.strip_prefix(above).ok()?.to_str()?.replace('\\', "/");
        let laid_over = self.laid_over.iter();
        let laid_over = laid_over.map(|(path, text)| (format!("{below}/{path}"), text.clone()));
        reader.laid_over.extend(laid_over);
        let folder = reader.root()?.files.flake().join(&below)?;
        Some((reader, folder))
    }

    /// For a flake in a folder of the root's source.
    pub fn below(&self, folder: &TreePath) -> Option<Self> {
        let root = self.root()?;
        let files = &root.files;
        if !files.is_file(&folder.child("flake.nix")?) {
            return None;
        }
        let mut reader = self.moved(&files.tree().root().join(folder.as_str()));
        let own = files.flake();
        let names = own.names().count();
        let is_below = own.names().eq(folder.names().take(names));
        let names: Vec<&str> = folder.names().skip(names).collect();
        let prefix = format!("{}/", names.join("/"));
        if is_below {
            let laid_over = self.laid_over.iter();
            reader.laid_over.extend(laid_over.filter_map(|(path, text)| {
                Some((path.strip_prefix(&prefix)?.to_owned(), text.clone()))
            }));
        }
        Some(reader)
    }

    /// The text of the root's lock, if it has one.
    pub fn lock_text(&self) -> Option<Arc<str>> {
        let root = self.root()?;
        let files = &root.files;
        files.tree().read(&files.flake().child("flake.lock")?).ok()
    }
}
