//! The plan for asking Nix: from which instance of nixpkgs everything would be built, and how the
//! flake is evaluated with it.

use super::outputs::BuiltOutput;
use super::redone::{InstanceExpression, Redone};
use crate::instance::{Analysis, Expectation, Instance, InstanceOrigin, Slot};
use crate::lock::NodeId;
use crate::text::{AttrPath, NixString};
use crate::verify::{ComparedInstance, Endless, Recipe, subjects};

/// The plan for asking Nix about a flake.
#[derive(Debug)]
pub struct TwicePlan {
    pub(super) redone: Redone,
    /// The instance for outputs without one of their own, or why it is not known.
    main: Result<InstanceExpression, String>,
    /// The instances that inputs of the root get, by input.
    instances: Vec<(String, String)>,
    /// The number of the main instance, if it has one.
    main_instance: Option<String>,
    /// All instances that have an expression, by number.
    all: Vec<(String, InstanceExpression)>,
}

impl TwicePlan {
    /// The plan for a lock.
    ///
    /// # Errors
    /// Nix would not terminate on it.
    pub fn of(analysis: &Analysis<'_, '_, '_>) -> Result<Self, Endless> {
        let subjects = subjects(analysis)?;
        let subject = |id: &str| {
            subjects.compared.iter().chain(&subjects.idle).find(|subject| subject.id == id)
        };
        let instances: Vec<(String, Instance)> =
            (1..).map(|number| format!("i{number}")).zip(analysis.instances()).collect();
        let by_node = |node: NodeId| {
            let found = instances.iter().find(|(_, instance)| {
                instance.node == node && !matches!(instance.made_by, InstanceOrigin::Root(_))
            });
            found.map(|(id, _)| id.clone())
        };
        let (main, main_instance) = match wrapper(analysis) {
            Some(node) => {
                let path = analysis.graph().owner_path(node);
                let main = match path.whole() {
                    Some(names) => Ok(legacy_packages(names)),
                    None => Err("the wrapper's input path is too long".to_owned()),
                };
                (main, by_node(node))
            }
            None => {
                let made = instances
                    .iter()
                    .filter(|(_, instance)| matches!(instance.made_by, InstanceOrigin::Root(_)));
                let made: Vec<&ComparedInstance> = made.filter_map(|(id, _)| subject(id)).collect();
                match made.as_slice() {
                    [] => plain(analysis, by_node),
                    [one] => (imported(one), Some(one.id.clone())),
                    _ => (Err("this flake makes several instances of nixpkgs".into()), None),
                }
            }
        };
        let graph = analysis.graph();
        let slot_of = |dependency: NodeId| {
            let mut slots = graph.inputs_of(dependency).filter(|at| analysis.slot(*at) != Slot::No);
            let all: Vec<_> = slots.by_ref().collect();
            let primary = all.iter().find(|at| analysis.slot(**at).is_primary());
            primary.or(all.first()).and_then(|at| graph.end(*at)).and_then(by_node)
        };
        let of_inputs = graph.inputs_of(graph.lock().root()).filter_map(|input| {
            let instance = slot_of(graph.end(input)?)?;
            Some((graph.lock().input(input).name.to_owned(), instance))
        });
        let all = subjects.compared.iter().chain(&subjects.idle).filter_map(|subject| {
            imported(subject).ok().map(|instance| (subject.id.clone(), instance))
        });
        Ok(Self {
            redone: Redone::of(analysis),
            main,
            main_instance,
            instances: of_inputs.collect(),
            all: all.collect(),
        })
    }

    /// The instance from which a whole output would be built.
    pub(super) fn instance(&self, output: &BuiltOutput) -> Result<InstanceExpression, String> {
        if output.is_host() {
            return Ok(InstanceExpression(format!("{}.pkgs", output.expression("flake"))));
        }
        self.main.clone()
    }

    /// The number of the instance that an input of the root gets.
    pub(super) fn instance_of(&self, input: &str) -> Option<&str> {
        let mut instances = self.instances.iter();
        instances.find(|(name, _)| name == input).map(|(_, id)| id.as_str())
    }

    /// The inputs of the root that get the instance of this number.
    pub(super) fn inputs_with(&self, instance: &str) -> Vec<String> {
        let inputs = self.instances.iter().filter(|(_, id)| id == instance);
        inputs.map(|(name, _)| name.clone()).collect()
    }

    /// The instances other than the one from which a whole output would be built.
    pub(super) fn other_instances(
        &self,
        output: &BuiltOutput,
    ) -> impl Iterator<Item = (String, InstanceExpression)> {
        let own = self.main_instance(output);
        self.all.iter().filter(move |(id, _)| own != Some(id.as_str())).cloned()
    }

    /// The number of the instance that the flake itself builds from.
    pub(super) fn main_instance(&self, output: &BuiltOutput) -> Option<&str> {
        if output.is_host() { None } else { self.main_instance.as_deref() }
    }
}

/// The configured nixpkgs that the root holds for its dependencies.
fn wrapper(analysis: &Analysis<'_, '_, '_>) -> Option<NodeId> {
    let root = analysis.graph().lock().root();
    let expectation = analysis.expectations().iter().find(|expectation| expectation.flake == root);
    let firm = expectation.into_iter().flat_map(Expectation::firm).next()?;
    Some(analysis.wrapper(firm.wrapper).node)
}

fn legacy_packages(path: &[&str]) -> InstanceExpression {
    let inputs = path.iter().flat_map(|name| ["inputs", name]);
    let path: Vec<&str> = std::iter::once("flake").chain(inputs).collect();
    InstanceExpression(format!("{}.legacyPackages.${{system}}", AttrPath(&path)))
}

/// The root's nixpkgs as it is.
fn plain(
    analysis: &Analysis<'_, '_, '_>,
    by_node: impl Fn(NodeId) -> Option<String>,
) -> (Result<InstanceExpression, String>, Option<String>) {
    let graph = analysis.graph();
    let own = analysis.own_nixpkgs(graph.lock().root()).and_then(|input| graph.end(input));
    let path = own.map(|node| graph.owner_path(node));
    let main = match path.as_ref().and_then(|path| path.whole()) {
        Some(names) => Ok(legacy_packages(names)),
        None => Err("it is not known which nixpkgs this flake builds from".into()),
    };
    (main, own.and_then(by_node))
}

/// An instance that the root's own code makes.
fn imported(subject: &ComparedInstance) -> Result<InstanceExpression, String> {
    let inputs = subject.path.iter().flat_map(|name| ["inputs", name]);
    let path: Vec<&str> = std::iter::once("flake").chain(inputs).collect();
    match &subject.recipe {
        Recipe::LegacyPackages => {
            Ok(InstanceExpression(format!("{}.legacyPackages.${{system}}", AttrPath(&path))))
        }
        Recipe::Import { config } => Ok(InstanceExpression(format!(
            "import {} {{ inherit system; config = {{ {config}}}; overlays = [ ]; }}",
            AttrPath(&path)
        ))),
        Recipe::None(reason) => Err(format!("this flake's nixpkgs cannot be made again: {reason}")),
    }
}

/// The bindings at the start of every expression.
pub(super) fn bindings(flake: &str, system: &str) -> String {
    format!("flake = builtins.getFlake {}; system = {};", NixString(flake), NixString(system))
}
