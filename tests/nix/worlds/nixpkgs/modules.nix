# A module system: imports, options, definitions with conditions and priorities. What nobody declares
# as an option is an error, as in nixpkgs.
lib:
let
  property = type: more: more // { _type = type; };
  is = type: value: builtins.isAttrs value && value._type or null == type;

  # What is left of a definition when its conditions are decided: values with their priorities.
  decided =
    priority: value:
    if is "merge" value then
      builtins.concatMap (decided priority) value.contents
    else if is "if" value then
      (if value.condition then decided priority value.content else [ ])
    else if is "override" value then
      decided value.priority value.content
    else
      [ { inherit priority value; } ];

  # What definitions of a set say of one name in it. Conditions go along, and are not decided: the
  # names may be what they depend on.
  below =
    name: value:
    if is "merge" value then
      builtins.concatMap (below name) value.contents
    else if is "if" value || is "override" value then
      map (content: value // { inherit content; }) (below name value.content)
    else
      lib.optional (value ? ${name}) value.${name};

  names =
    value:
    if is "merge" value then
      builtins.concatMap names value.contents
    else if is "if" value || is "override" value then
      names value.content
    else
      builtins.attrNames value;

  strongest =
    definitions:
    let
      best = builtins.foldl' (
        best: one: if one.priority < best then one.priority else best
      ) 9999 definitions;
    in
    map (one: one.value) (builtins.filter (one: one.priority == best) definitions);

  types = {
    any = {
      merge = values: builtins.elemAt values (builtins.length values - 1);
    };
    bool = types.any;
    str = types.any;
    int = types.any;
    package = types.any;
    pkgs = types.any;
    anything = types.any;
    raw = types.any;
    unspecified = types.any;
    enum = _: types.any;
    nullOr = type: type;
    lines.merge = builtins.concatStringsSep "\n";
    listOf = _: { merge = builtins.concatLists; };
    attrs.merge = joined;
    # Names are known before any of the values is.
    lazyAttrsOf = _: {
      merge =
        sets:
        lib.genAttrs (lib.unique (builtins.concatMap names sets)) (
          name:
          types.any.merge (
            strongest (builtins.concatMap (decided 100) (builtins.concatMap (below name) sets))
          )
        );
    };
    attrsOf = _: types.attrs;
  };

  # Sets are joined name by name, lists one after the other; of all else the last one counts.
  joined =
    sets:
    let
      one =
        name:
        let
          given = strongest (
            builtins.concatMap (decided 100) (builtins.concatMap (below name) sets)
          );
          last = types.any.merge given;
          isSet = builtins.isAttrs last && !(last ? node);
        in
        lib.optional (given != [ ]) {
          inherit name;
          value =
            if builtins.isList last then
              builtins.concatLists given
            else if isSet then
              joined given
            else
              last;
        };
    in
    builtins.listToAttrs (builtins.concatMap one (lib.unique (builtins.concatMap names sets)));

  evalModules =
    {
      modules,
      specialArgs ? { },
    }:
    let
      arguments = {
        inherit lib config;
        inherit options;
      }
      // specialArgs;
      called =
        module:
        let
          extra = builtins.mapAttrs (name: _: config._module.args.${name}) (builtins.functionArgs module);
        in
        module (extra // arguments);
      loaded =
        module:
        if builtins.isPath module || builtins.isString module then
          loaded (import module)
        else if builtins.isFunction module then
          loaded (called module)
        else if module ? config || module ? options then
          [
            {
              config = module.config or { };
              options = module.options or { };
            }
          ]
          ++ builtins.concatMap loaded (module.imports or [ ])
        else if is "merge" module || is "if" module then
          [
            {
              config = module;
              options = { };
            }
          ]
        else
          [
            {
              config = builtins.removeAttrs module [
                "imports"
                "_file"
                "key"
              ];
              options = { };
            }
          ]
          ++ builtins.concatMap loaded (module.imports or [ ]);
      all = builtins.concatMap loaded modules;
      options = builtins.foldl' lib.recursiveUpdate {
        _module.args = mkOption {
          type = types.lazyAttrsOf types.raw;
          default = { };
        };
      } (map (one: one.options) all);
      definitions = map (one: one.config) all;
      value =
        path: declared: definitions:
        if is "option" declared then
          let
            given = strongest (builtins.concatMap (decided 100) definitions);
          in
          if given != [ ] then
            declared.type.merge given
          else
            declared.default or (throw "The option `${path}` is used but not defined.")
        else
          let
            unknown = builtins.filter (name: !(declared ? ${name})) (
              builtins.concatMap names definitions
            );
          in
          if unknown != [ ] then
            throw "The option `${path}.${builtins.head unknown}` does not exist."
          else
            builtins.mapAttrs (name: declared: value "${path}.${name}" declared (builtins.concatMap (below name) definitions)) declared;
      config = value "" options definitions;
    in
    {
      inherit config options;
    };

  mkOption = more: property "option" ({ type = types.any; } // more);
  mkOverride = priority: content: property "override" { inherit priority content; };
in
{
  inherit
    types
    evalModules
    mkOption
    mkOverride
    ;
  mkEnableOption =
    _:
    mkOption {
      type = types.bool;
      default = false;
    };
  mkPackageOption =
    pkgs: name: _:
    mkOption {
      type = types.package;
      default = pkgs.${name};
    };
  mkIf = condition: content: property "if" { inherit condition content; };
  mkMerge = contents: property "merge" { inherit contents; };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkBefore = content: content;
  mkAfter = content: content;
}
