//! `flake-audit why`.

use std::io::{self, Write};

use anyhow::Result;
use owo_colors::{OwoColorize, Style};

use super::args::{Screen, Why};
use super::exit::Exit;
use super::one_lock::{OneLock, Subject};
use super::output::Output;
use crate::flake_ref::source_of;
use crate::graph::{End, InputPath};
use crate::instance::{Cause, Expectation, Facts, Role, Slot};
use crate::lock::{InputId, NodeId, Target};
use crate::source::evaluate::facts::{Taken, Use};
use crate::text::Visible;

/// Users of a node and steps of a chain that are named; the rest is counted.
const SHOWN: usize = 20;

pub(super) fn run(why: &Why, screen: &Screen) -> Result<Exit> {
    let mut output = Output::new(screen);
    let lock = OneLock { path: &why.lock, options: &why.audit };
    lock.with_facts(|facts| {
        for (at, wanted) in why.inputs.iter().enumerate() {
            if at > 0 {
                writeln!(output)?;
            }
            let heading = if output.color { Style::new().bold() } else { Style::new() };
            let mut tell = Tell { facts, heading, out: &mut output };
            tell.subject(wanted)?;
        }
        output.flush()?;
        Ok(Exit::Success)
    })?
}

struct Tell<'t, 'g, 'l, 'a, W> {
    facts: &'t Facts<'g, 'l, 'a>,
    heading: Style,
    out: &'t mut W,
}

impl<W: Write> Tell<'_, '_, '_, '_, W> {
    fn subject(&mut self, wanted: &str) -> Result<()> {
        match Subject::named(self.facts.graph(), wanted)? {
            Subject::Input(input) => self.input(wanted, input)?,
            Subject::Node(node) => self.node(wanted, node)?,
        }
        Ok(())
    }

    fn input(&mut self, wanted: &str, input: InputId) -> io::Result<()> {
        let graph = self.facts.graph();
        self.title(wanted)?;
        self.line("is", &self.what(input))?;
        if self.cause(input).is_some() {
            self.line("", "`flake-audit check` says how to mend it")?;
        }
        let steps: Vec<_> = graph.chain(input).take(SHOWN).collect();
        for (at, step) in steps.iter().enumerate() {
            let name = if at == 0 { "chain" } else { "" };
            self.line(name, &self.step(*step))?;
        }
        let more = (graph.chain_length(input) as usize).saturating_sub(SHOWN);
        if more > 0 {
            self.line("", &format!("and {more} more steps"))?;
        }
        self.by_source(input)?;
        match graph.edge(input).end {
            End::Node(node) => self.end(node),
            End::Dangling { cause, .. } => {
                self.line("ends", &format!("nowhere: {} dangles", path(&graph.input_path(cause))))
            }
            End::Cycle { cause } => self.line(
                "ends",
                &format!("nowhere: {} follows itself", path(&graph.input_path(cause))),
            ),
        }
    }

    /// What sources say of an input, where they were read.
    fn by_source(&mut self, input: InputId) -> io::Result<()> {
        let list = |names: Vec<&str>| {
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        };
        if let Some(taken) = self.facts.taken(input) {
            self.line("taken", &list(taken.into_iter().map(Taken::as_str).collect()))?;
        }
        if let Some(uses) = self.facts.uses(input) {
            self.line("used as", &list(uses.into_iter().map(Use::as_str).collect()))?;
        }
        let settings = self.facts.settings_of_root();
        let end = self.facts.graph().end(input);
        let is_root = self.facts.graph().edge(input).holder == self.facts.graph().lock().root();
        if let Some(settings) = end.filter(|_| is_root).and_then(|end| settings.get(&end)) {
            let settings: Vec<_> = settings.iter().map(String::as_str).collect();
            self.line("settings", &list(settings))?;
        }
        Ok(())
    }

    fn node(&mut self, wanted: &str, node: NodeId) -> io::Result<()> {
        self.title(&format!("node {wanted}"))?;
        self.end(node)
    }

