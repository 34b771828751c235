//! The files of `nix/` that are options, by their names.

use super::{Flake, OUTPUTS};
use crate::evaluate::frameworks::folders::{Folder, set_of};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::Value;
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// Options that are read of folders of other names, too.
const ALIASES: [(&str, &str); 2] =
    [("nixosConfigurations", "nixos"), ("homeConfigurations", "home")];

impl Flake {
    /// What `src + /nix` has of the options: a file or folder each, or a file for each attribute.
    pub(super) fn in_folder(
        &self,
        machine: &mut Machine<'_>,
        own: FlakeId,
        source: Value,
    ) -> Value {
        let folder = match (self.option(machine, &["nixDir"]), source) {
            (Some(Value::Path(flake, path)), _) => Some(Folder { flake, path }),
            (Some(Value::Null), _) => None,
            (_, Value::Path(flake, path)) => Folder { flake, path }.below(machine, "nix"),
            _ => Folder::of_flake(machine, own).and_then(|root| root.below(machine, "nix")),
        };
        let Some(folder) = folder else { return Value::no_attrs() };
        let entries = folder.entries(machine);
        if let Some((_, file)) = entries.iter().find(|(name, _)| &**name == "nixDirAliases") {
            let aliases = machine.import(file, None);
            let module = set_of(machine, vec![("nixDirAliases".into(), aliases)]);
            machine.collect(self.class, &module);
        }
        let mut found = Vec::new();
        let options = OUTPUTS.into_iter().flat_map(|(name, single)| [Some(name), single]);
        for option in options.flatten().chain(["perSystem", "outputs", "withOverlays"]) {
            let mut names: Vec<Name> = vec![option.into()];
            names.extend(
                ALIASES.iter().filter(|(of, _)| *of == option).map(|(_, alias)| (*alias).into()),
            );
            if let Some(aliases) = self.option(machine, &["nixDirAliases", option]) {
                names.extend(machine.texts(&aliases));
            }
            for name in names {
                let read = match entries.iter().find(|(known, _)| *known == name) {
                    Some((_, file)) => Some(machine.import(file, None)),
                    None => {
                        let below = folder.below(machine, &name);
                        below.map(|folder| in_files(machine, &folder, option))
                    }
                };
                found.extend(read.map(|read| set_of(machine, vec![(option.into(), read)])));
            }
        }
        let modules = found.into_iter().map(|module| machine.done(module)).collect();
        Value::list(modules, false)
    }
}

/// The files of a folder that is an option, by their names; modules are named by their paths.
fn in_files(machine: &mut Machine<'_>, folder: &Folder, option: &str) -> Value {
    let are_modules = option.ends_with("Modules");
    let mut all = Vec::new();
    for (name, file) in folder.entries(machine) {
        if &*name == "default" {
            continue;
        }
        let name = name.strip_prefix('_').map_or(name.clone(), Name::from);
        let value = if are_modules { file } else { machine.import(&file, None) };
        all.push((name, value));
    }
    if option == "withOverlays" {
        let items = all.into_iter().map(|(_, value)| machine.done(value)).collect();
        return Value::list(items, false);
    }
    set_of(machine, all)
}
