//! The flake after `fix --init`, as far as the page shows it: a wrapper that is not there yet, and
//! who is to follow it.

use std::collections::HashSet;

use serde::Serialize;

use super::super::view::View;
use crate::audit::Reported;
use crate::lock::{InputId, InputTag, Table};
use crate::rules;
use crate::text::Visible;

/// A wrapper that `fix --init` would bring in for inline settings.
#[derive(Debug, Clone)]
pub struct NewWrapper {
    /// The input's name.
    pub name: String,
    /// Its settings, in a few words.
    pub sets: String,
    /// The input of this flake that it is built on.
    pub base: String,
    /// Input paths that are to follow it.
    pub followers: Vec<Vec<String>>,
}

/// The wrapper, with numbers of nodes and inputs.
#[derive(Serialize)]
pub(super) struct PageWrapper {
    name: String,
    lines: Vec<String>,
    /// The input that it is built on, and the node where that ends.
    base: String,
    next: u32,
    to: u32,
}

impl PageWrapper {
    /// Nothing where its nixpkgs, or this flake itself, is not drawn.
    pub(super) fn new(
        view: &View<'_, '_, '_, '_>,
        numbers: &Table<InputTag, Option<u32>>,
        wrapper: &NewWrapper,
    ) -> Option<Self> {
        let graph = view.graph();
        view.number(view.lock().root()).filter(|root| *root == 0)?;
        let base = graph.find_input([wrapper.base.as_str()])?;
        let visible = |text: &str| Visible(text).to_string();
        Some(Self {
            name: visible(&wrapper.name),
            lines: vec![
                visible(&wrapper.name),
                format!("sets {}", visible(&wrapper.sets)),
                "new".into(),
            ],
            base: visible(&wrapper.base),
            next: (*numbers.at(base))?,
            to: view.number(graph.end(base)?)?,
        })
    }
}

/// What the page says of one finding of inline settings after `fix --init`.
pub(super) struct Wrapped {
    /// Numbers of the inputs that follow the wrapper then.
    pub(super) inputs: Vec<u32>,
    /// Why there is nothing to see of it.
    pub(super) none: Option<String>,
}

impl Wrapped {
    pub(super) fn new(
        view: &View<'_, '_, '_, '_>,
        numbers: &Table<InputTag, Option<u32>>,
        wrapper: Option<&Result<NewWrapper, String>>,
        finding: &Reported<'_>,
    ) -> Self {
        let nothing = Self { inputs: Vec::new(), none: None };
        if !rules::is_about_inline_settings(finding.rule) {
            return nothing;
        }
        match wrapper {
            None => nothing,
            Some(Err(reason)) => Self { none: Some(Visible(reason).to_string()), ..nothing },
            Some(Ok(wrapper)) => {
                let parts = finding.parts.iter().chain([&finding.input_path]);
                let about: HashSet<Vec<&str>> =
                    parts.chain(&finding.affects).map(|path| path.names().to_vec()).collect();
                let is_about = |path: &&Vec<String>| {
                    about.contains(&path.iter().map(String::as_str).collect::<Vec<_>>())
                };
                let number = |path: &Vec<String>| -> Option<u32> {
                    let input: InputId =
                        view.graph().find_input(path.iter().map(String::as_str))?;
                    *numbers.at(input)
                };
                let inputs: Vec<u32> =
                    wrapper.followers.iter().filter(is_about).filter_map(number).collect();
                let none = inputs.is_empty().then(|| {
                    "`fix --init` does not let this dependency follow the wrapper".to_owned()
                });
                Self { inputs, none }
            }
        }
    }
}
