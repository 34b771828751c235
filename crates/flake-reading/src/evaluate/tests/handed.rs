//! What code that is not read may make of the modules that it gets.

use super::*;

/// A Mac is one by the name of the output, its system, or its class.
#[test]
fn macs_of_unread_builders() {
    let modules = "modules = [ { nixpkgs.config.cudaSupport = true;
        environment.systemPackages = [ dep.packages.x.a ]; } ];";
    for (output, given, is_mac) in [
        ("darwinConfigurations.a", "", true),
        ("machines.a", "system = \"aarch64-darwin\";", true),
        ("machines.a", "class = \"darwin\"; arch = \"aarch64\";", true),
        ("machines.a", "system = \"x86_64-linux\"; class = \"nixos\";", false),
        ("nixosConfigurations.a", "", false),
        ("darwinConfigurations.a", "system = \"x86_64-linux\";", false),
    ] {
        let flake = format!(
            "{{ nixpkgs, my, dep, ... }}: {{ {output} = my.lib.mk {{ {given} {modules} }}; }}"
        );
        let mac = if is_mac { "@mac" } else { "" };
        let told =
            format!("{output}: -[cudaSupport]{mac} 0<dep.packages.x.a -- a function of `my`");
        assert_eq!(read_outputs("nixpkgs my dep", &flake).told(), [told], "{output} {given}");
    }
}
