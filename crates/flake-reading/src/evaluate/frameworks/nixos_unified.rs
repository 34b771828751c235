//! nixos-unified: `autoWire`, which makes outputs from folders (`configurations/KIND/HOST`), and
//! the functions that it uses.

use super::folders::{Folder, home, later_host, later_mac, main_input, set_of};
use super::{Framework, FrameworkCall};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Function, Path, SetAttr, Thunk, Value, attr, last};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["srid/nixos-unified", "srid/nixos-flake"],
    source: "nix/modules/flake-parts/{autowire,lib}.nix, 2026-11",
    marks: &[],
    // The flake-parts evaluation, the first argument of the original function, and the
    // configuration.
    arity: |function| if MAKERS.contains(&function) { 3 } else { 1 },
    call,
};

/// `self.nixos-unified.lib`
const MAKERS: [&str; 3] = ["mkLinuxSystem", "mkMacosSystem", "mkHomeConfiguration"];

/// `mkFlake { inputs, root }`: flake-parts with the flake's own modules for it. The functions that
/// make hosts get the evaluation of flake-parts.
fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if let (maker, [of, first, module]) = (call.function, call.args) {
        let Value::Config(class, _) = evaluator.force(*of) else { return None };
        let unified = Unified { class, place: call.place };
        let module = evaluator.force(*module);
        let made = match maker {
            "mkLinuxSystem" => unified.host(evaluator, module, true),
            "mkMacosSystem" => unified.host(evaluator, module, false),
            _ => {
                let packages = evaluator.force(*first);
                unified.home(evaluator, &packages, module)
            }
        };
        return Some(evaluator.force(made));
    }
    if call.function != "mkFlake" {
        return None;
    }
    let make = evaluator.flake_parts(call.arg(0)?, call.place);
    let mut modules = Vec::new();
    let root = Folder::of_flake(evaluator, call.slot.flake)?;
    let folders =
        ["nix/modules/flake", "modules/flake", "nix/modules/flake-parts", "modules/flake-parts"];
    if let Some(folder) = folders.into_iter().find_map(|path| root.below(evaluator, path)) {
        for (_, file) in folder.entries(evaluator) {
            modules.push(evaluator.done(file));
        }
    }
    let imports = evaluator.done(Value::list(modules, false));
    let module = Value::set(vec![attr("imports", imports)], None, false);
    Some(evaluator.apply_to(&make, module, call.place))
}

/// The modules of flake-parts: one has the functions, the other makes the outputs.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    path: &Path,
    place: Option<Place>,
) -> Option<Value> {
    let unified = Unified { class, place };
    let outputs = match last(path)? {
        "autoWire" => unified.outputs(evaluator),
        "default" | "flakeModule" => {
            let mut makers = Vec::new();
            for name in MAKERS {
                let config = evaluator.done(Value::Config(class, [].into()));
                let function = Function::Framework(slot, path_of(&[name]));
                makers.push((name.into(), Value::native(function, vec![config])));
            }
            let given = unified.special(evaluator);
            let given = Value::set(given, None, false);
            let kinds = ["common", "nixos", "darwin"].map(|kind| (kind.into(), given.clone()));
            makers.push(("specialArgsFor".into(), set_of(evaluator, kinds.into())));
            let lib = set_of(evaluator, makers);
            let lib = set_of(evaluator, vec![("lib".into(), lib)]);
            set_of(evaluator, vec![("nixos-unified".into(), lib)])
        }
        _ => return None,
    };
    let outputs = evaluator.done(outputs);
    Some(Value::set(vec![attr("flake", outputs)], None, false))
}

/// An evaluation of flake-parts' modules, with its hosts.
struct Unified {
    class: ClassId,
    place: Option<Place>,
}

impl Unified {
    fn flake(&self, evaluator: &Evaluator<'_>) -> FlakeId {
        evaluator.class(self.class).map_or(FlakeId::ROOT, |class| class.flake)
    }

    /// `flake = { self, inputs, config }`
    fn special(&self, evaluator: &mut Evaluator<'_>) -> Vec<SetAttr> {
        let flake = self.flake(evaluator);
        let given = vec![
            ("self".into(), Value::Itself(flake)),
            ("inputs".into(), Value::Inputs(flake)),
            ("config".into(), Value::Config(self.class, [].into())),
        ];
        let given = set_of(evaluator, given);
        vec![attr("flake", evaluator.done(given))]
    }

    /// A host with NixOS, or a Mac; homes in it share its packages.
    fn host(&self, evaluator: &mut Evaluator<'_>, module: Value, is_nixos: bool) -> Thunk {
        let flake = self.flake(evaluator);
        let special = self.special(evaluator);
        let given = Value::set(special.clone(), None, false);
        let homes =
            vec![("useGlobalPkgs".into(), Value::Bool(true)), ("extraSpecialArgs".into(), given)];
        let homes = set_of(evaluator, homes);
        let homes = set_of(evaluator, vec![("home-manager".into(), homes)]);
        let modules = vec![module, homes];
        match main_input(evaluator, flake).filter(|_| is_nixos) {
            Some(input) => later_host(evaluator, None, input, modules, special, self.place),
            None => later_mac(evaluator, flake, modules, special, self.place),
        }
    }

    fn home(&self, evaluator: &mut Evaluator<'_>, packages: &Value, module: Value) -> Thunk {
        let special = self.special(evaluator);
        let made = home(evaluator, Some(packages), vec![module], special, self.place);
        evaluator.done(made)
    }

    /// The outputs that `autoWire` makes from the flake's folders.
    fn outputs(&self, evaluator: &mut Evaluator<'_>) -> Value {
        let flake = self.flake(evaluator);
        let Some(root) = Folder::of_flake(evaluator, flake) else { return Value::no_attrs() };
        let mut outputs: Vec<(Name, Value)> = Vec::new();
        for (kind, output) in
            [("nixos", "nixosModules"), ("darwin", "darwinModules"), ("home", "homeModules")]
        {
            if let Some(folder) = root.below(evaluator, &format!("modules/{kind}")) {
                let modules = folder.entries(evaluator);
                outputs.push((output.into(), set_of(evaluator, modules)));
            }
        }
        for (kind, output) in [("nixos", "nixosConfigurations"), ("darwin", "darwinConfigurations")]
        {
            let Some(folder) = root.below(evaluator, &format!("configurations/{kind}")) else {
                continue;
            };
            let mut hosts = Vec::new();
            for (name, file) in folder.entries(evaluator) {
                let made = self.host(evaluator, file, kind == "nixos");
                hosts.push(attr(name, made));
            }
            outputs.push((output.into(), Value::set(hosts, None, false)));
        }
        let input = main_input(evaluator, flake);
        if let (Some(folder), Some(input)) = (root.below(evaluator, "configurations/home"), input) {
            let packages = evaluator.legacy(input, None, self.place);
            let mut homes = Vec::new();
            for (name, file) in folder.entries(evaluator) {
                let made = self.home(evaluator, &packages, file);
                homes.push(attr(name, made));
            }
            outputs.push(("homeConfigurations".into(), Value::set(homes, None, false)));
        }
        set_of(evaluator, outputs)
    }
}
