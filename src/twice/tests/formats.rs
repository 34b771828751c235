//! The text of a report in each format.

use crate::twice::{
    AttributeDifference, Begins, Dropped, OutputReport, TwicePackage, TwiceReport, Unlisted,
    Variant, WithFix, human, json, markdown,
};

/// Special characters of Markdown, logs and terminals.
const HOSTILE: &str = "a|b\n::error::`c` [x](y) <b> ##[z] \u{1b}[31m\u{202e}";

fn begins(name: &str, attribute: &str, values: [&str; 2]) -> Begins {
    let values = values.map(str::to_owned);
    Begins {
        name: name.into(),
        difference: AttributeDifference { attribute: attribute.into(), values },
    }
}

fn variant(drv: &str, brought_by: &[&str], instance: Option<&str>) -> Variant {
    Variant {
        drv: format!("/nix/store/{drv}.drv"),
        brought_by: brought_by.iter().map(|&name| name.to_owned()).collect(),
        instance: instance.map(str::to_owned),
        chain: vec!["env".into(), drv.into()],
    }
}

fn package(name: &str, begins: &[Begins], collides: Option<&str>, by: &[&str]) -> TwicePackage {
    TwicePackage {
        name: name.into(),
        collides: collides.map(str::to_owned),
        meets: None,
        begins: begins.to_vec(),
        variants: vec![variant(name, by, Some("i1")), variant(name, &[], Some("i2"))],
    }
}

fn report() -> TwiceReport {
    let flag = [begins("openblas", "cudaSupport", ["", "1"])];
    let setup = [begins("stdenv-linux", "setup", ["setup.sh", "setup.sh"])];
    let strange = [begins(HOSTILE, HOSTILE, [HOSTILE, "1"])];
    let known = |name: &str, twice: Vec<TwicePackage>| OutputReport {
        derivations: 480,
        twice,
        ..OutputReport::unknown(name.into())
    };
    let one = OutputReport {
        with_fix: Some(WithFix::Known {
            derivations: 466,
            twice_total: 1,
            gone: vec!["openblas".into()],
            left: vec!["curl".into()],
            new: Vec::new(),
            through: vec![("curl".into(), vec!["env".into(), "tool".into(), "curl".into()])],
        }),
        dropped: vec![Dropped {
            environment: "python3-3.13.1-env".into(),
            names: vec!["solver".into()],
        }],
        ..known(
            "packages.x86_64-linux.default",
            vec![
                package("numpy", &flag, Some("python3-3.13.1-env"), &["solver"]),
                package("openblas", &flag, None, &["solver"]),
            ],
        )
    };
    let another = known(
        "nixosConfigurations.desk",
        vec![
            package("numpy", &flag, Some("env"), &["tool"]),
            package("curl", &setup, Some("env"), &["solver"]),
            package("bash", &setup, None, &["other", "solver"]),
        ],
    );
    let strange = OutputReport {
        by_attributes: Some(HOSTILE.into()),
        ..known(HOSTILE, vec![package(HOSTILE, &strange, Some(HOSTILE), &[HOSTILE])])
    };
    let clean = known("checks.x86_64-linux.a", Vec::new());
    let failed = OutputReport::unknown("apps.x86_64-linux.a".into()).because(HOSTILE.into());
    TwiceReport {
        outputs: vec![one, another, strange, clean, failed],
        unlisted: vec![Unlisted { kind: "homeConfigurations".into(), reason: HOSTILE.into() }],
    }
}

#[test]
fn people_are_told() {
    let mut text = Vec::new();
    human::write(
        &report(),
        human::TwiceStyle { color: false, quiet: false, all: false },
        &mut text,
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn markdown_holds_no_markup_of_others() {
    let mut text = Vec::new();
    markdown::write("flake.lock", &report(), true, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let free = text.replace("\\]", "");
    assert!(!free.contains("](y)") && !text.contains("<b>") && !text.contains('\u{1b}'), "{text}");
    // Every row has the same number of cell separators.
    let rows = text.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    let mut text = Vec::new();
    json::write("flake.lock", &report(), &mut text).unwrap();
    let mut document: serde_json::Value = serde_json::from_slice(&text).unwrap();
    document["version"] = "(this)".into();
    // `tests/schemas.rs` holds it against the schema.
    insta::assert_snapshot!(format!("{document:#}"));
}
