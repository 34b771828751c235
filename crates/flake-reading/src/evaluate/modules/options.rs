//! `options`: what the modules of a system declare, as seen by its other modules.
//!
//! Source: nixpkgs `lib/modules.nix`, `evalOptionValue`.

use super::ClassId;
use super::config::LONGEST;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Names, Value};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// An attribute in `options`: a set of options, an option, or something of one.
    pub(in crate::evaluate) fn in_options(
        &mut self,
        class: ClassId,
        path: &Names,
        name: &Name,
    ) -> Value {
        if path.len() >= LONGEST {
            return Value::condition();
        }
        match (&**name, path.split_last()) {
            ("value", Some(_)) if self.is_option(class, path) => {
                self.resolve(Value::Config(class, path.clone()))
            }
            ("isDefined", Some((last, upper))) if self.is_option(class, path) => {
                let upper: Names = upper.into();
                match self.config_has(class, &upper, last) {
                    Some(is_defined) => Value::Bool(is_defined),
                    // Modules that are not read may set it.
                    None if self.class(class).is_none_or(|of| !of.unread.is_empty()) => {
                        Value::condition()
                    }
                    None => Value::Bool(false),
                }
            }
            _ => Value::Options(class, path.iter().cloned().chain([name.clone()]).collect()),
        }
    }

    /// Whether there is such an option, or a set of options, if that is certain.
    pub(in crate::evaluate) fn options_have(
        &mut self,
        class: ClassId,
        path: &Names,
        name: &str,
    ) -> Option<bool> {
        let path: Names = path.iter().cloned().chain([Name::from(name)]).collect();
        let is_collected = self.class(class).is_some_and(|of| of.collecting == 0);
        if !is_collected {
            return None;
        }
        if self.is_option(class, &path) || self.declares_below(class, &path) {
            return Some(true);
        }
        // Others may be declared by modules that are not read, nixpkgs' own among them: but those
        // declare nothing under a name that only modules of the flake know.
        let (_, upper) = path.split_last()?;
        let is_own = !upper.is_empty() && self.declares_below(class, upper);
        let is_read = self.class(class).is_some_and(|of| of.unread.is_empty());
        (is_own && is_read && !is_of_nixpkgs(upper)).then_some(false)
    }

    /// Whether a module that was read declares the option at this very path.
    fn is_option(&mut self, class: ClassId, path: &[Name]) -> bool {
        self.option_above(class, path).is_some_and(|(_, below)| below.is_empty())
    }
}

/// Whether modules of nixpkgs, of homes and of Macs declare options under the first of these names.
fn is_of_nixpkgs(path: &[Name]) -> bool {
    path.first().is_some_and(|first| {
        matches!(
            &**first,
            "accounts"
                | "boot"
                | "console"
                | "containers"
                | "dconf"
                | "documentation"
                | "environment"
                | "fileSystems"
                | "fonts"
                | "gtk"
                | "hardware"
                | "home"
                | "homebrew"
                | "i18n"
                | "image"
                | "launchd"
                | "networking"
                | "nix"
                | "nixpkgs"
                | "power"
                | "powerManagement"
                | "programs"
                | "qt"
                | "security"
                | "services"
                | "system"
                | "systemd"
                | "time"
                | "users"
                | "virtualisation"
                | "wayland"
                | "xdg"
                | "xsession"
        )
    })
}
