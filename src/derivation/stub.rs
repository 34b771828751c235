//! A store of derivations for tests, which are never built: output paths follow from the contents
//! and inputs of a derivation, as Nix computes them, but with another hash.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A store in a temporary folder.
pub(crate) struct Stub {
    folder: TempDir,
}

/// A derivation of it.
#[derive(Debug, Clone)]
pub(crate) struct Drv {
    pub(crate) path: String,
    pub(crate) out: String,
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

impl Stub {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A built derivation with these inputs; the output paths of inputs count even if no attribute
    /// names them.
    pub(crate) fn add(&self, name: &str, env: &[(&str, &str)], inputs: &[&Drv]) -> Drv {
        self.add_with(name, env, inputs, &[])
    }

    /// The same, with sources that no attribute names.
    pub(crate) fn add_with(
        &self,
        name: &str,
        env: &[(&str, &str)],
        inputs: &[&Drv],
        sources: &[&str],
    ) -> Drv {
        let outs: Vec<&str> = inputs.iter().map(|input| input.out.as_str()).collect();
        let out =
            format!("/nix/store/{}-{name}", hash(&format!("{name}{env:?}{outs:?}{sources:?}")));
        self.write(name, &out, "", env, inputs, sources)
    }

    /// A fixed-output derivation: its path follows from its name alone, whatever fetches it.
    pub(crate) fn fetched(&self, name: &str, by: &[&Drv]) -> Drv {
        let out = format!("/nix/store/{}-{name}", hash(name));
        self.write(name, &out, "sha256", &[], by, &[])
    }

    fn write(
        &self,
        name: &str,
        out: &str,
        hash_algorithm: &str,
        env: &[(&str, &str)],
        inputs: &[&Drv],
        sources: &[&str],
    ) -> Drv {
        let mut env: Vec<(&str, &str)> = env.iter().copied().chain([("out", out)]).collect();
        env.sort_unstable();
        let pair = |(name, value): &(&str, &str)| format!("({},{})", quoted(name), quoted(value));
        let env: Vec<String> = env.iter().map(pair).collect();
        let mut inputs: Vec<String> =
            inputs.iter().map(|input| format!("({},[\"out\"])", quoted(&input.path))).collect();
        inputs.sort();
        inputs.dedup();
        let sources: Vec<String> = sources.iter().map(|source| quoted(source)).collect();
        let fixed = if hash_algorithm.is_empty() { "" } else { "aa" };
        let text = format!(
            "Derive([(\"out\",{},\"{hash_algorithm}\",\"{fixed}\")],[{}],[{}],\"s\",\"/bin/sh\",[],[{}])",
            quoted(out),
            inputs.join(","),
            sources.join(","),
            env.join(",")
        );
        let path = format!("/nix/store/{}-{name}.drv", hash(&text));
        let file = self.folder.path().join(path.rsplit('/').next().unwrap());
        fs::write(file, text).unwrap();
        Drv { path, out: out.to_owned() }
    }
}
