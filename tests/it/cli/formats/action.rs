//! action.yml's script, run as a workflow's step runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{fixtures, many};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn path_variable() -> String {
    std::env::var("PATH").unwrap()
}

/// A step of a workflow, in a folder of its own.
struct Step {
    folder: tempfile::TempDir,
    inputs: Vec<(&'static str, String)>,
}

impl Step {
    /// With the inputs' defaults.
    fn new() -> Self {
        let action = fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
        let default = |input: &str| {
            let rest = action.split(&format!("\n  {input}:\n")).nth(1).unwrap();
            let line = rest.lines().find_map(|line| line.trim().strip_prefix("default: "));
            line.unwrap().trim_matches('"').to_owned()
        };
        let inputs = ["path", "format", "level", "args", "output", "summary"];
        let inputs = inputs.map(|input| (input, default(input))).to_vec();
        Self { folder: tempfile::tempdir().unwrap(), inputs }
    }

    fn with(mut self, input: &str, value: &str) -> Self {
        let known = self.inputs.iter_mut().find(|(name, _)| *name == input).unwrap();
        value.clone_into(&mut known.1);
        self
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Runs it, with the folder of the program under test first in the path.
    fn run(&self) -> (String, i32) {
        let program = assert_cmd::cargo::cargo_bin("flake-audit");
        let path = format!("{}:{}", program.parent().unwrap().display(), path_variable());
        self.run_in(&path)
    }

    fn run_in(&self, path: &str) -> (String, i32) {
        let mut command = Command::new("bash");
        command.arg(Path::new(ROOT).join("ci/action.sh"));
        command.current_dir(self.folder.path()).env("PATH", path);
        command.env("GITHUB_ACTION_PATH", ROOT).env("RUNNER_TEMP", self.folder.path());
        for (name, file) in [
            ("GITHUB_OUTPUT", "outputs"),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_PATH", "paths"),
        ] {
            command.env(name, self.folder.path().join(file));
        }
        for (input, value) in &self.inputs {
            command.env(format!("AUDIT_{}", input.to_uppercase()), value);
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (text, status.code().unwrap())
    }
}

#[test]
fn annotations_an_exit_code_and_a_summary() {
    let step = Step::new();
    fs::write(step.folder.path().join("flake.lock"), many(1, "nixpkgs")).unwrap();
    let (text, code) = step.run();
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("::error file=flake.lock,line=1,"), "{text}");
    assert_eq!(step.file("outputs"), "exit-code=1\n");
    assert!(step.file("summary").ends_with("flake-audit: 1 lock: 1 error\n"));
    // It was installed: nothing is built, and no path is added.
    assert_eq!(step.file("paths"), "");
}

#[test]
fn a_level_lets_findings_pass_but_not_errors() {
    let finding = Step::new().with("level", "warn").with("summary", "false");
    fs::write(finding.folder.path().join("flake.lock"), many(1, "nixpkgs")).unwrap();
    let (text, code) = finding.run();
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        (finding.file("outputs").as_str(), finding.file("summary").as_str()),
        ("exit-code=1\n", "")
    );

    let broken = Step::new().with("level", "warn");
    fs::write(broken.folder.path().join("flake.lock"), "{").unwrap();
    assert_eq!(broken.run().1, 2);
    assert!(broken.file("summary").contains("Not audited: "));

    assert_eq!(Step::new().with("level", "loud").run().1, 2);
}

#[test]
fn inputs_are_never_run() {
    let hostile = "$(touch run); `touch run`; a b";
    let step = Step::new()
        .with("path", hostile)
        .with("output", "a report $(touch run).json")
        .with("format", "json")
        .with("args", "--allow\nunconfigured-nixpkgs\n--no-source\n");
    let flake = step.folder.path().join(hostile);
    fs::create_dir(&flake).unwrap();
    fs::copy(fixtures().join("seed/a-follows-plain/flake.lock"), flake.join("flake.lock")).unwrap();
    let (text, code) = step.run();
    assert_eq!((text.as_str(), code), ("", 0));
    let report = step.file("a report $(touch run).json");
    assert!(report.contains("\"status\":\"clean\""), "{report}");
    assert!(!step.folder.path().join("run").exists());
}

/// Where the program is not installed, cargo is asked for the action's own source.
#[test]
fn the_actions_own_source_is_built() {
    let step = Step::new();
    fs::write(step.folder.path().join("flake.lock"), many(1, "nixpkgs")).unwrap();
    let tools = step.folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let path = path_variable();
    for tool in ["bash", "cat", "cp", "mkdir"] {
        let mut found = path.split(':').map(|folder| Path::new(folder).join(tool));
        let found = found.find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, tools.join(tool)).unwrap();
    }
    // In the place of cargo: it says what it was asked, and installs the program under test.
    let program = assert_cmd::cargo::cargo_bin("flake-audit");
    let cargo = format!(
        "#!/bin/sh\necho \"$@\" >asked\nmkdir -p \"$7/bin\"\ncp '{}' \"$7/bin/flake-audit\"\n",
        program.display()
    );
    fs::write(tools.join("cargo"), cargo).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(tools.join("cargo"), mode).unwrap();
    let (text, code) = step.run_in(tools.to_str().unwrap());
    assert_eq!(code, 1, "{text}");
    let root = step.folder.path().join("flake-audit");
    let asked = format!("install --locked --quiet --path {ROOT} --root {}\n", root.display());
    assert_eq!(step.file("asked"), asked);
    assert_eq!(step.file("paths"), format!("{}/bin\n", root.display()));
}
