//! One entry of `nodes`.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Build;
use super::loose::{self, Loose, LooseSeed, Name};
use crate::lock::attributes::Slice;
use crate::lock::{Attribute, Defect, Input, Node, Range, Site, WrittenTarget};

/// Reads a node and appends it.
pub(super) struct NodeSeed<'b, 'a> {
    pub(super) build: &'b mut Build<'a>,
    pub(super) key: &'a str,
}

impl<'a> DeserializeSeed<'a> for NodeSeed<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        let ordinal = self.build.nodes.len();
        let node = Node {
            key: self.key,
            inputs: Range::new(0, 0),
            flake: true,
            build_time: false,
            defects: None,
            locked: None,
            original: None,
            parent: None,
            ordinal: u32::try_from(ordinal).map_err(D::Error::custom)?,
        };
        let mut visitor = NodeVisitor { build: &mut *self.build, node };
        let object = json.deserialize_any(&mut visitor)?;
        let mut node = visitor.node;
        if !object {
            node.blame(Site::Node, format!("node `{}` must be an object", node.key));
        }
        self.build.nodes.push(node);
        Ok(())
    }
}

impl<'a> Node<'a> {
    /// Stores a mistake in the node.
    fn blame(&mut self, site: Site<'a>, message: String) {
        self.defects.get_or_insert_default().0.push(Defect { message, site });
    }
}

struct NodeVisitor<'b, 'a> {
    build: &'b mut Build<'a>,
    node: Node<'a>,
}

impl<'a> Visitor<'a> for &mut NodeVisitor<'_, 'a> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<bool, M::Error> {
        let strings = self.build.unescaped;
        while let Some(name) = map.next_key_seed(Name(strings))? {
            match name {
                "inputs" => map.next_value_seed(InputsSeed(&mut *self))?,
                "locked" => self.node.locked = self.reference("locked", &mut map)?,
                "original" => self.node.original = self.reference("original", &mut map)?,
                "info" => {
                    if let Some(info) = self.reference("info", &mut map)? {
                        self.build.info.push((self.node.ordinal, info));
                    }
                }
                "flake" => match map.next_value_seed(LooseSeed(strings))? {
                    Loose::Bool(flake) => self.node.flake = flake,
                    other => {
                        let message = format!("`flake` must be a boolean, not {}", other.kind());
                        self.node.blame(Site::Member("flake"), message);
                    }
                },
                "buildTime" => {
                    let value = map.next_value_seed(LooseSeed(strings))?;
                    self.node.build_time = matches!(value, Loose::Bool(true));
                }
                "parent" => {
                    let target = map.next_value_seed(TargetSeed(&mut *self.build))?;
                    if let Ok(WrittenTarget::Follows(path)) = target {
                        self.node.parent = Some(path);
                    } else {
                        let message = "`parent` must be an array of strings".into();
                        self.node.blame(Site::Member("parent"), message);
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(true)
    }

    loose::visit_others_as!(false);
}

impl<'a> NodeVisitor<'_, 'a> {
    /// Reads the attributes of a reference. `None` if it is no object.
    fn reference<M: MapAccess<'a>>(
        &mut self,
        member: &'static str,
        map: &mut M,
    ) -> Result<Option<Slice>, M::Error> {
        let start = self.build.attributes.len();
        let seed = AttributesSeed { visitor: &mut *self, member };
        if !map.next_value_seed(seed)? {
            self.node.blame(Site::Member(member), format!("`{member}` must be an object"));
            return Ok(None);
        }
        Ok(Some(Slice::new(start, self.build.attributes.len())))
    }

    fn push_input(&mut self, name: &'a str, target: Result<WrittenTarget<'a>, NoTarget<'a>>) {
        let start = self.node.inputs.ids().next().map_or(self.build.inputs.len(), |id| id.index());
        match target {
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

/// The object `inputs`.
struct InputsSeed<'v, 'b, 'a>(&'v mut NodeVisitor<'b, 'a>);

impl<'a> DeserializeSeed<'a> for InputsSeed<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        let visitor = self.0;
        visitor.node.inputs = Range::new(0, 0);
        if json.deserialize_any(InputsVisitor(&mut *visitor))? {
            visitor.sort_inputs();
        } else {
            visitor.node.blame(Site::Member("inputs"), "`inputs` must be an object".into());
        }
        Ok(())
    }
}

struct InputsVisitor<'v, 'b, 'a>(&'v mut NodeVisitor<'b, 'a>);

