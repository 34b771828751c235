//! One entry of `nodes`.

use super::Build;
use super::cursor::{Cursor, NotJson};
use super::loose::Loose;
use crate::lock::attributes::Slice;
use crate::lock::{Attribute, Defect, Input, Node, Range, Site, WrittenTarget};

/// Reads a node and appends it.
pub(super) fn read<'a>(
    build: &mut Build<'a>,
    cursor: &mut Cursor<'a>,
    key: &'a str,
) -> Result<(), NotJson> {
    let node = Node {
        key,
        inputs: Range::new(0, 0),
        flake: true,
        build_time: false,
        defects: None,
        locked: None,
        original: None,
        parent: None,
        // A lock is at most 4 GiB long, so it has fewer nodes than this.
        ordinal: u32::try_from(build.nodes.len()).unwrap_or(u32::MAX),
    };
    let mut reader = NodeReader { build, node };
    let is_object = cursor.object(|cursor, name| reader.member(cursor, name))?;
    if !is_object {
        reader.node.blame(Site::Node, format!("node `{key}` must be an object"));
    }
    let NodeReader { build, node } = reader;
    build.nodes.push(node);
    Ok(())
}

impl<'a> Node<'a> {
    /// Stores a mistake in the node.
    fn blame(&mut self, site: Site<'a>, message: String) {
        self.defects.get_or_insert_default().0.push(Defect { message, site });
    }
}

struct NodeReader<'b, 'a> {
    build: &'b mut Build<'a>,
    node: Node<'a>,
}

impl<'a> NodeReader<'_, 'a> {
    fn member(&mut self, cursor: &mut Cursor<'a>, name: &str) -> Result<(), NotJson> {
        match name {
            "inputs" => self.inputs(cursor)?,
            "locked" => self.node.locked = self.reference("locked", cursor)?,
            "original" => self.node.original = self.reference("original", cursor)?,
            "info" => {
                if let Some(info) = self.reference("info", cursor)? {
                    self.build.info.push((self.node.ordinal, info));
                }
            }
            "flake" => match cursor.scalar()? {
                Loose::Bool(flake) => self.node.flake = flake,
                other => {
                    let message = format!("`flake` must be a boolean, not {}", other.kind());
                    self.node.blame(Site::Member("flake"), message);
                }
            },
            "buildTime" => self.node.build_time = cursor.scalar()? == Loose::Bool(true),
            "parent" => {
                if let Ok(WrittenTarget::Follows(path)) = self.target(cursor)? {
                    self.node.parent = Some(path);
                } else {
                    let message = "`parent` must be an array of strings".into();
                    self.node.blame(Site::Member("parent"), message);
                }
            }
            _ => cursor.skip()?,
        }
        Ok(())
    }

    /// Reads the attributes of a reference. `None` if it is no object.
    fn reference(
        &mut self,
        member: &'static str,
        cursor: &mut Cursor<'a>,
    ) -> Result<Option<Slice>, NotJson> {
        let start = self.build.attributes.len();
        let is_object = cursor.object(|cursor, name| {
            let value = cursor.scalar()?.attribute();
            self.build.attributes.push(Attribute::new(name, value));
            Ok(())
        })?;
        if !is_object {
            self.node.blame(Site::Member(member), format!("`{member}` must be an object"));
            return Ok(None);
        }
        Ok(Some(Slice::new(start, self.build.attributes.len())))
    }

    fn inputs(&mut self, cursor: &mut Cursor<'a>) -> Result<(), NotJson> {
        self.node.inputs = Range::new(0, 0);
        let is_iterable = if cursor.next() == Some(b'[') {
            // Nix iterates over any value here; items of an array get their indices as names.
            let mut index = 0_usize;
            cursor.array(|cursor| {
                let name = cursor.keep(&index.to_string());
                index += 1;
                self.input(cursor, name)
            })?
        } else {
            cursor.object(|cursor, name| self.input(cursor, name))?
        };
        if is_iterable {
            self.sort_inputs();
        } else {
            self.node.blame(Site::Member("inputs"), "`inputs` must be an object".into());
        }
        Ok(())
    }

    fn input(&mut self, cursor: &mut Cursor<'a>, name: &'a str) -> Result<(), NotJson> {
        let start = self.node.inputs.ids().next().map_or(self.build.inputs.len(), |id| id.index());
        match self.target(cursor)? {
            Ok(target) => {
                let ordinal = u32::try_from(self.build.inputs.len() - start).unwrap_or(u32::MAX);
                self.build.inputs.push(Input { name, target, node: None, ordinal });
                self.node.inputs = Range::new(start, self.build.inputs.len());
            }
            Err(strange) => {
                let message = match strange {
                    NoTarget::Value(other) => format!(
                        "input `{name}` must be a node key or a follows path, not {}",
                        other.kind()
                    ),
                    NoTarget::Item(other) => format!(
                        "the follows path of input `{name}` must hold names only, not {}",
                        other.kind()
                    ),
                };
                self.node.blame(Site::Inner("inputs", name), message);
            }
        }
        Ok(())
    }

    /// Reads the value of an input: a key, a path, or something else.
    fn target(
        &mut self,
        cursor: &mut Cursor<'a>,
    ) -> Result<Result<WrittenTarget<'a>, NoTarget<'a>>, NotJson> {
        if cursor.next() != Some(b'[') {
            return Ok(match cursor.scalar()? {
                Loose::Text(key) => Ok(WrittenTarget::Direct(key)),
                other => Err(NoTarget::Value(other)),
            });
        }
        let names = &mut self.build.names;
        let start = names.len();
        let mut strange = None;
        cursor.array(|cursor| {
            match cursor.scalar()? {
                Loose::Text(name) => names.push(name),
                other => strange = strange.or(Some(other)),
            }
            Ok(())
        })?;
        Ok(match strange {
            Some(other) => Err(NoTarget::Item(other)),
            None => Ok(WrittenTarget::Follows(Slice::new(start, names.len()))),
        })
    }

    /// Sorts the inputs by name, which is the order that Nix writes. If a name occurs twice, the
    /// last one counts.
    fn sort_inputs(&mut self) {
        let Some(first) = self.node.inputs.ids().next() else { return };
        let Some(inputs) = self.build.inputs.get_mut(first.index()..) else { return };
        if inputs.is_sorted_by(|a, b| a.name < b.name) {
            return;
        }
        inputs.sort_by(|a, b| (a.name, b.ordinal).cmp(&(b.name, a.ordinal)));
        let mut tail = self.build.inputs.split_off(first.index());
        tail.dedup_by_key(|input| input.name);
        self.build.inputs.append(&mut tail);
        self.node.inputs = Range::new(first.index(), self.build.inputs.len());
    }
}

/// What stands in place of a target.
enum NoTarget<'a> {
    /// Neither a string nor an array.
    Value(Loose<'a>),
    /// An array with this item in it.
    Item(Loose<'a>),
}
