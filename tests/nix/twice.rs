//! `twice`: what a flake builds in two variants according to Nix, before and after a repair.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{self, Nix};
use crate::seed::scenario;
use crate::textbook::{FOLLOWS_PLAIN, INLINE, world as textbook};
use crate::world::{SYSTEM, World, fixture, seed};

/// The root of every scenario.
const ROOT: &str = "root";

/// Makes the evaluated derivations readable for `twice`, wherever the store of that Nix is: a
/// program in Nix's place copies each derivation in Nix's answers into a store of its own.
pub(crate) fn copying(world: &World<'_>) -> (PathBuf, PathBuf) {
    let (program, store) = (world.at("copying-nix"), world.at("copied"));
    let text = format!(
        "#!/bin/sh\nnix={nix}\nanswer=$(\"$nix\" \"$@\") || exit\ncase $answer in\n  \
         /nix/store/*.drv) \"$nix\" --extra-experimental-features nix-command copy --no-check-sigs \
         --derivation --to {store} \"$answer\" >/dev/null 2>&1 || exit ;;\nesac\nprintf '%s' \"$answer\"\n",
        nix = world.nix.program.display(),
        store = store.display(),
    );
    fs::create_dir_all(&store).unwrap();
    fs::write(&program, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    (program, store)
}

/// Runs `flake-audit twice` on the root: the exit code, and the document.
fn twice(world: &World<'_>, more: &[&str]) -> (i32, Value) {
    let (program, store) = copying(world);
    let before = world.pair(ROOT);
    let output = world
        .flake_audit(&["twice", ROOT])
        .args(more)
        .args(["--json", "--system", SYSTEM, "--nix"])
        .arg(program)
        .arg("--store")
        .arg(store)
        .output()
        .unwrap();
    assert_eq!(world.pair(ROOT), before, "twice writes nothing");
    let told = String::from_utf8_lossy(&output.stderr);
    let document = serde_json::from_slice(&output.stdout);
    let document: Value =
        document.unwrap_or_else(|error| panic!("{}: {error}: {told}", world.nix.name));
    is_what_the_schema_says(&document);
    (output.status.code().unwrap(), document)
}

/// A document is valid by `docs/twice.schema.json`, without other fields.
fn is_what_the_schema_says(document: &Value) {
    let mut schema = serde_json::from_str(include_str!("../../docs/twice.schema.json")).unwrap();
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problem =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    let problems: Vec<String> = validator.iter_errors(document).map(problem).collect();
    assert_eq!(problems, [""; 0], "{document:#}");
}

/// Forbids fields that are not in a schema, although later versions may add some.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.contains_key("properties") {
                object.insert("additionalProperties".into(), false.into());
            }
        }
        Value::Array(array) => array.iter_mut().for_each(close),
        _ => {}
    }
}

/// The output of a document that has this name.
fn output<'d>(document: &'d Value, name: &str) -> &'d Value {
    let mut outputs = document["outputs"].as_array().unwrap().iter();
    outputs.find(|output| output["output"] == name).unwrap_or_else(|| panic!("{document:#}"))
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap_or_else(|| it["name"].as_str().unwrap()))
        .collect()
}

#[test]
fn torch_is_there_twice_until_the_repair() {
    let shell = format!("devShells.{SYSTEM}.default");
    for nix in &program::all() {
        let world = scenario(nix, "a-follows-plain");
        let (code, document) = twice(&world, &["--with-fix"]);
        assert_eq!(code, 1, "{}: {document:#}", nix.name);
        let told = output(&document, &shell);
        assert_eq!(names(&told["twice"]), ["torch"], "{}", nix.name);
        let torch = &told["twice"][0];
        let variants = torch["variants"].as_array().unwrap();
        assert_eq!(variants.len(), 2);
        assert_eq!(variants[0]["input_path"], serde_json::json!(["another-dep"]), "{torch:#}");
        assert_eq!(variants[1]["input_path"], serde_json::json!([]));
        let drvs: Vec<&str> = variants.iter().map(|it| it["drv"].as_str().unwrap()).collect();
        let mut torches = world.torches(ROOT);
        torches.sort_by_key(|torch| drvs.iter().position(|drv| drv == torch));
        assert_eq!(torches, drvs);
        let begins = torch["begins"].as_array().unwrap();
        assert!(begins.iter().all(|begins| begins["name"] == "torch"), "{begins:#?}");
        assert!(begins.iter().any(|begins| begins["attribute"] == "settings"), "{begins:#?}");
        let with_fix = &told["with_fix"];
        assert_eq!(names(&with_fix["gone"]), ["torch"], "{with_fix:#}");
        assert_eq!(with_fix["twice_total"], 0);
        let fewer =
            told["derivations"].as_u64().unwrap() - with_fix["derivations"].as_u64().unwrap();
        assert_eq!(fewer, 1);

        let repaired = world.flake_audit(&["fix", ROOT]).output().unwrap();
        assert!(repaired.status.success(), "{repaired:?}");
        let (code, document) = twice(&world, &[]);
        assert_eq!(code, 0, "{}: {document:#}", nix.name);
        assert_eq!(output(&document, &shell)["twice_total"], 0);
    }
}

