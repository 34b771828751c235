//! What the documents show is what the program prints.

use std::fs;
use std::path::Path;

use crate::cli::flake_audit;

/// The `console` blocks of a page: each its command's arguments and what it shows.
fn blocks(page: &str) -> Vec<(Vec<String>, String)> {
    let blocks = page.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .map(|block| {
            let (command, shown) = block.split_once('\n').unwrap();
            let arguments = command.strip_prefix("$ flake-audit ").expect("a flake-audit command");
            (arguments.split(' ').map(str::to_owned).collect(), shown.to_owned())
        })
        .collect()
}

#[test]
fn shown_output_is_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for page in ["README.md"] {
        for (arguments, shown) in blocks(&fs::read_to_string(root.join(page)).unwrap()) {
            let output = flake_audit(root).args(&arguments).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), shown, "{page}: {arguments:?}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}
