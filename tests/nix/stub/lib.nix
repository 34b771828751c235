rec {
  version = "@version@";
  systems.flakeExposed = [
    "x86_64-linux"
    "aarch64-linux"
    "x86_64-darwin"
    "aarch64-darwin"
  ];
  genAttrs =
    names: f:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );
  licenses.mit = "MIT";
  licenses.asl20 = "Apache-2.0";
  optionalString = condition: text: if condition then text else "";
  optionals = condition: list: if condition then list else [ ];
  escapeShellArgs = words: builtins.concatStringsSep " " (map (word: "'${word}'") words);
  # Sets of files are lists of paths here, each a file or a folder that is there.
  fileset.unions = paths: assert builtins.all builtins.pathExists paths; paths;
  fileset.toSource =
    { root, fileset }:
    builtins.path {
      name = "source";
      path = root;
      filter =
        path: _:
        builtins.any (
          chosen:
          let
            below = folder: one: builtins.substring 0 (builtins.stringLength folder + 1) one == folder + "/";
          in
          path == toString chosen || below (toString chosen) path || below path (toString chosen)
        ) fileset;
    };
  unique = builtins.foldl' (seen: one: if builtins.elem one seen then seen else seen ++ [ one ]) [ ];
}
