//! Inputs and exemptions in flake.nix.

use super::*;

fn with(flake: &str, inputs: &str) -> String {
    flake.replacen("  outputs", &format!("{inputs}\n  outputs"), 1)
}

#[test]
fn inputs_without_end() {
    const MANY: usize = 10_000;
    let line = |make: &dyn Fn(usize) -> String| (0..MANY).map(make).collect::<String>();
    for (name, inputs, is) in [
        ("many inputs", line(&|at| format!("inputs.i{at}.url = \"github:a/b{at}\";\n")), Is::Fine),
        (
            "many in one set",
            format!(
                "inputs.x.inputs = {{ {} }};",
                line(&|at| format!("i{at}.follows = \"dep\"; "))
            ),
            Is::Fine,
        ),
        (
            "defined again and again",
            line(&|at| format!("inputs = {{ i{at}.url = \"path:./a\"; }};\n")),
            Is::Fine,
        ),
        (
            "one input again and again",
            line(&|at| format!("inputs.i.inputs.i{at}.follows = \"\";\n")),
            Is::Fine,
        ),
        (
            "one url again and again",
            line(&|_| "inputs.i.url = \"github:a/b\";\n".into()),
            Is::BrokenSomewhere,
        ),
        (
            "a follows of many names",
            format!("inputs.i.follows = \"{}a\";", "a/".repeat(MANY)),
            Is::Fine,
        ),
        (
            "follows of follows",
            line(&|at| format!("inputs.i{at}.follows = \"i{}\";\n", (at + 1) % MANY)),
            Is::Fine,
        ),
        (
            "a deep input",
            format!("inputs.i{}.follows = \"dep\";", " . inputs.i".repeat(60)),
            Is::Fine,
        ),
        (
            "a deeper input",
            format!("inputs.i{}.follows = \"dep\";", ".inputs.i".repeat(MANY)),
            Is::BrokenSomewhere,
        ),
        (
            "a deep set",
            format!("inputs = {}{};", "{ i.inputs = ".repeat(60) + "{ }", "; }".repeat(60)),
            Is::Fine,
        ),
        (
            "a deeper set",
            format!("inputs = {}{};", "{ i.inputs = ".repeat(MANY) + "{ }", "; }".repeat(MANY)),
            Is::BrokenSomewhere,
        ),
        ("the same formal", String::new(), Is::Fine),
        (
            "a long name",
            format!("inputs.\"{}\".url = \"github:a/b\";", "a".repeat(500_000)),
            Is::Fine,
        ),
        (
            "a long url",
            format!("inputs.i.url = \"github:a/b?{}\";", "a=b&".repeat(100_000)),
            Is::Fine,
        ),
        ("computed", "inputs.i.url = \"github:\" + \"a/b\";".into(), Is::Broken(7, 16)),
        ("an input called self", "inputs.self.url = \"github:a/b\";".into(), Is::BrokenSomewhere),
        (
            "two sets of the same",
            "inputs.i = { url = \"github:a/b\"; };\ninputs.i = { url = \"github:a/b\"; };".into(),
            Is::BrokenSomewhere,
        ),
        ("no set", "inputs.i = [ ];".into(), Is::BrokenSomewhere),
        ("inherited", "inputs = { inherit (a) b; };".into(), Is::BrokenSomewhere),
        (
            "a name that is computed",
            "inputs.${a}.url = \"github:a/b\";".into(),
            Is::BrokenSomewhere,
        ),
    ] {
        let flake = FlakeFolder::new();
        flake.file("flake.nix", with(ROOT_FLAKE, &inputs));
        flake.dep_file("flake.nix", with(DEP_FLAKE, &inputs));
        let told = flake.audit(name);
        if !told.is_refused {
            assert_holds(name, &told, DEP_FINDING);
        }
        assert_told(name, &told, "flake.nix", is);
    }
}

#[test]
fn exemptions_that_are_none() {
    const MARK: &str = "# flake-audit: allow(unconfigured-nixpkgs)";
    let many = 5_000;
    for (name, comment, exempts) in [
        ("plain", format!("{MARK} a reason"), true),
        ("no reason", MARK.into(), false),
        ("only blanks", format!("{MARK}  \t \u{a0}"), false),
        ("no rule", "# flake-audit: allow() why".into(), false),
        ("no bracket", "# flake-audit: allow unconfigured-nixpkgs why".into(), false),
        ("open", "# flake-audit: allow(unconfigured-nixpkgs why".into(), false),
        ("nothing", "# flake-audit:".into(), false),
        ("something else", "# flake-audit: deny(unconfigured-nixpkgs) why".into(), false),
        ("an unknown rule", "# flake-audit: allow(unconfigured-nixpkg) why".into(), false),
        ("hidden", format!("# flake-audit: allow({HIDDEN}) {HIDDEN}"), false),
        ("a block", "/* flake-audit: allow(unconfigured-nixpkgs) why */".into(), false),
        ("a block of lines", "/* flake-audit:\nallow(unconfigured-nixpkgs)\nwhy */".into(), false),
        ("CR", format!("{MARK} a\r"), true),
        ("brackets", format!("{MARK} {}", "(".repeat(100_000)), true),
        ("commas", format!("# flake-audit: allow({}) why", ",".repeat(100_000)), false),
        ("rules", format!("# flake-audit: allow({}a) why", "a,".repeat(100_000)), false),
        ("a long rule", format!("# flake-audit: allow({}) why", "a".repeat(100_000)), false),
        ("again and again", vec![format!("{MARK} why"); many].join("\n"), true),
        ("wrong again and again", "# flake-audit: allow(\n".repeat(many), false),
        ("marks", format!("# {}", "flake-audit: allow(".repeat(many)), false),
    ] {
        let flake = FlakeFolder::new();
        let text = ROOT_FLAKE.replace("  inputs.dep.url", &format!("{comment}\n  inputs.dep.url"));
        flake.file("flake.nix", &text);
        let mut command = flake_audit(flake.path());
        // The other finding is unrelated.
        command
            .args(["check", "--allow", "root-unconfigured", "--format", "ndjson", "--store"])
            .arg(flake.store());
        let output = command.output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let finding = report["findings"].as_array().unwrap().iter();
        let mut finding =
            finding.filter(|f| f["input_path"] == serde_json::json!(["dep", "nixpkgs"]));
        let is_exempted = !finding.next().unwrap()["exempted"].is_null();
        assert_eq!(is_exempted, exempts, "{name}");
        assert_eq!(output.status.code(), Some(i32::from(!exempts)), "{name}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_shown(&told);
        assert!(told.len() < 4_000_000, "{name}: {} bytes", told.len());
        if !exempts {
            assert!(told.contains("warning: flake.nix:"), "{name}: {told}");
        }
    }
}
