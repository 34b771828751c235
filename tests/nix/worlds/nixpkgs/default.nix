# Packages with settings. None is built, and none is a derivation to Nix: each is a set with its
# `node`, which says what it is made of, and by which nixpkgs. A path to it has all that in it, so that
# it is not lost in a script either.
{
  system ? "x86_64-linux",
  config ? { },
  overlays ? [ ],
  ...
}@arguments:
let
  lib = import ./lib.nix;

  # Nodes in a value: of packages, lists and sets of them, and texts that name them.
  nodes =
    value:
    if builtins.isList value then
      builtins.concatMap nodes value
    else if builtins.isString value then
      map (found: builtins.fromJSON (builtins.head found)) (
        builtins.filter builtins.isList (builtins.split "@@([^@]*)@@" value)
      )
    else if builtins.isAttrs value && value ? node then
      [ value.node ]
    else if builtins.isAttrs value then
      builtins.concatMap nodes (builtins.attrValues value)
    else
      [ ];

  # By which names a builder's own nixpkgs has the packages that settings change.
  changed = {
    torch = all: all.python3Packages.torch;
    torchvision = all: all.python3Packages.torchvision;
    onnxruntime = all: all.onnxruntime;
    ollama = all: all.ollama;
  };

  base =
    final:
    let
      given = if builtins.isFunction config then config { inherit lib; } else config;
      settings = {
        allowUnfree = false;
        cudaSupport = false;
        rocmSupport = false;
      }
      // given;
      told =
        settings:
        builtins.concatStringsSep "+" (
          lib.optional settings.cudaSupport "cuda" ++ lib.optional settings.rocmSupport "rocm"
        );

      make =
        {
          name,
          gpu ? null,
          holds ? [ ],
          # Made by the root: it has to agree with what it holds.
          own ? builtins.substring 0 4 name == "own-",
          more ? { },
        }:
        let
          node = {
            inherit name gpu own;
            by = told settings;
            holds = nodes holds;
          }
          // (if own then { main = builtins.mapAttrs (_: find: (find final).node.gpu) changed; } else { });
          path = "@@${builtins.toJSON node}@@";
        in
        {
          type = "derivation";
          inherit name node system;
          pname = name;
          version = "1";
          outPath = path;
          drvPath = path;
          outputName = "out";
          meta.mainProgram = name;
        }
        // more;

      makeOverridable =
        f: given:
        f given
        // {
          override =
            more: makeOverridable f (given // (if builtins.isFunction more then more given else more));
          overrideAttrs = _: makeOverridable f given;
        };

      simple = name: make { inherit name; };
      # As their files in nixpkgs: the settings are arguments, with those of `config` as defaults.
      gpu =
        name: holds:
        makeOverridable
          (
            {
              cudaSupport ? settings.cudaSupport,
              rocmSupport ? settings.rocmSupport,
            }:
            make {
              inherit name holds;
              gpu = told { inherit cudaSupport rocmSupport; };
            }
          )
          { };

      mkDerivation =
        given:
        let
          attributes = if builtins.isFunction given then given attributes else given;
          held = builtins.removeAttrs attributes [
            "meta"
            "passthru"
            "src"
          ];
        in
        make {
          name = attributes.pname or attributes.name;
          holds = held;
          more = attributes.passthru or { };
        }
        // {
          overrideAttrs =
            more:
            mkDerivation (
              attributes // (if builtins.isFunction more then more attributes else more)
            );
        };

      python =
        overrides:
        let
          own = ps: {
            python = interpreter;
            torch = gpu "torch" [ ps.numpy ];
            torchvision = gpu "torchvision" [ ps.torch ];
            torch-bin = simple "torch-bin";
            numpy = simple "numpy";
            requests = simple "requests";
            pip = simple "pip";
            callPackage = callWith (final // ps);
            buildPythonPackage = mkDerivation;
            buildPythonApplication = mkDerivation;
          };
          set =
            let
              ps = lib.composeManyExtensions [
                (_: _: own ps)
                overrides
              ] ps { };
            in
            ps;
          interpreter = simple "python3" // {
            pkgs = set;
            override = { packageOverrides }: python packageOverrides;
            # A function has no name, so what the root makes is told by what nobody else puts in.
            withPackages =
              choose:
              let
                holds = choose set;
              in
              make {
                name = "python3-env";
                inherit holds;
                own = builtins.any (one: one.name == "pip") holds;
              };
          };
        in
        interpreter;

      callWith =
        scope: file: given:
        let
          function = if builtins.isFunction file then file else import file;
          wanted = builtins.intersectAttrs (builtins.functionArgs function) scope;
        in
        makeOverridable function (wanted // given);
    in
    {
      inherit lib system mkDerivation;
      config = settings;
      path = ./.;
      stdenv = {
        inherit mkDerivation system;
        isLinux = true;
        isDarwin = false;
        hostPlatform = {
          inherit system;
          isLinux = true;
          isDarwin = false;
        };
      };
      extend = overlay: import ./. (arguments // { overlays = overlays ++ [ overlay ]; });
      appendOverlays = more: import ./. (arguments // { overlays = overlays ++ more; });
      callPackage = callWith final;

      hello = simple "hello";
      zlib = simple "zlib";
      git = simple "git";
      coreutils = simple "coreutils";
      onnxruntime = gpu "onnxruntime" [ ];
      ollama = gpu "ollama" [ ];
      python3 = python (_: _: { });
      python3Packages = final.python3.pkgs;
      python312 = final.python3;
      python312Packages = final.python3Packages;

      mkShell =
        given:
        make {
          name = given.name or "nix-shell";
          own = builtins.substring 0 4 (given.name or "") == "own-";
          holds = given;
        };
      mkShellNoCC = final.mkShell;
      buildEnv =
        { name, paths, ... }:
        make {
          inherit name;
          holds = paths;
        };
      symlinkJoin = final.buildEnv;
      runCommand =
        name: attributes: text:
        make {
          inherit name;
          holds = [
            attributes
            text
          ];
        };
      writeShellScriptBin =
        name: text:
        make {
          inherit name;
          holds = text;
        };
      writeShellScript = final.writeShellScriptBin;
      writeText = final.writeShellScriptBin;
      writeShellApplication =
        {
          name,
          runtimeInputs ? [ ],
          text,
          ...
        }:
        make {
          inherit name;
          holds = [
            runtimeInputs
            text
          ];
        };

      # What NixOS and home-manager make of their modules is the root's, whatever it is called.
      host =
        { name, holds }:
        make {
          name = "nixos-system-${name}";
          own = true;
          inherit holds;
        };
      home =
        { holds }:
        make {
          name = "home-manager-generation";
          own = true;
          inherit holds;
        };
    };

  all =
    let
      final = builtins.foldl' (all: overlay: all // overlay final all) (base final) overlays;
    in
    final;
in
all
