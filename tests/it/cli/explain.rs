use insta::assert_snapshot;

use super::over_fixtures;

#[test]
fn the_list_and_a_page() {
    assert_snapshot!(over_fixtures(&["explain"]));
    let page = over_fixtures(&["explain", "wrapper-skew"]);
    let file = include_str!("../../../docs/rules/wrapper-skew.md");
    assert_eq!(page, format!("exit 0\n--- stdout\n{file}"));
    assert!(over_fixtures(&["explain", "wrapper-skw"]).contains("wrapper-skew"));
}
