//! Compares two derivations of which one would replace the other: which of their inputs correspond,
//! and how they differ otherwise.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::derivation::{
    Closure, Derivation, DerivationError, Digest, DrvAttribute, DrvId, Piece, attributes,
    package_name, pieces,
};

/// How many characters of a value are kept.
const LONGEST_VALUE: usize = 80;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// An attribute with two values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeDifference {
    /// Its name, or `(sources)` if files differ that no attribute names.
    pub attribute: String,
    /// Both values, with store paths as names, and long values reduced to what differs.
    pub values: [String; 2],
}

/// The result of a comparison.
pub(super) struct ComparedInputs {
    /// The pairs of corresponding inputs.
    pub(super) pairs: Vec<(DrvId, DrvId)>,
    /// How they differ otherwise.
    pub(super) differences: Vec<AttributeDifference>,
}

/// Compares two derivations.
///
/// # Errors
/// A `.drv` cannot be read.
pub(super) fn compare(
    closure: &Closure,
    from: DrvId,
    to: DrvId,
) -> Result<ComparedInputs, DerivationError> {
    let sides = [Side::read(closure, from)?, Side::read(closure, to)?];
    Ok(DerivationComparison { closure, sides, partners: Map::default() }.compare())
}

/// Two derivations beside each other.
struct DerivationComparison<'c> {
    closure: &'c Closure,
    sides: [Side; 2],
    /// Which inputs of the second derivation correspond to each input of the first.
    partners: Map<DrvId, BTreeSet<DrvId>>,
}

/// One of the two derivations.
struct Side {
    /// Its own outputs.
    own: Map<Digest, String>,
    inputs: Vec<DrvId>,
    attributes: Vec<(String, Vec<u8>)>,
    sources: Vec<Vec<u8>>,
}

impl Side {
    fn read(closure: &Closure, id: DrvId) -> Result<Self, DerivationError> {
        let path = closure.node(id).map_or("", |node| &node.path);
        let bytes = closure.store().read(path)?;
        let derivation = Derivation::parse(&bytes)
            .map_err(|error| DerivationError::Malformed { path: path.to_owned(), error })?;
        let outputs = closure.node(id).map_or(&[][..], |node| &node.outputs);
        let attributes = attributes(&derivation);
        let attribute = |it: DrvAttribute<'_>| (it.name.into_owned(), it.value.into_owned());
        Ok(Self {
            own: outputs.iter().map(|(name, digest)| (*digest, name.to_string())).collect(),
            inputs: closure.inputs(id).to_vec(),
            attributes: attributes.into_iter().map(attribute).collect(),
            sources: derivation.input_sources.iter().map(|path| path.to_vec()).collect(),
        })
    }

    fn value(&self, name: &str) -> Option<&[u8]> {
        let at = self.attributes.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        self.attributes.get(at).map(|(_, value)| value.as_slice())
    }
}