impl<'a> Visitor<'a> for InputsVisitor<'_, '_, 'a> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<bool, M::Error> {
        while let Some(name) = map.next_key_seed(Name(self.0.build.unescaped))? {
            let target = map.next_value_seed(TargetSeed(&mut *self.0.build))?;
            self.0.push_input(name, target);
        }
        Ok(true)
    }

    /// Nix iterates over any value here; items of an array get their indices as names.
    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<bool, S::Error> {
        let mut index = 0_usize;
        while let Some(target) = seq.next_element_seed(TargetSeed(&mut *self.0.build))? {
            let name = self.0.build.unescaped.keep(&index.to_string());
            self.0.push_input(name, target);
            index += 1;
        }
        Ok(true)
    }

    loose::visit_scalars_as!(false);
}

/// What stands in place of a target.
enum NoTarget<'a> {
    /// Neither a string nor an array.
    Value(Loose<'a>),
    /// An array with this item in it.
    Item(Loose<'a>),
}

/// The value of an input: a key, a path, or something else.
struct TargetSeed<'b, 'a>(&'b mut Build<'a>);

impl<'a> DeserializeSeed<'a> for TargetSeed<'_, 'a> {
    type Value = Result<WrittenTarget<'a>, NoTarget<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for TargetSeed<'_, 'a> {
    type Value = Result<WrittenTarget<'a>, NoTarget<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node key or a follows path")
    }

    fn visit_borrowed_str<E>(self, key: &'a str) -> Result<Self::Value, E> {
        Ok(Ok(WrittenTarget::Direct(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Ok(WrittenTarget::Direct(self.0.unescaped.keep(key))))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let start = self.0.names.len();
        let mut strange = None;
        while let Some(item) = seq.next_element_seed(LooseSeed(self.0.unescaped))? {
            match item {
                Loose::Text(name) => self.0.names.push(name),
                other => strange = strange.or(Some(other)),
            }
        }
        Ok(match strange {
            Some(other) => Err(NoTarget::Item(other)),
            None => Ok(WrittenTarget::Follows(Slice::new(start, self.0.names.len()))),
        })
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Self::Value, E> {
        Ok(Err(NoTarget::Value(Loose::Bool(bool))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Err(NoTarget::Value(Loose::Number(number))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Err(NoTarget::Value(Loose::Number(number.cast_unsigned()))))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err(NoTarget::Value(Loose::Number(0))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(NoTarget::Value(Loose::Null)))
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(NoTarget::Value(Loose::Object)))
    }
}

/// The object `locked`, `original` or `info`.
struct AttributesSeed<'v, 'b, 'a> {
    visitor: &'v mut NodeVisitor<'b, 'a>,
    member: &'static str,
}

impl<'a> DeserializeSeed<'a> for AttributesSeed<'_, '_, 'a> {
    type Value = bool;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for AttributesSeed<'_, '_, 'a> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<bool, M::Error> {
        let build = &mut *self.visitor.build;
        while let Some(name) = map.next_key_seed(Name(build.unescaped))? {
            let value = map.next_value_seed(LooseSeed(build.unescaped))?;
            match value.attribute() {
                Some(value) => build.attributes.push(Attribute::new(name, value)),
                None => {
                    let message = format!(
                        "attribute `{name}` of `{}` must be a string, number or boolean, not {}",
                        self.member,
                        value.kind()
                    );
                    self.visitor.node.blame(Site::Inner(self.member, name), message);
                }
            }
        }
        Ok(true)
    }

    loose::visit_others_as!(false);
}