/// For each seed scenario with a repair: which of how many derivations in its shell exist twice,
/// what `twice --with-fix` predicts, and the result after `fix`.
const BEFORE_AND_AFTER: &str = "\
a-follows-plain   torch of 6         nothing of 5       nothing of 5
b-own-nixpkgs     torch of 6         nothing of 5       nothing of 5
d-three-levels    torch of 10        nothing of 9       nothing of 9
e-team-wrappers   torch of 8         nothing of 7       nothing of 7
f-skewed-wrapper  nothing of 5       nothing of 5       nothing of 5
h-pin-holder      torch of 6         torch of 6         torch of 6
";

#[test]
fn the_seeds_before_and_after_fix() {
    let shell = format!("devShells.{SYSTEM}.default");
    for nix in &program::all() {
        let mut table = String::new();
        for case in BEFORE_AND_AFTER.lines().map(|line| line.split(' ').next().unwrap()) {
            let world = scenario(nix, case);
            let (_, document) = twice(&world, &["--with-fix", "--all"]);
            let told = output(&document, &shell);
            let column = |names: Vec<&str>, derivations: &Value| {
                let names = if names.is_empty() { "nothing".into() } else { names.join(", ") };
                format!("{:19}", format!("{names} of {derivations}"))
            };
            let before = column(names(&told["twice"]), &told["derivations"]);
            let repaired = world.flake_audit(&["fix", ROOT]).output().unwrap();
            assert!(repaired.status.code().is_some_and(|code| code < 2), "{repaired:?}");
            // Older versions take a deeply overridden input from the registry.
            if case == "d-three-levels" && !nix.reads_deep_overrides() {
                assert!(told["with_fix"]["failed"].is_string(), "{}: {told:#}", nix.name);
                table += BEFORE_AND_AFTER.lines().find(|line| line.starts_with(case)).unwrap();
                table += "\n";
                continue;
            }
            let fixed = &told["with_fix"];
            let through = fixed["through"].as_array().unwrap();
            let chain = serde_json::json!(["nix-shell-24.05", "another-dep-24.05", "torch-24.05"]);
            assert!(through.iter().all(|way| way["chain"] == chain), "{}: {told:#}", nix.name);
            assert_eq!(through.len(), names(&fixed["left"]).len());
            let fixed = column(names(&fixed["left"]), &fixed["derivations"]);
            let (_, document) = twice(&world, &["--all"]);
            let told = output(&document, &shell);
            let after = column(names(&told["twice"]), &told["derivations"]);
            table += format!("{case:18}{before}{fixed}{after}").trim_end();
            table += "\n";
        }
        assert_eq!(table, BEFORE_AND_AFTER, "{}", nix.name);
    }
}

