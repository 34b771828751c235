//! The settings of a wrapper: names in nixpkgs' `config`, and literal values.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::ops::Bound;

use super::{Literal, NoLiteral};
use crate::source::nixpkgs_config;
use crate::text::{AttrPath, Visible, nearest};

/// Settings, in the order in which to write them. No name is a prefix of another, so that all fit
/// into one attribute set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrapperSettings {
    entries: Vec<WrapperSetting>,
    /// The index in `entries` of each.
    places: BTreeMap<Vec<String>, usize>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapperSetting {
    /// Its name in `config`: attribute names, at least one.
    pub path: Vec<String>,
    /// Its value.
    pub value: Literal,
}

impl WrapperSettings {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The settings, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &WrapperSetting> {
        self.entries.iter()
    }

    /// Adds a setting.
    ///
    /// # Errors
    /// The existing setting that conflicts with it: of the same name, or of a longer or shorter
    /// one.
    pub fn add(&mut self, setting: WrapperSetting) -> Result<(), &WrapperSetting> {
        let clash = self.clash(&setting.path);
        if clash.is_none() {
            self.places.insert(setting.path.clone(), self.entries.len());
            self.entries.push(setting);
        }
        clash.and_then(|at| self.entries.get(at)).map_or(Ok(()), Err)
    }

    /// These settings, preceded by those of `others` that do not conflict with them.
    #[must_use]
    pub fn over(self, others: WrapperSettings) -> WrapperSettings {
        let mut both = WrapperSettings::default();
        let others = others.entries.into_iter().filter(|other| self.clash(&other.path).is_none());
        for setting in others.collect::<Vec<_>>().into_iter().chain(self.entries) {
            // Neither conflicts with itself.
            let _ = both.add(setting);
        }
        both
    }

    /// Whether a setting is there and is not plainly off.
    pub fn has(&self, name: &str) -> bool {
        let at = self.places.get([name.to_owned()].as_slice());
        let setting = at.and_then(|at| self.entries.get(*at));
        setting.is_some_and(|setting| setting.value != Literal::bool(false))
    }

    /// The index of a setting that conflicts with this name.
    fn clash(&self, path: &[String]) -> Option<usize> {
        let shorter = (1..=path.len()).find_map(|len| self.places.get(path.get(..len)?));
        let longer = || {
            let from = (Bound::Included(path), Bound::Unbounded);
            self.places
                .range::<[String], _>(from)
                .next()
                .filter(|(longer, _)| longer.starts_with(path))
        };
        shorter.or_else(|| longer().map(|(_, at)| at)).copied()
    }
}

impl WrapperSetting {
    /// Reads `NAME=VALUE` from the command line. The second value tells whether VALUE is taken as a
    /// string although it has no quotes.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<(Self, bool), String> {
        let (name, value) = text.split_once('=').ok_or("it is no NAME=VALUE")?;
        let (name, value) = (name.trim(), value.trim());
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err("a name is missing".into());
        }
        if value.is_empty() {
            return Err("a value is missing; the empty string is `\"\"`".into());
        }
        let is_nix = value.starts_with(['"', '[', '{', '(']) || value.starts_with("''");
        let (value, is_bare) = match Literal::parse(value) {
            Ok(value) => (value, false),
            Err(_) if !is_nix => (Literal::string(value), true),
            Err(NoLiteral::Syntax(error)) => return Err(format!("no Nix: {}", error.message)),
            Err(NoLiteral::Computed) => {
                return Err("the value has to be evaluated: only literals can be given".into());
            }
        };
        Ok((Self { path, value }, is_bare))
    }

    /// `joypixels.acceptLicense`
    pub fn name(&self) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        AttrPath(&path).to_string()
    }

    /// The setting that was probably meant, if nixpkgs has none of this name.
    pub fn probably_meant(&self) -> Option<&'static str> {
        let first = self.path.first()?;
        match nixpkgs_config::kind(first) {
            Some(_) => None,
            None => nearest(first, nixpkgs_config::keys()),
        }
    }

    /// Whether its value is one that nixpkgs refuses.
    pub fn is_misused(&self) -> bool {
        let is_boolean = self.path.first().is_some_and(|first| nixpkgs_config::is_boolean(first));
        is_boolean && ![true, false].map(Literal::bool).contains(&self.value)
    }
}

/// `cudaSupport, allowUnfree and 2 more`, safe to show and to put into a comment.
impl Display for WrapperSettings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        /// How many names are shown.
        const MOST: usize = 3;
        let names = self.iter().map(WrapperSetting::name);
        let mut names: Vec<_> = names.map(|name| Visible(&name).to_string()).collect();
        let total = names.len();
        if total > MOST {
            names.truncate(MOST - 1);
            names.push(format!("{} more", total - names.len()));
        }
        match names.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, before)) => write!(f, "{} and {last}", before.join(", ")),
            None => f.write_str("no settings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(text: &str) -> WrapperSetting {
        WrapperSetting::parse(text).unwrap().0
    }

    fn read(text: &str) -> String {
        match WrapperSetting::parse(text) {
            Ok((setting, bare)) => {
                let mut value = String::new();
                setting.value.write(&mut value, 0);
                format!("{} = {value};{}", setting.name(), if bare { " # bare" } else { "" })
            }
            Err(problem) => problem,
        }
    }

    #[test]
    fn names_and_values_are_read() {
        insta::assert_snapshot!(
            [
                "cudaSupport=true",
                "cudaCapabilities=[\"8.6\"]",
                "joypixels.acceptLicense = true",
                "x=1",
                "x=8.6",
                "x=\"a = b\"",
                "x=a = b",
                "x=sm_86",
                "x=./a",
                "x=https://example.org",
                "x=${y}",
                "in.\"a=1",
                "x={ a = [ ]; }",
                "x",
                "=1",
                "a..b=1",
                "x=",
                "x=[ 1",
                "x=[ y ]",
                "x=\"${y}\"",
                "x=(1",
            ]
            .map(|text| format!("{text:32}{}", read(text)))
            .join("\n")
        );
    }

    #[test]
    fn no_setting_is_another_ones_beginning() {
        let mut settings = WrapperSettings::default();
        settings.add(setting("a.b=1")).unwrap();
        for clash in ["a.b=1", "a=1", "a.b.c=1"] {
            assert_eq!(settings.add(setting(clash)).unwrap_err().name(), "a.b", "{clash}");
        }
        settings.add(setting("a.c=1")).unwrap();
        let mut over = WrapperSettings::default();
        over.add(setting("a=2")).unwrap();
        over.add(setting("b=2")).unwrap();
        let both = over.clone().over(settings.clone());
        assert_eq!(both, over);
        assert_eq!(settings.clone().over(over).iter().len(), 3);
        assert_eq!(settings.to_string(), "a.b and a.c");
        assert_eq!(both.to_string(), "a and b");
    }

    #[test]
    fn misspelt_names_are_seen() {
        assert_eq!(setting("cudasupport=true").probably_meant(), Some("cudaSupport"));
        assert_eq!(setting("cudaSupport=true").probably_meant(), None);
        assert_eq!(setting("somethingElse.x=true").probably_meant(), None);
    }
}
