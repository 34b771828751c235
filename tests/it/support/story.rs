//! An analysis described by input paths alone, for comparing locks that differ in what must not
//! matter.

use std::collections::BTreeMap;

use flake_audit::graph::{End, Graph, InputPath, Overrides};
use flake_audit::instance::{Analysis, Cause, Declared, Light, LockSources, Role, Slot, UseLight};
use flake_audit::lock::{InputId, Lock, NodeId, Unescaped};

/// Facts as text, by input path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Story {
    nodes: BTreeMap<Vec<String>, String>,
    inputs: BTreeMap<Vec<String>, String>,
    /// In the order of the analysis.
    wrappers: Vec<String>,
    expectations: Vec<String>,
    pub(crate) causes: Vec<String>,
    instances: Vec<String>,
    cycles: Vec<String>,
    extra_owners: Vec<Vec<String>>,
}

/// Reads a lock and describes its analysis.
pub(crate) fn tell(text: &str) -> Story {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    Teller {
        graph: &graph,
        analysis: &Analysis::new(&graph, &Declared::default(), &LockSources::none(&graph)),
    }
    .story()
}

struct Teller<'g, 'l, 'a> {
    graph: &'g Graph<'l, 'a>,
    analysis: &'g Analysis<'g, 'l, 'a>,
}

impl Teller<'_, '_, '_> {
    fn story(&self) -> Story {
        let mut nodes = BTreeMap::new();
        let mut inputs = BTreeMap::new();
        for &node in self.graph.reachable() {
            let role = match self.analysis.role(node) {
                Role::Configured(_) => "configured".into(),
                role => format!("{role:?}"),
            };
            nodes.insert(self.node(node), role);
            for input in self.graph.inputs_of(node) {
                inputs.insert(self.input(input), self.told(input));
            }
        }
        let wrappers = self.analysis.wrappers().map(|(_, wrapper)| {
            let base = wrapper.base.map(|node| self.node(node));
            let base_input = wrapper.base_input.map(|input| self.input(input));
            let known = (&wrapper.evidence, wrapper.effect, wrapper.config.clone());
            format!("{:?} {known:?} from {base_input:?} on {base:?}", self.node(wrapper.node))
        });
        let instances = self.analysis.instances();
        let cycles = self.graph.node_cycles();
        Story {
            nodes,
            inputs,
            wrappers: wrappers.collect(),
            expectations: self.expectations(),
            causes: self.analysis.causes().iter().map(|cause| self.cause(cause)).collect(),
            instances: instances
                .iter()
                .map(|instance| {
                    let lists = (&instance.consumers, &instance.held_by_root);
                    let base = instance.base.map(|node| self.node(node));
                    let used = (self.inputs(lists.0), self.inputs(lists.1));
                    format!("{:?} on {base:?} used by {used:?}", self.node(instance.node))
                })
                .collect(),
            cycles: cycles
                .iter()
                .map(|cycle| {
                    let nodes: Vec<_> = cycle.nodes.iter().map(|node| self.node(*node)).collect();
                    format!("{:?} closes {nodes:?}", self.input(cycle.closes))
                })
                .collect(),
            extra_owners: self.inputs(self.graph.extra_owners()),
        }
    }

    fn told(&self, input: InputId) -> String {
        let end = match self.graph.edge(input).end {
            End::Node(node) => format!("{:?}", self.node(node)),
            End::Dangling { cause, step } => {
                format!("dangling at {step} of {:?}", self.input(cause))
            }
            End::Cycle { cause } => format!("cycle at {:?}", self.input(cause)),
        };
        let chain: Vec<_> = self.graph.chain(input).map(|step| self.input(step)).collect();
        let slot: Slot = self.analysis.slot(input);
        format!("{end} by {chain:?}: {slot:?}, disabled {}", self.analysis.is_disabled(input))
    }

    fn expectations(&self) -> Vec<String> {
        let told = self.analysis.expectations().iter().map(|expectation| {
            let held = expectation.held.iter().map(|held| {
                let wrapper = self.analysis.wrapper(held.wrapper);
                (self.node(wrapper.node), self.input(held.input), held.firm)
            });
            format!("{:?} holds {:?}", self.node(expectation.flake), held.collect::<Vec<_>>())
        });
        told.collect()
    }

    fn cause(&self, cause: &Cause) -> String {
        let light = cause.light.map(|light| match light {
            Light::Use(UseLight::Known(known, node)) => {
                format!("{} at {:?}", known.repository, self.node(node))
            }
            other => format!("{other:?}"),
        });
        let target = self.node(self.analysis.wrapper(cause.target.wrapper).node);
        let holder = self.analysis.expectation(cause.expectation).flake;
        let held_up = (cause.pin.map(|i| self.input(i)), cause.passing.map(|i| self.input(i)));
        format!(
            "{:?} {:?} for {:?} to {target:?} {} affects {:?} overrides {:?} light {light:?} pin and passing {held_up:?}",
            self.input(cause.slot),
            cause.kind,
            self.node(holder),
            cause.target.unique,
            self.inputs(&cause.affects),
            self.inputs(&cause.overrides),
        )
    }

    fn inputs(&self, inputs: &[InputId]) -> Vec<Vec<String>> {
        inputs.iter().map(|input| self.input(*input)).collect()
    }

    fn node(&self, node: NodeId) -> Vec<String> {
        names(&self.graph.owner_path(node))
    }

    fn input(&self, input: InputId) -> Vec<String> {
        names(&self.graph.input_path(input))
    }
}

fn names(path: &InputPath<'_>) -> Vec<String> {
    path.whole().expect("a short path").iter().map(|&name| name.to_owned()).collect()
}
