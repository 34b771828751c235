//! `options`: what the modules of a system declare, as seen by its other modules.
//!
//! Source: nixpkgs `lib/modules.nix`, `evalOptionValue`.

use super::config::LONGEST;
use super::{ClassId, ModuleKind};
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
            ("isDefined", Some(_)) if self.is_option(class, path) => {
                match self.is_defined(class, path) {
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
        self.has_no_option(class, &path).then_some(false)
    }

    /// Whether no module declares anything at a path: those that are not read declare nothing under a
    /// name that is nobody's, or under one that only modules of the flake know.
    pub(super) fn has_no_option(&mut self, class: ClassId, path: &[Name]) -> bool {
        let is_read = self.class(class).is_some_and(|of| {
            of.unread.is_empty() && matches!(of.kind, ModuleKind::Nixos | ModuleKind::Home)
        });
        if !is_read || path.first().is_none_or(|first| is_of_others(first)) {
            return false;
        }
        let Some((_, upper)) = path.split_last() else { return false };
        upper.is_empty() || self.declares_below(class, upper)
    }

    /// Whether a module that was read declares the option at this very path.
    fn is_option(&mut self, class: ClassId, path: &[Name]) -> bool {
        self.option_above(class, path).is_some_and(|(_, below)| below.is_empty())
    }
}

/// Whether modules that are not part of a flake, but known, declare options under a name: those of NixOS,
/// of homes and of Macs, and of frameworks whose modules are built in.
fn is_of_others(first: &str) -> bool {
    OTHERS.contains(&first)
}

/// Source: the option indices of the manuals of NixOS, home-manager and nix-darwin, 2026-12.
const OTHERS: [&str; 88] = [
    "_module",
    "accounts",
    "amazonImage",
    "appstream",
    "assertions",
    "azure",
    "boot",
    "catppuccin",
    "colmena",
    "console",
    "containers",
    "dconf",
    "deployment",
    "docker",
    "documentation",
    "dockerContainers",
    "dysnomia",
    "ec2",
    "editorconfig",
    "environment",
    "fileSystems",
    "fonts",
    "gtk",
    "hardware",
    "home",
    "home-manager",
    "homebrew",
    "hyperv",
    "i18n",
    "ids",
    "image",
    "isoImage",
    "jobs",
    "krb5",
    "launchd",
    "lib",
    "location",
    "lxc",
    "manual",
    "meta",
    "microvm",
    "nesting",
    "netboot",
    "networking",
    "news",
    "nix",
    "nixops",
    "nixpkgs",
    "nixvim",
    "oci",
    "openstack",
    "pam",
    "passthru",
    "power",
    "powerManagement",
    "programs",
    "proxmox",
    "proxmoxLXC",
    "qt",
    "qt5",
    "sdImage",
    "security",
    "services",
    "snapraid",
    "sound",
    "specialisation",
    "stubby",
    "stylix",
    "submoduleSupport",
    "swapDevices",
    "system",
    "systemd",
    "targets",
    "test",
    "testing",
    "time",
    "uninstall",
    "users",
    "virtualbox",
    "virtualisation",
    "vmware",
    "warnings",
    "wayland",
    "xdg",
    "xfconf",
    "xresources",
    "xsession",
    "zramSwap",
];
