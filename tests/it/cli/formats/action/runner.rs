//! A stub of GitHub's runner: runs the steps of action.yml in a workspace of its own, with nothing
//! on the path but what a step needs and what a test adds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saphyr::{LoadableYamlNode, Yaml};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The programs that scripts of steps use besides bash.
const TOOLS: [&str; 22] = [
    "awk",
    "bash",
    "cat",
    "cksum",
    "cp",
    "dirname",
    "find",
    "git",
    "grep",
    "gzip",
    "head",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "sed",
    "sha256sum",
    "sort",
    "tar",
    "touch",
    "tr",
];

/// A job that uses the action.
pub(super) struct Job {
    folder: TempDir,
    inputs: BTreeMap<String, String>,
    /// The values of expressions, besides inputs and outputs of steps.
    event: BTreeMap<String, String>,
    /// The folder of the action; another checkout in some tests.
    action: PathBuf,
    has_program: bool,
}

/// The result of a job.
pub(super) struct Ran {
    /// Both streams of all steps.
    pub(super) text: String,
    /// The exit code of the step that failed, or 0.
    pub(super) code: i32,
    /// Other actions that were used, with their arguments.
    pub(super) used: Vec<(String, BTreeMap<String, String>)>,
}

fn text(node: &Yaml<'_>) -> String {
    let boolean = || node.as_bool().map(|value| value.to_string());
    node.as_str().map(str::to_owned).or_else(boolean).unwrap_or_default()
}

fn members(node: Option<&Yaml<'_>>) -> BTreeMap<String, String> {
    let all = node.and_then(|node| node.as_mapping()).into_iter().flatten();
    all.map(|(name, value)| (text(name), text(value))).collect()
}

impl Job {
    /// With the inputs' defaults, and the program under test installed.
    pub(super) fn new() -> Self {
        let manifest = fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
        let manifest = Yaml::load_from_str(&manifest).unwrap();
        let inputs = manifest[0]["inputs"].as_mapping().unwrap().iter();
        let inputs = inputs.map(|(name, input)| (text(name), text(&input["default"])));
        let job = Self {
            folder: tempfile::tempdir().unwrap(),
            inputs: inputs.collect(),
            event: BTreeMap::from([
                ("github.token".into(), "a token".into()),
                ("runner.os".into(), "Linux".into()),
                ("runner.arch".into(), "X64".into()),
            ]),
            action: ROOT.into(),
            has_program: true,
        };
        for folder in ["work", "tools", "temp"] {
            fs::create_dir(job.folder.path().join(folder)).unwrap();
        }
        let path = std::env::var("PATH").unwrap();
        for tool in TOOLS {
            let mut found = path.split(':').map(|folder| Path::new(folder).join(tool));
            let found = found.find(|path| path.exists()).unwrap_or_else(|| panic!("no {tool}"));
            symlink(found, job.path("tools").join(tool)).unwrap();
        }
        job.tool("uname", "case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac");
        job
    }

    pub(super) fn with(mut self, input: &str, value: &str) -> Self {
        let known = self.inputs.get_mut(input).unwrap_or_else(|| panic!("no input {input}"));
        value.clone_into(known);
        self
    }

    /// Sets the value of an expression like `github.event.pull_request.number`.
    pub(super) fn event(mut self, expression: &str, value: &str) -> Self {
        self.event.insert(expression.into(), value.into());
        self
    }

    /// On a runner without the program.
    pub(super) fn without_program(mut self) -> Self {
        self.has_program = false;
        self
    }

