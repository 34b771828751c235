# The functions that worlds call, as nixpkgs has them.
let
  modules = import ./modules.nix lib;
  lib = {
    inherit lib;
    version = "24.11";
    systems.flakeExposed = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    inherit (builtins)
      attrNames
      attrValues
      concatMap
      concatStringsSep
      elem
      filter
      foldl'
      head
      isAttrs
      isFunction
      isList
      listToAttrs
      map
      mapAttrs
      ;
    id = x: x;
    const = x: _: x;
    genAttrs =
      names: f:
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = f name;
        }) names
      );
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = f: set: builtins.listToAttrs (map (name: f name set.${name}) (builtins.attrNames set));
    mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
    filterAttrs =
      f: set:
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = set.${name};
        }) (builtins.filter (name: f name set.${name}) (builtins.attrNames set))
      );
    optional = condition: one: if condition then [ one ] else [ ];
    optionals = condition: list: if condition then list else [ ];
    optionalAttrs = condition: set: if condition then set else { };
    optionalString = condition: text: if condition then text else "";
    flatten = x: if builtins.isList x then builtins.concatMap lib.flatten x else [ x ];
    unique = builtins.foldl' (seen: one: if builtins.elem one seen then seen else seen ++ [ one ]) [ ];
    getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname}";
    getExe' = package: name: "${package}/bin/${name}";
    getName = package: package.pname or package.name;
    makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
    recursiveUpdate =
      one: other:
      one
      // builtins.mapAttrs (
        name: value:
        if one ? ${name} && builtins.isAttrs one.${name} && builtins.isAttrs value then
          lib.recursiveUpdate one.${name} value
        else
          value
      ) other;
    composeManyExtensions =
      overlays: final: prev:
      builtins.foldl' (all: overlay: all // overlay final (prev // all)) { } overlays;
    composeExtensions =
      one: other:
      lib.composeManyExtensions [
        one
        other
      ];
  }
  // modules;
in
lib