impl DerivationComparison<'_> {
    fn compare(mut self) -> ComparedInputs {
        let [one, other] = &self.sides;
        let mut named: HashSet<DrvId> = HashSet::new();
        let mut pairs: Vec<(DrvId, DrvId)> = Vec::new();
        for (name, value) in &one.attributes {
            let Some(value2) = other.value(name) else {
                named.extend(self.inputs_in(value, one));
                continue;
            };
            let (a, b) = (self.inputs_in(value, one), self.inputs_in(value2, other));
            pairs.extend(self.paired(&a, &b));
            named.extend(a.into_iter().chain(b));
        }
        for (name, value) in &other.attributes {
            if one.value(name).is_none() {
                named.extend(self.inputs_in(value, other));
            }
        }
        // An input that no attribute names is only known by its name.
        let unnamed = |side: &Side| -> Vec<DrvId> {
            side.inputs.iter().copied().filter(|input| !named.contains(input)).collect()
        };
        pairs.extend(self.by_name(&unnamed(one), &unnamed(other)));
        let mut seen = HashSet::new();
        pairs.retain(|pair| seen.insert(*pair));
        for (a, b) in &pairs {
            self.partners.entry(*a).or_default().insert(*b);
        }
        let differences = self.differences();
        ComparedInputs { pairs, differences }
    }

    /// The inputs whose paths are in a text, in order.
    fn inputs_in(&self, text: &[u8], side: &Side) -> Vec<DrvId> {
        let pieces = pieces(text, self.closure.store().prefix()).into_iter();
        pieces
            .filter_map(|piece| match piece {
                Piece::Path(digest) if !side.own.contains_key(&digest) => {
                    self.closure.maker(&digest)
                }
                _ => None,
            })
            .collect()
    }

    /// Which entries of two lists correspond: by position if they are similar, else by name.
    fn paired(&self, a: &[DrvId], b: &[DrvId]) -> Vec<(DrvId, DrvId)> {
        let name = |id: &DrvId| package_name(self.closure.name(*id));
        if a.len() == b.len() && a.iter().map(name).eq(b.iter().map(name)) {
            let pairs = a.iter().copied().zip(b.iter().copied());
            return pairs.filter(|(a, b)| self.may_pair(*a, *b)).collect();
        }
        self.by_name(a, b)
    }

    fn by_name(&self, a: &[DrvId], b: &[DrvId]) -> Vec<(DrvId, DrvId)> {
        let (in_a, in_b): (HashSet<_>, HashSet<_>) =
            (a.iter().copied().collect(), b.iter().copied().collect());
        let mut groups: BTreeMap<&str, [Vec<DrvId>; 2]> = BTreeMap::new();
        for (list, others, at) in [(a, &in_b, 0), (b, &in_a, 1)] {
            let mut seen = HashSet::new();
            for id in list.iter().filter(|id| !others.contains(id) && seen.insert(**id)) {
                let group = groups.entry(package_name(self.closure.name(*id))).or_default();
                if let Some(group) = group.get_mut(at) {
                    group.push(*id);
                }
            }
        }
        let mut pairs = Vec::new();
        for [a, b] in groups.into_values().filter(|[a, b]| a.len() == b.len()) {
            pairs.extend(a.into_iter().zip(b).filter(|(a, b)| self.may_pair(*a, *b)));
        }
        pairs
    }

    /// Fixed outputs are compared by their text, like sources.
    fn may_pair(&self, a: DrvId, b: DrvId) -> bool {
        a != b && !self.closure.is_fixed(a) && !self.closure.is_fixed(b)
    }

    fn differences(&self) -> Vec<AttributeDifference> {
        let [one, other] = &self.sides;
        let names = one.attributes.iter().chain(&other.attributes).map(|(name, _)| name.as_str());
        let names: BTreeSet<&str> = names.collect();
        let mut found: Vec<AttributeDifference> = names
            .into_iter()
            .filter(|name| !self.is_alike(one.value(name), other.value(name)))
            .map(|name| self.difference(name, one.value(name), other.value(name)))
            .collect();
        // Another version is what matters, and the reason for all other differences.
        if let Some(version) = found.iter().position(|difference| difference.attribute == "version")
        {
            return vec![found.swap_remove(version)];
        }
        if found.is_empty() && one.sources != other.sources {
            let only = |side: &Side, than: &Side| {
                let sources = side.sources.iter().filter(|source| !than.sources.contains(source));
                let names: Vec<String> = sources.map(|source| self.shown(source)).collect();
                shortened(&names.join(" "))
            };
            let values = [only(one, other), only(other, one)];
            found.push(AttributeDifference { attribute: "(sources)".to_owned(), values });
        }
        found
    }

    /// Whether two texts are the same, except for the derivations' own outputs and corresponding
    /// inputs.
    fn is_alike(&self, a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
        let (Some(a), Some(b)) = (a, b) else { return a.is_none() && b.is_none() };
        if a == b {
            return true;
        }
        let prefix = self.closure.store().prefix();
        let (a, b) = (pieces(a, prefix), pieces(b, prefix));
        a.len() == b.len()
            && a.iter().zip(&b).all(|pieces| match pieces {
                (Piece::Text(a), Piece::Text(b)) => a == b,
                (Piece::Path(a), Piece::Path(b)) => self.is_same_place(a, b),
                _ => false,
            })
    }

    fn is_same_place(&self, a: &Digest, b: &Digest) -> bool {
        let [one, other] = &self.sides;
        if a == b {
            return true;
        }
        if let (Some(a), Some(b)) = (one.own.get(a), other.own.get(b)) {
            return a == b;
        }
        let output = |id: DrvId, digest: &Digest| {
            let outputs = &self.closure.node(id)?.outputs;
            outputs.iter().find(|(_, known)| known == digest).map(|(name, _)| name)
        };
        let (Some(from), Some(to)) = (self.closure.maker(a), self.closure.maker(b)) else {
            return false;
        };
        self.partners.get(&from).is_some_and(|partners| partners.contains(&to))
            && output(from, a) == output(to, b)
    }

    fn difference(&self, name: &str, a: Option<&[u8]>, b: Option<&[u8]>) -> AttributeDifference {
        let shown = |value: Option<&[u8]>| value.map(|value| self.shown(value)).unwrap_or_default();
        let (a, b) = (shown(a), shown(b));
        let is_short = a.chars().count().max(b.chars().count()) <= LONGEST_VALUE;
        let values = if is_short { [a, b] } else { [words_only_in(&a, &b), words_only_in(&b, &a)] };
        AttributeDifference { attribute: name.to_owned(), values }
    }

    /// A text with store paths replaced by their names.
    fn shown(&self, text: &[u8]) -> String {
        let prefix = self.closure.store().prefix();
        let mut shown = String::new();
        let mut rest = text;
        for piece in pieces(text, prefix) {
            match piece {
                Piece::Text(text) => {
                    shown += &String::from_utf8_lossy(text);
                    rest = rest.get(text.len()..).unwrap_or_default();
                }
                Piece::Path(_) => {
                    // After the digest and its dash.
                    let name = rest.get(prefix.len() + 33..).unwrap_or_default();
                    let is_end =
                        |byte: &u8| !byte.is_ascii_alphanumeric() && !b"+-._?=".contains(byte);
                    let end = name.iter().position(is_end).unwrap_or(name.len());
                    shown += &String::from_utf8_lossy(name.get(..end).unwrap_or_default());
                    rest = name.get(end..).unwrap_or_default();
                }
            }
        }
        shown
    }
}

/// The words of a text that another one does not contain.
fn words_only_in(text: &str, other: &str) -> String {
    let known: HashSet<&str> = other.split_whitespace().collect();
    let words: Vec<&str> = text.split_whitespace().filter(|word| !known.contains(word)).collect();
    shortened(&words.join(" "))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST_VALUE - 1).collect();
    short.push('…');
    short
}
