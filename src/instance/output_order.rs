//! The order in which people look for outputs: hosts and homes first, checks and the like last.

/// Indices of outputs, given by their paths, in that order. Outputs of one kind keep their order.
pub fn output_order<'o>(paths: impl IntoIterator<Item = &'o [String]>) -> Vec<usize> {
    let ranks = paths.into_iter().map(rank);
    let mut places: Vec<_> = ranks.enumerate().map(|(place, rank)| (rank, place)).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, place)| place).collect()
}

/// The kinds of outputs that people build.
const KINDS: &[&[&str]] = &[
    &["nixosConfigurations"],
    &["darwinConfigurations"],
    &["systemConfigs", "nixOnDroidConfigurations"],
    &["homeConfigurations"],
    &["devShells", "devShell"],
    &["packages", "defaultPackage"],
    &["apps", "defaultApp"],
];
/// Kinds that mostly repeat others: deployments of the hosts, and tests.
const LAST: &[&str] =
    &["legacyPackages", "colmena", "colmenaHive", "deploy", "hydraJobs", "checks"];

fn rank(path: &[String]) -> usize {
    let place = |name: &str| KINDS.iter().position(|kind| kind.contains(&name));
    let (first, third) = (path.first().map(String::as_str), path.get(2).map(String::as_str));
    let kind = match (first, third) {
        // homeConfigurations below a system.
        (Some("legacyPackages"), Some(name)) => place(name),
        (Some(name), _) => place(name),
        (None, _) => None,
    };
    let last = first.and_then(|first| LAST.iter().position(|name| *name == first));
    match (kind, last) {
        (Some(kind), _) => kind,
        // Names that are not in the lists come between the two.
        (None, None) => KINDS.len(),
        (None, Some(last)) => KINDS.len() + 1 + last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_homes_stand_first_and_checks_last() {
        let paths = [
            "checks.s.a",
            "deploy.nodes.a",
            "devShells.s.default",
            "dormant.a",
            "homeConfigurations.a",
            "legacyPackages.s.homeConfigurations.b",
            "legacyPackages.s.x",
            "nixosConfigurations.b",
            "nixosConfigurations.a",
            "packages.s.default",
        ];
        let paths: Vec<Vec<String>> =
            paths.iter().map(|path| path.split('.').map(str::to_owned).collect()).collect();
        let order = output_order(paths.iter().map(Vec::as_slice));
        let names: Vec<String> = order.iter().map(|place| paths[*place].join(".")).collect();
        assert_eq!(
            names,
            [
                "nixosConfigurations.b",
                "nixosConfigurations.a",
                "homeConfigurations.a",
                "legacyPackages.s.homeConfigurations.b",
                "devShells.s.default",
                "packages.s.default",
                "dormant.a",
                "legacyPackages.s.x",
                "deploy.nodes.a",
                "checks.s.a",
            ]
        );
    }
}
