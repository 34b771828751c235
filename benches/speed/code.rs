//! The files of the root: hosts, modules, users, overlays and packages.

use super::{INPUTS, MODULES, USERS};

pub(super) const OVERLAYS: &str = r#"{ inputs }:
{
  additions = final: _prev: import ../pkgs final;
  modifications = final: prev: {
    hello = prev.hello.overrideAttrs (old: {
      patches = (old.patches or [ ]) ++ [ ./hello.patch ];
    });
  };
  unstable = final: _prev: {
    fresh = inputs.nixpkgs.legacyPackages.${final.stdenv.hostPlatform.system};
  };
}
"#;

pub(super) const PACKAGE: &str = r#"{
  lib,
  stdenv,
  fetchFromGitHub,
  cmake,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "tool";
  version = "1.2.3";

  src = fetchFromGitHub {
    owner = "acme";
    repo = "tool";
    tag = "v${finalAttrs.version}";
    hash = lib.fakeHash;
  };

  nativeBuildInputs = [ cmake ];

  meta = {
    description = "A tool";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
  };
})
"#;

pub(super) fn all_of(count: usize) -> String {
    let files: String = (0..count).map(|at| format!("    ./m-{at:03}.nix\n")).collect();
    format!("{{\n  imports = [\n{files}  ];\n}}\n")
}

pub(super) fn host(at: usize) -> String {
    let enabled: String = (0..12)
        .map(|n| format!("  acme.modules.m-{:03}.enable = true;\n", (at * 7 + n * 11) % MODULES))
        .collect();
    let module = 4 + at * 2 % (INPUTS - 3) / 2 * 2;
    format!(
        r#"{{
  config,
  pkgs,
  inputs,
  lib,
  ...
}}:
{{
  imports = [
    ./hardware.nix
    ./services.nix
    inputs.dep-{module:02}.nixosModules.default
  ];

  networking.hostName = "host-{at:02}";
  networking.firewall.allowedTCPPorts = [
    22
    443
    {}
  ];
{enabled}
  environment.systemPackages = with pkgs; [
    git
    htop
    ripgrep
    tool
  ];

  home-manager = {{
    useGlobalPkgs = true;
    useUserPackages = true;
    extraSpecialArgs = {{ inherit inputs; }};
    users.user-{} = import ../../users/user-{}.nix;
  }};

  system.stateVersion = "24.11";
}}
"#,
        8_000 + at,
        at % USERS,
        at % USERS
    )
}

pub(super) fn hardware(at: usize) -> String {
    format!(
        r#"{{
  config,
  lib,
  modulesPath,
  ...
}}:
{{
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];

  boot.initrd.availableKernelModules = [
    "xhci_pci"
    "nvme"
    "usb_storage"
    "sd_mod"
  ];
  boot.kernelModules = [ "kvm-{}" ];

  fileSystems."/" = {{
    device = "/dev/disk/by-uuid/{at:08x}-0000-0000-0000-000000000000";
    fsType = "ext4";
  }};

  swapDevices = [ ];
  networking.useDHCP = lib.mkDefault true;
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  hardware.cpu.intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
}}
"#,
        if at.is_multiple_of(2) { "intel" } else { "amd" }
    )
}

/// A module with options, a service, a script and packages.
pub(super) fn module(area: &str, at: usize) -> String {
    format!(
        r#"{{
  config,
  lib,
  pkgs,
  ...
}}:
let
  cfg = config.acme.{area}.m-{at:03};
  inherit (lib)
    mkEnableOption
    mkIf
    mkOption
    types
    ;
in
{{
  options.acme.{area}.m-{at:03} = {{
    enable = mkEnableOption "number {at}";
    port = mkOption {{
      type = types.port;
      default = {};
      description = "The port on which it listens.";
    }};
    settings = mkOption {{
      type = types.attrsOf types.str;
      default = {{ }};
      example = {{
        level = "info";
      }};
    }};
  }};

  config = mkIf cfg.enable {{
    environment.systemPackages = [
      pkgs.curl
      pkgs.jq
    ]
    ++ lib.optionals pkgs.stdenv.isLinux [ pkgs.lsof ];

    # What it reads at start.
    environment.etc."m-{at:03}/config.json".text = builtins.toJSON (
      {{
        inherit (cfg) port;
        name = "m-{at:03}";
      }}
      // cfg.settings
    );

    systemd.services.m-{at:03} = {{
      description = "Service {at}";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      script = ''
        set -euo pipefail
        for file in /etc/m-{at:03}/*.json; do
          ${{pkgs.jq}}/bin/jq . "$file" > /dev/null || exit 1
        done
        exec ${{lib.getExe pkgs.python3}} -m http.server ${{toString cfg.port}}
      '';
      serviceConfig = {{
        DynamicUser = true;
        Restart = "on-failure";
        MemoryMax = if cfg.port > 9000 then "1G" else "512M";
      }};
    }};
  }};
}}
"#,
        8_000 + at
    )
}

pub(super) fn user(at: usize) -> String {
    format!(
        r#"{{
  pkgs,
  lib,
  config,
  ...
}}:
{{
  home = {{
    username = lib.mkDefault "user-{at}";
    homeDirectory = lib.mkDefault "/home/${{config.home.username}}";
    stateVersion = "24.11";
    packages = with pkgs; [
      bat
      fd
      fzf
    ];
  }};

  programs.git = {{
    enable = true;
    settings.user.name = "User {at}";
    aliases = {{
      co = "checkout";
      st = "status";
    }};
  }};

  programs.bash.initExtra = ''
    export EDITOR=${{lib.getExe pkgs.neovim}}
    alias ll='ls -l'
  '';
}}
"#
    )
}
