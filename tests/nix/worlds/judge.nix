# What Nix says of worlds: each output as the tree of what it is made of.
{
  store,
  worlds,
  # Whether Nix itself is to call the flakes, from its own store.
  asFlakes,
}:
let
  # As Nix calls flakes (`call-flake.nix`): inputs bound as the lock binds them.
  called =
    world:
    let
      lock = builtins.fromJSON (builtins.readFile (world.root + "/flake.lock"));
      target = spec: if builtins.isList spec then followed lock.root spec else spec;
      followed =
        key: path:
        if path == [ ] then
          key
        else
          followed (target lock.nodes.${key}.inputs.${builtins.head path}) (builtins.tail path);
      flakes = builtins.mapAttrs (
        key: node:
        let
          folder = if key == lock.root then world.root else store + "/${world.sources.${key}}";
          flake = import (folder + "/flake.nix");
          inputs = builtins.mapAttrs (_: spec: flakes.${target spec}) (node.inputs or { });
          outputs = flake.outputs (inputs // { self = result; });
          result = outputs // {
            inherit inputs outputs;
            outPath = folder;
            _type = "flake";
          };
        in
        result
      ) lock.nodes;
    in
    flakes.${lock.root};

  # A program of an app is a path, with all that it names in it.
  node =
    value:
    if builtins.isString value then
      builtins.fromJSON (builtins.head (builtins.elemAt (builtins.split "@@([^@]*)@@" value) 1))
    else
      value.node;
in
map (
  world:
  let
    sources = map (
      folder:
      builtins.path {
        name = "source";
        path = store + "/${folder}";
      }
    ) (builtins.attrValues world.sources);
    root =
      if asFlakes then
        builtins.deepSeq sources (builtins.getFlake "path:${toString world.root}")
      else
        called world;
  in
  map (path: node (builtins.foldl' (set: name: set.${name}) root path)) world.outputs
) worlds