    /// With another checkout of the action.
    pub(super) fn of(mut self, action: &Path) -> Self {
        action.clone_into(&mut self.action);
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the job's files.
    pub(super) fn workspace(&self) -> PathBuf {
        self.path("work")
    }

    /// The runner's temporary folder.
    pub(super) fn temp(&self) -> PathBuf {
        self.path("temp")
    }

    /// Adds a script to the path.
    pub(super) fn tool(&self, name: &str, script: &str) {
        let file = self.path("tools").join(name);
        let _ = fs::remove_file(&file);
        fs::write(&file, format!("#!/bin/bash\n{script}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A file of the runner: `outputs`, `summary`, `paths`, or one that a test's tools wrote.
    pub(super) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The value of an expression; unknown ones are empty, as on GitHub.
    fn value(&self, expression: &str, outputs: &BTreeMap<String, String>) -> String {
        let parts = expression.split("||").map(|part| {
            let part = part.trim();
            match part.strip_prefix("inputs.") {
                // The default of an input may be an expression, too.
                Some(input) => self.filled(&self.inputs[input], outputs),
                None => {
                    outputs.get(part).or_else(|| self.event.get(part)).cloned().unwrap_or_default()
                }
            }
        });
        parts.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
    }

    fn filled(&self, text: &str, outputs: &BTreeMap<String, String>) -> String {
        let mut parts = text.split("${{");
        let mut filled = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            filled += &self.value(expression, outputs);
            filled += rest;
        }
        filled
    }

    /// Runs the steps. Of other actions, only the arguments are recorded.
    pub(super) fn run(&self) -> Ran {
        let manifest = fs::read_to_string(self.action.join("action.yml")).unwrap();
        let manifest = Yaml::load_from_str(&manifest).unwrap();
        let mut outputs = BTreeMap::new();
        let mut ran = Ran { text: String::new(), code: 0, used: Vec::new() };
        for step in manifest[0]["runs"]["steps"].as_sequence().unwrap() {
            let field = |name: &str| step.as_mapping_get(name);
            if let Some(condition) = field("if") {
                let (left, right) = text(condition)
                    .split_once(" != ")
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
                    .unwrap();
                if self.value(&left, &outputs) == right.trim_matches('\'') {
                    continue;
                }
            }
            let given = |name: &str| -> BTreeMap<String, String> {
                let all = members(field(name)).into_iter();
                all.map(|(name, value)| (name, self.filled(&value, &outputs))).collect()
            };
            if let Some(action) = field("uses") {
                ran.used.push((text(action), given("with")));
                continue;
            }
            assert_eq!(field("shell").map(text).as_deref(), Some("bash"));
            let environment = given("env");
            let (told, code) = self.step(&text(field("run").unwrap()), &environment);
            ran.text += &told;
            let id = field("id").map(text).unwrap_or_default();
            for line in self.file("outputs").lines() {
                let (name, value) = line.split_once('=').unwrap();
                outputs.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
            let _ = fs::rename(self.path("outputs"), self.path(&format!("outputs-{id}")));
            if code != 0 {
                ran.code = code;
                break;
            }
        }
        ran
    }

    /// Runs a single script in the workspace: its output and its exit code.
    pub(super) fn script(&self, script: &str) -> (String, i32) {
        self.step(script, &BTreeMap::new())
    }

    fn step(&self, script: &str, environment: &BTreeMap<String, String>) -> (String, i32) {
        let mut path = self.file("paths").lines().rev().map(str::to_owned).collect::<Vec<_>>();
        if self.has_program {
            let program = assert_cmd::cargo::cargo_bin("flake-audit");
            path.push(program.parent().unwrap().to_str().unwrap().to_owned());
        }
        path.push(self.path("tools").to_str().unwrap().to_owned());
        let mut command = Command::new(self.path("tools").join("bash"));
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]);
        command.current_dir(self.workspace()).env_clear().env("PATH", path.join(":"));
        command.env("HOME", self.temp()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GITHUB_ACTION_PATH", &self.action).env("RUNNER_TEMP", self.temp());
        command.env("GITHUB_REPOSITORY", "acme/flake").env("GITHUB_ACTIONS", "true");
        command.env("FOLDER", self.folder.path());
        for (name, file) in [
            ("GITHUB_OUTPUT", "outputs"),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_PATH", "paths"),
        ] {
            command.env(name, self.path(file));
        }
        let Output { status, stdout, stderr } = command.envs(environment).output().unwrap();
        let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (text, status.code().unwrap())
    }
}
