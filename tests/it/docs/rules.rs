//! The index of rules: a line for each, as in the program. `INSTA_UPDATE=always` writes it.

use std::fs;

use flake_audit::rules::RULES;

use super::page::repository;

const INTRODUCTION: &str = "# Rules

At level `deny` a finding is an error and fails the run, at `warn` it is a warning, at `allow` it is silent unless
you ask for the rule. If there are two levels, the second is for possible findings: no package is seen that
differs. Levels are set in [flake-audit.toml](../configuration.md); `flake-audit explain wrapper-skew` prints a
page.

| rule | level | what it reports |
| --- | --- | --- |
";

#[test]
fn every_rule_is_in_the_index() {
    let rows = RULES.iter().map(|rule| {
        let (level, light) = (rule.level.as_str(), rule.light.as_str());
        let levels = if level == light { level.to_owned() } else { format!("{level}, {light}") };
        format!("| [{id}]({id}.md) | {levels} | {} |\n", rule.summary, id = rule.id)
    });
    let index = rows.fold(INTRODUCTION.to_owned(), |index, row| index + &row);
    let file = repository().join("docs/rules/README.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|when| when == "always") {
        fs::write(&file, &index).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), index);
}
