//! What to do after a run with findings: how to repair, learn more, and accept them.

use std::path::Path;

use super::ReportStyle;
use super::layout::{Layout, TextTone};
use crate::audit::Reported;
use crate::finding::Strength;
use crate::graph::InputPath;
use crate::text::Visible;

/// The ways out of a run.
#[derive(Debug, Clone, Default)]
pub struct WaysOut {
    /// How many findings `fix` repairs.
    pub fixable: usize,
    /// Folders of flakes in which it does.
    pub folders: Vec<String>,
    /// Arguments of the run that `fix` needs, too.
    pub arguments: Vec<String>,
    /// The first of the most severe findings that were shown.
    pub first: Option<Accepting>,
}

/// What is needed to accept a finding.
#[derive(Debug, Clone)]
pub struct Accepting {
    /// Its rule.
    pub rule: &'static str,
    /// The inputs that it is about; empty for the whole flake.
    pub inputs: Vec<Vec<String>>,
    /// Whether it is light.
    pub is_light: bool,
}

impl Accepting {
    /// The data of a finding.
    pub fn of(finding: &Reported<'_>) -> Self {
        let names =
            |path: &InputPath<'_>| path.names().iter().map(|&name| name.to_owned()).collect();
        let inputs = match finding.parts.as_slice() {
            [] => std::slice::from_ref(&finding.input_path),
            parts => parts,
        };
        let inputs = inputs.iter().filter(|path| !path.names().is_empty()).map(names).collect();
        let is_light = finding.strength == Some(Strength::Light);
        Self { rule: finding.rule.id, inputs, is_light }
    }
}

/// The most inputs in an exemption; for more, the level of the rule is set instead.
const INPUTS: usize = 8;

/// The most flakes in a command.
const FOLDERS: usize = 3;

impl WaysOut {
    /// The text; empty if nothing was found.
    pub fn text(&self, show: ReportStyle) -> String {
        let Some(first) = &self.first else { return String::new() };
        let layout = Layout::new(show);
        let mut text = String::new();
        if self.fixable > 0 {
            let fix = self.command();
            text += &layout.paragraph(
                "repair: ",
                TextTone::Help,
                &format!("`{fix}` (`--diff` shows it first)"),
            );
        }
        let explain = format!("`flake-audit explain {}`", first.rule);
        text += &layout.paragraph("explain: ", TextTone::Help, &explain);
        text += &layout.paragraph("accept: ", TextTone::Help, "add to flake-audit.toml:");
        for line in first.lines().lines() {
            text += &format!("    {line}\n");
        }
        text
    }

    fn command(&self) -> String {
        let mut command = vec!["flake-audit fix".to_owned()];
        command.extend(self.arguments.iter().map(|argument| quoted(argument)));
        let folders = self.folders.iter().filter(|folder| Path::new(folder) != Path::new("."));
        match self.folders.len() {
            0..=FOLDERS => command.extend(folders.map(|folder| quoted(folder))),
            _ => command.push("PATH…".to_owned()),
        }
        command.join(" ")
    }
}

impl Accepting {
    /// The lines for the configuration.
    fn lines(&self) -> String {
        /// Width of a list on one line.
        const WIDTH: usize = 64;
        let rule = self.rule;
        if self.is_light && self.inputs.len() > INPUTS {
            return format!("[rules]\n{rule} = {{ light = \"allow\" }}\n");
        }
        let paths: Vec<String> = self.inputs.iter().map(|names| in_toml(names)).collect();
        let list = paths.join(", ");
        let input = match paths.as_slice() {
            [] => "input = \"\"".to_owned(),
            [only] => format!("input = {only}"),
            _ if list.len() <= WIDTH => format!("inputs = [{list}]"),
            _ => format!("inputs = [\n    {},\n]", paths.join(",\n    ")),
        };
        format!("[[exempt]]\nrule = \"{rule}\"\n{input}\nreason = \"WHY\"\n")
    }
}

/// An input path in the configuration's syntax.
fn in_toml(names: &[String]) -> String {
    let quoted = |text: &str| Visible(&toml::Value::from(text).to_string()).to_string();
    if names.iter().any(|name| name.contains('/')) {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        return format!("[{}]", names.join(", "));
    }
    quoted(&names.join("/"))
}

/// An argument quoted for a shell.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    Visible(&format!("'{}'", argument.replace('\'', r"'\''"))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigExemption};

    #[test]
    fn an_exemption_that_is_pasted_matches_its_finding() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let (simple, odd) = (names(&["a", "nixpkgs"]), names(&["a/b", "c\"d"]));
        let many: Vec<_> = (0..INPUTS).map(|n| names(&[&format!("dependency-{n}"), "b"])).collect();
        for inputs in [vec![simple.clone()], vec![odd.clone()], vec![], vec![simple, odd], many] {
            let accepting = Accepting { rule: "node-cycle", inputs, is_light: true };
            let text = accepting.lines();
            let config = Config::parse(Path::new("f"), &text, &["node-cycle"]).unwrap();
            let mut paths = accepting.inputs.clone();
            paths.extend(accepting.inputs.is_empty().then(Vec::new));
            for path in &paths {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let applies = |exemption: &ConfigExemption| exemption.applies("node-cycle", &path);
                assert!(config.exempt.iter().any(applies), "{text}");
            }
            let other = |exemption: &ConfigExemption| exemption.applies("node-cycle", &["other"]);
            assert!(!config.exempt.iter().any(other), "{text}");
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_accepted_by_its_level() {
        let inputs = (0..=INPUTS).map(|n| vec![format!("dep-{n}")]).collect();
        let text = Accepting { rule: "node-cycle", inputs, is_light: true }.lines();
        assert!(Config::parse(Path::new("f"), &text, &["node-cycle"]).is_ok());
        assert_eq!(text, "[rules]\nnode-cycle = { light = \"allow\" }\n");
    }

    #[test]
    fn the_command_repeats_what_it_takes() {
        let ways = WaysOut {
            fixable: 1,
            folders: vec!["a b".into()],
            arguments: vec!["--configured".into(), "nixpkgs-gpu".into()],
            first: None,
        };
        assert_eq!(ways.command(), "flake-audit fix --configured nixpkgs-gpu 'a b'");
        let here = WaysOut { folders: vec![".".into()], ..WaysOut::default() };
        assert_eq!(here.command(), "flake-audit fix");
    }
}
