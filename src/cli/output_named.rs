//! Finds outputs by the names that people use: `nixosConfigurations.desk`, `devShells.default`,
//! `desk`.

use std::collections::BTreeMap;

use crate::audit::ReportedOutput;
use crate::text::nearest;

/// How many outputs are listed if a name is ambiguous.
const SHOWN: usize = 5;

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NamedOutputs {
    /// These, by index in the report; several only if they have the same path.
    Outputs(Vec<usize>),
    /// Several: the names of the first of them, and how many more there are.
    Several(Vec<String>, usize),
    /// None, with the nearest name if there is one.
    Nothing(Option<String>),
}

/// The output with this name: its path, its path without the system, a path that continues it
/// (`….config.system.build.toplevel`), its last names, or its first ones. The first of these that
/// matches wins. Names may be quoted as in Nix, and the text may begin with `.#`.
pub(super) fn find_outputs(outputs: &[ReportedOutput<'_>], text: &str) -> NamedOutputs {
    let names = names(text.strip_prefix(".#").unwrap_or(text));
    if names.is_empty() {
        return NamedOutputs::Nothing(None);
    }
    let wanted = names.join(".");
    let called: Vec<(usize, Called)> = outputs
        .iter()
        .enumerate()
        .flat_map(|(at, output)| names_of(output).map(move |c| (at, c)))
        .collect();
    let with_names = |is_meant: &dyn Fn(&Called) -> bool| -> Vec<usize> {
        let mut found: Vec<usize> =
            called.iter().filter(|(_, called)| is_meant(called)).map(|(at, _)| *at).collect();
        found.dedup();
        found
    };
    let ways: [&dyn Fn(&Called) -> bool; 6] = [
        &|called| called.path == names,
        &|called| called.path.join(".") == wanted,
        &|called| called.without_system.join(".") == wanted,
        &|called| {
            !called.path.is_empty()
                && (names.starts_with(&called.path) || names.starts_with(&called.without_system))
        },
        &|called| called.path.ends_with(&names) || called.without_system.ends_with(&names),
        &|called| called.path.starts_with(&names),
    ];
    for way in ways {
        let found = with_names(way);
        match found.as_slice() {
            [] => {}
            [first, rest @ ..] => {
                let path = |at: &usize| outputs.get(*at).map(|output| &output.path);
                if rest.iter().all(|at| path(at) == path(first)) {
                    return NamedOutputs::Outputs(found);
                }
                let shown = found.iter().take(SHOWN).filter_map(|at| outputs.get(*at));
                let shown = shown.map(ReportedOutput::name).collect();
                return NamedOutputs::Several(shown, found.len().saturating_sub(SHOWN));
            }
        }
    }
    NamedOutputs::Nothing(nearest_name(&called, &wanted))
}

/// The name that is nearest to a text: a whole path, one without its system, or a last name.
fn nearest_name(called: &[(usize, Called)], wanted: &str) -> Option<String> {
    let mut written: BTreeMap<String, String> = BTreeMap::new();
    for (_, called) in called {
        let whole = called.path.join(".");
        let last = called.path.last().cloned().unwrap_or_default();
        for spelling in [called.without_system.join("."), last, whole.clone()] {
            written.entry(spelling).or_insert_with(|| whole.clone());
        }
    }
    let meant = nearest(wanted, written.keys().map(String::as_str))?;
    written.get(meant).cloned()
}

/// A name of an output.
struct Called {
    path: Vec<String>,
    without_system: Vec<String>,
}

/// The paths of an output: one for each of its systems.
fn names_of<'o>(output: &'o ReportedOutput<'_>) -> impl Iterator<Item = Called> + 'o {
    let at = output.path.iter().position(|name| is_system(name));
    let path = match output.path.is_empty() {
        true => vec!["outputs".to_owned()],
        false => output.path.clone(),
    };
    let mut without_system = path.clone();
    if let Some(at) = at {
        without_system.remove(at);
    }
    let of_systems = output.systems.iter().filter_map({
        let path = path.clone();
        move |system| {
            let mut path = path.clone();
            *path.get_mut(at?)? = system.clone();
            Some(path)
        }
    });
    std::iter::once(path.clone())
        .chain(of_systems)
        .map(move |path| Called { path, without_system: without_system.clone() })
}

/// Whether an attribute has the form of a system: `x86_64-linux`.
fn is_system(name: &str) -> bool {
    ["-linux", "-darwin", "-freebsd", "-windows"].iter().any(|end| name.ends_with(end))
}

/// The names in an attribute path, without quotes.
fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        let Some(name) = names.last_mut() else { break };
        match c {
            _ if escaped => {
                name.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            c => name.push(c),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::evaluate::facts::Read;

    fn output(path: &[&str], systems: &[&str]) -> ReportedOutput<'static> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        ReportedOutput {
            redundant: Vec::new(),
            path: owned(path),
            systems: owned(systems),
            main: Vec::new(),
            outer: Vec::new(),
            inner: Vec::new(),
            read: Read::Whole,
            not_read: Vec::new(),
            place: None,
            uses: Vec::new(),
        }
    }

    fn outputs() -> Vec<ReportedOutput<'static>> {
        vec![
            output(&["devShells", "x86_64-linux", "default"], &["aarch64-linux"]),
            output(&["devShells", "x86_64-linux", "gpu"], &[]),
            output(&["homeConfigurations", "ada@desk"], &[]),
            output(&["nixosConfigurations", "desk"], &[]),
            output(&["nixosConfigurations", "my.host"], &[]),
            output(&["packages", "aarch64-darwin", "tool"], &[]),
            output(&["packages", "x86_64-linux", "default"], &[]),
            output(&["packages", "x86_64-linux", "tool"], &[]),
        ]
    }

    #[track_caller]
    fn is(text: &str, path: &str) {
        let outputs = outputs();
        match find_outputs(&outputs, text) {
            NamedOutputs::Outputs(found) => {
                let found: Vec<_> = found.iter().map(|at| outputs[*at].name()).collect();
                assert_eq!(found, [path], "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_whole_path_is_found_for_each_system() {
        is("nixosConfigurations.desk", "nixosConfigurations.desk");
        is("devShells.x86_64-linux.default", "devShells.x86_64-linux.default");
        is("devShells.aarch64-linux.default", "devShells.x86_64-linux.default");
        is(".#devShells.x86_64-linux.gpu", "devShells.x86_64-linux.gpu");
    }

    #[test]
    fn the_system_may_be_left_out() {
        is("devShells.default", "devShells.x86_64-linux.default");
        is("packages.default", "packages.x86_64-linux.default");
        assert_eq!(
            find_outputs(&outputs(), "packages.tool"),
            NamedOutputs::Several(
                vec!["packages.aarch64-darwin.tool".into(), "packages.x86_64-linux.tool".into()],
                0
            )
        );
        is("packages.x86_64-linux.tool", "packages.x86_64-linux.tool");
    }

    #[test]
    fn names_in_quotes_and_with_dots() {
        is("nixosConfigurations.\"my.host\"", "nixosConfigurations.\"my.host\"");
        is("nixosConfigurations.my.host", "nixosConfigurations.\"my.host\"");
        is("\"my.host\"", "nixosConfigurations.\"my.host\"");
        is("homeConfigurations.\"ada@desk\"", "homeConfigurations.\"ada@desk\"");
        is("ada@desk", "homeConfigurations.\"ada@desk\"");
    }

    #[test]
    fn last_names_are_enough_where_only_one_has_them() {
        is("desk", "nixosConfigurations.desk");
        is("gpu", "devShells.x86_64-linux.gpu");
        is("x86_64-linux.gpu", "devShells.x86_64-linux.gpu");
        let several = find_outputs(&outputs(), "default");
        assert!(
            matches!(&several, NamedOutputs::Several(names, 0) if names.len() == 2),
            "{several:?}"
        );
    }

    #[test]
    fn first_names_are_enough_where_only_one_has_them() {
        is("homeConfigurations", "homeConfigurations.\"ada@desk\"");
        let several = find_outputs(&outputs(), "nixosConfigurations");
        assert!(
            matches!(&several, NamedOutputs::Several(names, 0) if names.len() == 2),
            "{several:?}"
        );
        let many: Vec<_> =
            (0..9).map(|at| output(&["checks", "x86_64-linux", &format!("c{at}")], &[])).collect();
        let several = find_outputs(&many, "checks.x86_64-linux");
        assert!(
            matches!(&several, NamedOutputs::Several(names, 4) if names.len() == 5),
            "{several:?}"
        );
    }

    #[test]
    fn what_is_built_of_an_output_stands_for_it() {
        is("nixosConfigurations.desk.config.system.build.toplevel", "nixosConfigurations.desk");
        is("devShells.default.drvPath", "devShells.x86_64-linux.default");
    }

    #[test]
    fn what_is_not_there_is_answered_with_what_is_like_it() {
        let like = |text: &str| match find_outputs(&outputs(), text) {
            NamedOutputs::Nothing(like) => like,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(like("nixosConfiguration.desk").as_deref(), Some("nixosConfigurations.desk"));
        assert_eq!(like("dekc").as_deref(), Some("nixosConfigurations.desk"));
        assert_eq!(like("devShell.gpu").as_deref(), Some("devShells.x86_64-linux.gpu"));
        assert_eq!(like("something else"), None);
        for nothing in ["", ".", "..", ".#", "\"\""] {
            assert_eq!(find_outputs(&outputs(), nothing), NamedOutputs::Nothing(None), "{nothing}");
        }
    }

    #[test]
    fn outputs_of_the_same_path_are_meant_together() {
        let twice = [output(&["packages", "x"], &[]), output(&["packages", "x"], &[])];
        assert_eq!(find_outputs(&twice, "packages.x"), NamedOutputs::Outputs(vec![0, 1]));
        let unknown = [output(&[], &[])];
        assert_eq!(find_outputs(&unknown, "outputs"), NamedOutputs::Outputs(vec![0]));
    }
}