    /// The node at which something ends: source, role, evidence, users.
    fn end(&mut self, node: NodeId) -> io::Result<()> {
        let graph = self.facts.graph();
        let lock = graph.lock();
        self.line("source", &source_of(lock, node))?;
        let owner = match graph.place(node) {
            None => "no input reaches it".to_owned(),
            Some(place) if place.owner.is_none() => "the root".to_owned(),
            Some(_) => format!("owned by {}", path(&graph.owner_path(node))),
        };
        self.line("node", &format!("{}, {owner}", lock.node(node).key))?;
        self.line("role", &self.role(node))?;
        if let Some(wrapper) = self.facts.wrapper_of(node).map(|id| self.facts.wrapper(id)) {
            self.line("evidence", &wrapper.evidence.detail)?;
            if let Some(base) = wrapper.base {
                self.line("built on", &source_of(lock, base))?;
            }
        }
        let users = graph.web().users(node);
        let mut users: Vec<_> =
            users.into_iter().filter(|user| graph.is_reachable(graph.edge(*user).holder)).collect();
        users.sort_by_key(|user| graph.input_order(*user));
        for (at, user) in users.iter().take(SHOWN).enumerate() {
            let name = if at == 0 { "used by" } else { "" };
            let verdict = match self.cause(*user) {
                Some(_) => " (unconfigured)",
                None if self.facts.is_disabled(*user) => " (disabled)",
                None => "",
            };
            self.line(name, &format!("{}{verdict}", path(&graph.input_path(*user))))?;
        }
        if users.len() > SHOWN {
            self.line("", &format!("and {} more", users.len() - SHOWN))?;
        }
        Ok(())
    }

    fn step(&self, step: InputId) -> String {
        let graph = self.facts.graph();
        let name = path(&graph.input_path(step));
        match graph.target(step) {
            Target::Direct(key) => format!("{name} is the node {key}"),
            Target::Follows([]) => format!("{name} follows the root itself"),
            Target::Follows(follows) => {
                format!("{name} follows {}", path(&InputPath::new(follows)))
            }
        }
    }

    /// What an input is to its holder, and whether it is as expected.
    fn what(&self, input: InputId) -> String {
        let facts = self.facts;
        let graph = facts.graph();
        let kind = match facts.slot(input) {
            Slot::Raw { primary: true } => "gets plain nixpkgs",
            Slot::Raw { primary: false } => "gets plain nixpkgs, as a second one",
            Slot::Configured { .. } => "gets a configured nixpkgs",
            Slot::No if facts.is_disabled(input) => "disabled",
            Slot::No
                if graph.place(graph.edge(input).holder).is_some_and(|p| p.owner.is_none()) =>
            {
                "an input of this flake"
            }
            Slot::No => "an input",
        };
        match self.cause(input) {
            None => kind.to_owned(),
            Some((cause, expectation)) => {
                let wrapper = facts.wrapper(cause.target.wrapper).node;
                let flake = match path(&graph.owner_path(expectation.flake)) {
                    root if root.is_empty() => "this flake".to_owned(),
                    other => other,
                };
                let through = if cause.slot == input {
                    String::new()
                } else {
                    format!(", because of {}", path(&graph.input_path(cause.slot)))
                };
                let wrapper = path(&graph.owner_path(wrapper));
                format!("{kind}, while {flake} uses the configured {wrapper}{through}")
            }
        }
    }

    /// Why an input is unconfigured, if it is.
    fn cause(&self, input: InputId) -> Option<(&Cause, &Expectation)> {
        let explains = |cause: &&Cause| cause.slot == input || cause.affects.contains(&input);
        let cause = self.facts.causes().iter().find(explains)?;
        Some((cause, self.facts.expectations().get(cause.expectation)?))
    }

    fn role(&self, node: NodeId) -> String {
        match self.facts.role(node) {
            Role::Root => "the flake under audit".into(),
            Role::Nixpkgs => "plain nixpkgs".into(),
            Role::NixpkgsLib => "the library of nixpkgs: builds nothing".into(),
            Role::Configured(_) => "configured nixpkgs".into(),
            Role::Null => "a flake with nothing in it, to disable inputs with".into(),
            Role::Flake => "a flake".into(),
            Role::Source => "a source, no flake (`flake = false`)".into(),
        }
    }

    fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", Visible(text).style(self.heading))
    }

    fn line(&mut self, name: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {name:9} {}", Visible(text))
    }
}

fn path(path: &InputPath<'_>) -> String {
    path.names().join("/")
}