/// The page shows the real output for a similar flake.
#[test]
fn the_page_shows_what_is_printed() {
    let page = include_str!("../../docs/twice.md");
    for nix in &program::all() {
        let world = World::new(nix);
        world.dependency("another-dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
        fixture(&world, "seed/a-follows-plain", ROOT);
        world.lock(ROOT);
        let (program, store) = copying(&world);
        let output = world
            .flake_audit(&["twice", ROOT, "--with-fix", "--system", SYSTEM, "--nix"])
            .args([program.as_os_str(), "--store".as_ref(), store.as_os_str()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let shown = page.lines().skip_while(|line| !line.contains(" twice among "));
        let shown = shown.map_while(|line| line.strip_prefix("    "));
        let shown: String = shown.map(|line| format!("{line}\n")).collect();
        assert_eq!(shown.trim_end(), text.trim_end(), "{}", nix.name);
    }
}

#[test]
fn settings_made_in_place_are_the_ones_that_all_would_have() {
    let shell = format!("devShells.{SYSTEM}.default");
    for nix in &program::all() {
        let world = textbook(nix, ROOT, INLINE);
        let (code, document) = twice(&world, &[&shell]);
        assert_eq!(code, 1, "{}: {document:#}", nix.name);
        assert_eq!(names(&output(&document, &shell)["twice"]), ["torch"]);
    }
}

#[test]
fn an_output_that_cannot_be_evaluated_hides_no_other() {
    let broken = FOLLOWS_PLAIN.replace(
        "checks.x86_64-linux.dep = ",
        "packages.x86_64-linux.broken = throw \"no such luck\";\n    \
         packages.x86_64-linux.built-first = nixpkgs.legacyPackages.x86_64-linux.imported;\n    \
         checks.x86_64-linux.dep = ",
    );
    for nix in &program::all() {
        let world = textbook(nix, ROOT, &broken);
        let (code, document) = twice(&world, &[]);
        // The other outputs contain no second torch.
        assert_eq!(code, 2, "{}: {document:#}", nix.name);
        let failed = |name: &str| {
            let name = format!("packages.{SYSTEM}.{name}");
            output(&document, &name)["failed"].as_str().unwrap_or_default().to_owned()
        };
        assert!(failed("broken").contains("no such luck"), "{document:#}");
        assert!(failed("built-first").contains("nothing is built"), "{document:#}");
        assert_eq!(failed("default"), "");
    }
}

/// A dependency that needs its own, older nixpkgs, and whose package may contain a torch that no
/// attribute has.
fn with_older(nix: &Nix, torch: &str) -> (i32, Value) {
    let world = World::new(nix);
    world.write(
        "another-dep/flake.nix",
        &r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default =
      let pkgs = nixpkgs.legacyPackages.x86_64-linux; in
      if pkgs.lib.version != "24.05" then throw "it needs an older nixpkgs"
      else pkgs.mkPackage { pname = "another-dep"; deps = [ (TORCH) ]; };
  };
}
"#
        .replace("TORCH", torch),
    );
    seed(&world, "b-own-nixpkgs", ROOT);
    world.nixpkgs("24.05");
    world.lock("another-dep");
    world.nixpkgs("24.11");
    world.lock(ROOT);
    twice(&world, &["--with-fix"])
}

#[test]
fn where_the_output_cannot_be_evaluated_with_one_nixpkgs_packages_are_compared() {
    let shell = format!("devShells.{SYSTEM}.default");
    for nix in &program::all() {
        let (code, document) = with_older(nix, "pkgs.python3Packages.torch");
        assert_eq!(code, 1, "{}: {document:#}", nix.name);
        let told = output(&document, &shell);
        assert_eq!(names(&told["twice"]), ["torch"], "{}: {document:#}", nix.name);
        assert!(told["by_attributes"].as_str().unwrap().contains("an older nixpkgs"), "{told:#}");
        let variants = told["twice"][0]["variants"].as_array().unwrap();
        assert_eq!(variants[0]["input_path"], serde_json::json!(["another-dep"]), "{told:#}");
        assert_ne!(variants[0]["instance"], variants[1]["instance"], "{told:#}");
        assert!(variants.iter().all(|variant| variant["instance"].is_string()), "{told:#}");
        let failed = told["with_fix"]["failed"].as_str().unwrap_or_default();
        assert!(failed.contains("an older nixpkgs"), "{}: {told:#}", nix.name);
    }
}

#[test]
fn what_no_attribute_has_is_not_known() {
    let torch = "(import nixpkgs { system = \"x86_64-linux\"; config.cudaCapabilities = [ \"1\" ]; \
                 }).python3Packages.torch";
    let shell = format!("devShells.{SYSTEM}.default");
    for nix in &program::all() {
        let (code, document) = with_older(nix, torch);
        assert_eq!(code, 2, "{}: {document:#}", nix.name);
        let failed = output(&document, &shell)["failed"].as_str().unwrap_or_default();
        assert!(failed.contains("an older nixpkgs"), "{}: {document:#}", nix.name);
        // If no name has two derivations, nothing exists twice.
        let (code, document) = with_older(nix, "pkgs.mkPackage { pname = \"other\"; }");
        assert_eq!(code, 0, "{}: {document:#}", nix.name);
        assert_eq!(output(&document, &shell)["failed"], Value::Null);
    }
}

#[test]
fn markdown_is_for_a_pull_request() {
    for nix in &program::all() {
        let world = scenario(nix, "a-follows-plain");
        let (program, store) = copying(&world);
        let output = world
            .flake_audit(&["twice", ROOT, "--with-fix", "--format", "markdown", "--system", SYSTEM])
            .args(["--nix".as_ref(), program.as_os_str(), "--store".as_ref(), store.as_os_str()])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("| torch | torch\\: "), "{text}");
        assert!(text.contains("by \\`another-dep\\` (i"), "{text}");
        assert!(text.contains("nothing is twice; 1 derivation fewer; gone\\: torch"), "{text}");
    }
}

#[test]
fn dependencies_that_import_nixpkgs_are_evaluated_again_too() {
    for nix in &program::all() {
        let world = World::new(nix);
        world.write(
            "dep/flake.nix",
            r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default =
      let
        mine = final: prev: {
          mine = prev.mkPackage { pname = "mine"; deps = [ prev.python3Packages.torch ]; };
        };
      in
      (import nixpkgs { system = "x86_64-linux"; overlays = [ mine ]; }).mine;
  };
}
"#,
        );
        world.write("root/flake.nix", INLINE);
        world.lock(ROOT);
        let (code, document) = twice(&world, &[]);
        assert_eq!(code, 1, "{}: {document:#}", nix.name);
        let told = output(&document, &format!("devShells.{SYSTEM}.default"));
        assert_eq!(names(&told["twice"]), ["torch"], "{}: {document:#}", nix.name);
    }
}
