//! What to do after a run that found something: how to repair it, to learn more, and to accept it.

use std::path::Path;

use super::Show;
use super::layout::{Layout, Tone};
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
    /// The loudest finding that was shown first: its rule, and its input path.
    pub first: Option<(&'static str, Vec<String>)>,
}

/// Flakes that are named in a command.
const FOLDERS: usize = 3;

impl WaysOut {
    /// As it is shown; empty where nothing was found.
    pub fn told(&self, show: Show) -> String {
        let Some((rule, input)) = &self.first else { return String::new() };
        let layout = Layout::new(show);
        let mut text = String::new();
        if self.fixable > 0 {
            let fix = self.command();
            text += &layout.paragraph(
                "repair: ",
                Tone::Help,
                &format!("`{fix}` (`--diff` shows it first)"),
            );
        }
        let explain = format!("`flake-audit explain {rule}`");
        text += &layout.paragraph("explain: ", Tone::Help, &explain);
        text += &layout.paragraph("accept: ", Tone::Help, "add to flake-audit.toml:");
        for line in exemption(rule, input).lines() {
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

/// An entry for the configuration that accepts a finding.
fn exemption(rule: &str, input: &[String]) -> String {
    let quoted = |text: &str| Visible(&toml::Value::from(text).to_string()).to_string();
    let path = match input {
        [] => quoted("**"),
        names if names.iter().any(|name| name.contains('/')) => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            format!("[{}]", names.join(", "))
        }
        names => quoted(&names.join("/")),
    };
    format!("[[exempt]]\nrule = \"{rule}\"\ninput = {path}\nreason = \"WHY\"\n")
}

/// An argument as a shell reads it.
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
    use crate::config::Config;

    #[test]
    fn an_exemption_that_is_pasted_matches_its_finding() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for input in [names(&["a", "nixpkgs"]), names(&["a/b", "c\"d"]), names(&[])] {
            let text = exemption("node-cycle", &input);
            let config = Config::parse(Path::new("f"), &text, &["node-cycle"]).unwrap();
            let input: Vec<&str> = input.iter().map(String::as_str).collect();
            assert!(config.exempt[0].applies("node-cycle", &input), "{text}");
        }
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
