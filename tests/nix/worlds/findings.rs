//! The findings of flake-audit for worlds.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::root;
use super::shape::{CHANGED, Kind, Main, Output};
use super::yard::Yard;
use crate::program::Nix;
use crate::world::SYSTEM;

/// The available knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// All sources are on disk.
    Sources,
    /// Only the root is.
    Root,
    /// There is only a lock.
    Lock,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Sources, Self::Root, Self::Lock];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sources => "all sources on disk",
            Self::Root => "the root's source only",
            Self::Lock => "the lock only",
        }
    }
}

/// How strongly something is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loudness {
    Silent,
    Light,
    Firm,
}

/// The rules about things that are built together and disagree.
const RULES: [&str; 5] = [
    "unconfigured-nixpkgs",
    "unconfigured-secondary",
    "raw-through-wrapper",
    "inline-configuration",
    "root-unconfigured",
];

/// The findings for one world.
#[derive(Debug, Clone)]
pub(super) struct Told {
    report: Value,
}

impl Told {
    fn findings(&self) -> impl Iterator<Item = (&Value, Loudness)> {
        let findings = self.report["findings"].as_array().unwrap().iter();
        findings.filter(|it| RULES.contains(&it["rule"].as_str().unwrap())).filter_map(
            |it| match it["level"].as_str().unwrap() {
                "deny" => Some((it, Loudness::Firm)),
                "warn" => Some((it, Loudness::Light)),
                _ => None,
            },
        )
    }

    /// How strongly the whole world is reported.
    pub(super) fn loudest(&self) -> Loudness {
        self.findings().map(|it| it.1).max().unwrap_or(Loudness::Silent)
    }

    /// Whether its findings name outputs, which is impossible from a lock alone.
    pub(super) fn is_per_output(&self) -> bool {
        self.report["outputs"].as_array().is_some_and(|outputs| !outputs.is_empty())
    }

    /// How strongly an output is reported. A finding without outputs concerns all.
    pub(super) fn of(&self, output: &Output) -> Loudness {
        let concerned = |finding: &Value| {
            let outputs = finding["outputs"].as_array().map_or(&[][..], Vec::as_slice);
            outputs.is_empty() || outputs.iter().any(|it| self.is_named(it, output))
        };
        let loud = self.findings().filter(|it| concerned(it.0)).map(|it| it.1);
        loud.max().unwrap_or(Loudness::Silent)
    }

    /// Whether this names an output, or something in it.
    fn is_named(&self, it: &Value, output: &Output) -> bool {
        let path = without_system(&root::path(output).join("."));
        self.name(it).as_deref().map(without_system).is_some_and(|name| {
            name == path || name.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// The name of an output in a report or finding: its attribute path.
    fn name(&self, output: &Value) -> Option<String> {
        let path = output.as_array().or_else(|| output["path"].as_array())?;
        let names = path.iter().filter_map(Value::as_str);
        Some(names.collect::<Vec<_>>().join("."))
    }

    /// Whether the report says that an output, or any, was not fully read.
    pub(super) fn is_read_in_part(&self, output: Option<&Output>) -> bool {
        let outputs = self.report["outputs"].as_array().map_or(&[][..], Vec::as_slice);
        let concerned = |it: &&Value| output.is_none_or(|output| self.is_named(it, output));
        outputs.iter().filter(concerned).any(|it| it["read"] != "whole")
    }

    /// Whether a firm finding names a package that was seen.
    pub(super) fn names_a_package(&self) -> bool {
        let firm = self.findings().filter(|it| it.1 == Loudness::Firm);
        firm.map(|it| it.0).any(|finding| {
            let message = finding["message"].as_str().unwrap_or_default();
            let notes = finding["notes"].as_array().map_or(&[][..], Vec::as_slice);
            let texts = notes.iter().filter_map(Value::as_str).chain([message]);
            // Names are in backticks; "any torch" is none.
            let quoted = texts.flat_map(|text| text.split('`').skip(1).step_by(2));
            finding["packages"].as_array().is_some_and(|names| !names.is_empty())
                || quoted
                    .filter_map(|name| name.rsplit('.').next())
                    .any(|name| CHANGED.iter().any(|it| it.rsplit('.').next() == Some(name)))
        })
    }

    /// The findings as lines.
    pub(super) fn lines(&self) -> Vec<String> {
        self.findings()
            .map(|(it, _)| {
                let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
                format!("{}[{}]: {}", text("level"), text("rule"), text("message"))
            })
            .collect()
    }
}

/// An output's name without a system.
fn without_system(name: &str) -> String {
    let is_system = |part: &&str| {
        matches!(*part, SYSTEM | "aarch64-linux" | "*" | "<system>" | "${system}")
            || part.is_empty()
    };
    let parts: Vec<&str> = name.split('.').filter(|part| !is_system(part)).collect();
    parts.join(".")
}

/// The findings for these folders, in order, with this knowledge.
pub(super) fn ask(yard: &Yard, folders: &[PathBuf], way: Way) -> Vec<Told> {
    if folders.is_empty() {
        return Vec::new();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
    command.args(["check", "--format", "json"]).current_dir(yard.path());
    command.env_remove("NIX_STORE_DIR");
    match way {
        Way::Sources => command.arg("--store").arg(yard.store()),
        Way::Root => command.arg("--store").arg(yard.nothing()),
        Way::Lock => command.arg("--no-source"),
    };
    let output = Nix::settle(&mut command).args(folders).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {complaints}"));
    let reports = document["reports"].as_array().unwrap();
    assert_eq!(reports.len(), folders.len(), "{complaints}");
    reports
        .iter()
        .zip(folders)
        .map(|(report, folder)| {
            assert!(report["error"].is_null(), "{}: {}", folder.display(), report["error"]);
            Told { report: report.clone() }
        })
        .collect()
}

#[test]
fn findings_name_their_outputs_in_some_way() {
    let output = |kind, name| Output {
        kind,
        name,
        main: Main::Instance(0),
        overlays: Vec::new(),
        layers: Vec::new(),
        takes: Vec::new(),
        file: false,
        with: false,
    };
    let host = output(Kind::Host, "desk");
    let shell = output(Kind::Shell, "desk");
    for path in [
        json!(["nixosConfigurations", "desk"]),
        json!(["nixosConfigurations", "desk", "config", "system", "build", "toplevel"]),
    ] {
        let report = json!({
            "outputs": [
                { "path": ["packages", "x86_64-linux", "lap"] },
                { "path": ["nixosConfigurations", "desk"] },
            ],
            "findings": [
                { "rule": "inline-configuration", "level": "deny", "outputs": [path] },
                { "rule": "root-unconfigured", "level": "warn", "outputs": [["devShells", "*", "desk"]] },
                { "rule": "duplicate-nixpkgs", "level": "deny",
                  "outputs": [["devShells", "x86_64-linux", "desk"]] },
            ],
        });
        let told = Told { report };
        assert!(told.is_per_output());
        assert_eq!(told.of(&host), Loudness::Firm, "{path}");
        assert_eq!(told.of(&shell), Loudness::Light);
        assert_eq!(told.of(&output(Kind::Shell, "des")), Loudness::Silent);
    }
}
