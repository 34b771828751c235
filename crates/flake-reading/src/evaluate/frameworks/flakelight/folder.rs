//! The files of `nix/` that are options, by their names.

use super::{Flake, OTHERS, OUTPUTS};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::frameworks::folders::{Folder, set_of};
use crate::evaluate::value::{SetAttr, Value};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// Options that are read of folders of other names, too.
const ALIASES: [(&str, &str); 2] =
    [("nixosConfigurations", "nixos"), ("homeConfigurations", "home")];

impl Flake {
    /// What `src + /nix` has of the options: a file or folder each, or a file for each attribute.
    pub(super) fn in_folder(
        &self,
        evaluator: &mut Evaluator<'_>,
        own: FlakeId,
        source: Value,
    ) -> Value {
        let folder = match (self.option(evaluator, &["nixDir"]), source) {
            (Some(Value::Path(flake, path)), _) => Some(Folder { flake, path }),
            (Some(Value::Null), _) => None,
            (_, Value::Path(flake, path)) => Folder { flake, path }.below(evaluator, "nix"),
            _ => Folder::of_flake(evaluator, own).and_then(|root| root.below(evaluator, "nix")),
        };
        let Some(folder) = folder else { return Value::no_attrs() };
        let entries = folder.entries(evaluator);
        if let Some((_, file)) = entries.iter().find(|(name, _)| &**name == "nixDirAliases") {
            let aliases = evaluator.import(file, None);
            let module = set_of(evaluator, vec![("nixDirAliases".into(), aliases)]);
            evaluator.collect(self.class, &module);
        }
        let mut found = Vec::new();
        let options = OUTPUTS.into_iter().flat_map(|(name, single)| [Some(name), single]);
        let options = options.flatten().chain(["perSystem", "outputs", "withOverlays"]);
        let own = evaluator.declared_at_top(self.class);
        let own = own.into_iter().filter(|name| !is_known(name));
        let options = options.map(|option| (Name::from(option), false));
        for (option, is_own) in options.chain(own.map(|option| (option, true))) {
            let mut names: Vec<Name> = vec![option.clone()];
            names.extend(
                ALIASES.iter().filter(|(of, _)| **of == *option).map(|(_, alias)| (*alias).into()),
            );
            if let Some(aliases) = self.option(evaluator, &["nixDirAliases", &option]) {
                names.extend(evaluator.texts(&aliases));
            }
            for name in names {
                let read = match entries.iter().find(|(known, _)| *known == name) {
                    Some((_, file)) => Some(evaluator.import(file, None)),
                    None => {
                        let below = folder.below(evaluator, &name);
                        below.map(|folder| in_files(evaluator, &folder, &option))
                    }
                };
                let read = match read {
                    Some(read) if is_own => Some(self.each_called(evaluator, read)),
                    read => read,
                };
                found.extend(read.map(|read| set_of(evaluator, vec![(option.clone(), read)])));
            }
        }
        let modules = found.into_iter().map(|module| evaluator.done(module)).collect();
        Value::list(modules, false)
    }

    /// What files say of an option that a module of the flake declares: as `optCallWith moduleArgs`
    /// has it, which is how such options are declared, functions in it are called.
    fn each_called(&self, evaluator: &mut Evaluator<'_>, read: Value) -> Value {
        match self.called(evaluator, read) {
            Value::Set(set) => {
                let attrs = set.attrs.iter().map(|of| {
                    let value = evaluator.force_known(of.thunk);
                    let value = self.called(evaluator, value);
                    SetAttr { thunk: evaluator.done(value), ..of.clone() }
                });
                Value::set(attrs.collect(), set.rest, set.open)
            }
            read => read,
        }
    }
}

/// Whether flakelight itself has an option of this name.
fn is_known(name: &str) -> bool {
    let outputs = OUTPUTS.iter().any(|(all, single)| *all == name || *single == Some(name));
    outputs || OTHERS.contains(&name)
}

/// The files of a folder that is an option, by their names; modules are named by their paths.
fn in_files(evaluator: &mut Evaluator<'_>, folder: &Folder, option: &str) -> Value {
    let are_modules = option.ends_with("Modules");
    let mut all = Vec::new();
    for (name, file) in folder.entries(evaluator) {
        if &*name == "default" {
            continue;
        }
        let name = name.strip_prefix('_').map_or(name.clone(), Name::from);
        let value = if are_modules { file } else { evaluator.import(&file, None) };
        all.push((name, value));
    }
    if option == "withOverlays" {
        let items = all.into_iter().map(|(_, value)| evaluator.done(value)).collect();
        return Value::list(items, false);
    }
    set_of(evaluator, all)
}
