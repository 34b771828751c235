{
  description = "As much of flake-utils as worlds need";
  outputs =
    { self }:
    let
      defaultSystems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      eachSystem =
        systems: f:
        builtins.foldl' (
          all: system:
          let
            its = f system;
          in
          all
          // builtins.mapAttrs (name: value: (all.${name} or { }) // { ${system} = value; }) its
        ) { } systems;
    in
    {
      lib = {
        inherit defaultSystems eachSystem;
        eachDefaultSystem = eachSystem defaultSystems;
      };
    };
}
