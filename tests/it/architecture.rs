//! Checks the import picture of `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A crate, with its parts in the order of the page: `- `name/`: …`.
struct Picture {
    src: PathBuf,
    parts: Vec<String>,
    /// Names that lib.rs re-exports with `pub use`, and the part or crate of each.
    handed_on: BTreeMap<String, String>,
}

impl Picture {
    fn new(folder: &str, marker: &str) -> Self {
        let page = include_str!("../../docs/architecture.md");
        let list = page.split(&format!("<!-- {marker} -->")).nth(1).expect("the list of parts");
        let lines = list.lines().filter_map(|line| line.strip_prefix("- `"));
        let name = |line: &str| line.split('`').next().unwrap().trim_end_matches('/').to_owned();
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let lib = text(&src.join("lib.rs"));
        let handed_on = lib.split("pub use ").skip(1).flat_map(|rest| {
            let (part, names) = rest.split_once("::").unwrap();
            named(names).into_iter().map(|name| (name, part.to_owned()))
        });
        Self { parts: lines.map(name).collect(), handed_on: handed_on.collect(), src }
    }

    fn text(&self, part: &str) -> String {
        let own = [format!("{part}.rs"), format!("{part}/mod.rs")].map(|file| self.src.join(file));
        let own = own.iter().filter(|file| file.exists()).map(|file| text(file));
        let folder = self.src.join(part);
        let below = if folder.is_dir() { text(&folder) } else { String::new() };
        // Above a part's own file is the crate.
        own.map(|text| text.replace("super::", "crate::")).collect::<String>() + &below
    }

    /// The parts that a part imports, from every `crate::NAME` in it.
    fn imports(&self, part: &str) -> BTreeSet<String> {
        let text = self.text(part);
        let names = text.split("crate::").skip(1).flat_map(named);
        let names = names.map(|name| self.handed_on.get(&name).cloned().unwrap_or(name));
        names.filter(|name| name != part).collect()
    }
}

/// The names after `crate::`, one or several in braces.
fn named(rest: &str) -> Vec<String> {
    let first = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let names = match rest.strip_prefix('{') {
        Some(several) => several.split('}').next().unwrap().split(',').map(first).collect(),
        None => vec![first(rest)],
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// All text of the Rust files of a part, without tests.
fn text(path: &Path) -> String {
    if path.file_stem().is_some_and(|stem| stem == "tests") {
        return String::new();
    }
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        return entries.iter().map(|entry| text(entry)).collect();
    }
    if path.extension().is_none_or(|e| e != "rs") {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn audit() -> Picture {
    Picture::new("src", "parts")
}

fn reading() -> Picture {
    Picture::new("crates/flake-reading/src", "parts of flake-reading")
}

#[test]
fn each_part_imports_only_parts_above_it() {
    for picture in [audit(), reading()] {
        let place: BTreeMap<_, _> = picture.parts.iter().zip(0..).collect();
        for part in &picture.parts {
            let is_there = !picture.text(part).is_empty();
            assert!(is_there, "docs/architecture.md lists {part}, which is nowhere");
            for import in picture.imports(part).iter().filter(|name| *name != "flake_reading") {
                let above = place.get(import).unwrap_or_else(|| panic!("{part} imports {import}"));
                assert!(above < &place[part], "{part} imports {import}, which stands below it");
            }
        }
    }
}

#[test]
fn the_lists_of_parts_are_complete() {
    for picture in [audit(), reading()] {
        for entry in fs::read_dir(&picture.src).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_stem().unwrap().to_str().unwrap().to_owned();
            let listed = picture.parts.contains(&name) || ["lib", "main"].contains(&&*name);
            assert!(listed, "docs/architecture.md does not list {name}");
        }
    }
}

#[test]
fn code_is_read_through_two_parts() {
    let picture = audit();
    let direct = picture.parts.iter().filter(|part| picture.text(part).contains("flake_reading::"));
    assert_eq!(direct.collect::<Vec<_>>(), ["text", "source"]);
}

/// The modules of the evaluator that a module names.
fn evaluators(module: &str) -> BTreeSet<String> {
    let folder = reading().src.join("evaluate");
    let file = [folder.join(format!("{module}.rs")), folder.join(module).join("mod.rs")];
    let own: String = file.iter().filter(|f| f.exists()).map(|file| text(file)).collect();
    let below = folder.join(module);
    let below = if below.is_dir() { text(&below) } else { String::new() };
    let named_by = |text: &str, path: &str| -> Vec<String> {
        text.split(path).skip(1).flat_map(named).collect()
    };
    assert!(!own.is_empty(), "{module}");
    let all = named_by(&own, "super::").into_iter();
    all.chain(named_by(&(own + &below), "crate::evaluate::")).collect()
}

/// The modules of the evaluator that work without it, and what each of these may import. All others
/// form one recursion over expressions (`evaluator.rs`).
const BY_THEMSELVES: [(&str, &[&str]); 16] = [
    ("budget", &["facts", "meter", "value"]),
    ("collections", &[]),
    ("facts", &["world"]),
    ("heap", &["facts", "lineage", "value", "world"]),
    ("lineage", &["value"]),
    ("loaded", &["collections", "facts", "settings_named", "value", "world"]),
    ("patterns", &["collections"]),
    ("memo", &["collections", "heap", "loaded", "value", "value_key"]),
    ("meter", &[]),
    ("observed", &["collections", "world"]),
    ("recorder", &["facts", "observed", "world"]),
    ("settings_named", &[]),
    ("sight", &["collections", "facts", "observed", "world"]),
    ("value", &["facts", "world"]),
    ("value_key", &[]),
    ("world", &[]),
];

#[test]
fn the_evaluator_has_an_upper_and_a_lower_end() {
    for (module, imports) in BY_THEMSELVES {
        let imports: BTreeSet<String> = imports.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(evaluators(module), imports, "{module}");
    }
    assert!(!evaluators("library").contains("frameworks"));
    let folder = reading().src.join("evaluate");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["mod", "outputs", "tests"].contains(&&*name) {
            continue;
        }
        assert!(!evaluators(&name).contains("outputs"), "{name}");
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

/// The texts of all files below a folder, each with the number of modules between it and the
/// folder's parent.
fn files_below(folder: &Path, depth: usize, into: &mut Vec<(String, usize)>) {
    let entries = fs::read_dir(folder).into_iter().flatten();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files_below(&path, depth + 1, into);
        } else {
            let is_folder = path.file_stem().is_some_and(|stem| stem == "mod");
            into.push((text(&path), if is_folder { depth - 1 } else { depth }));
        }
    }
}

/// The names that a text refers to from at least so many modules above it.
fn above(text: &str, levels: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("super::") {
        let name = after.trim_start_matches("super::");
        let count = 1 + (after.len() - name.len()) / "super::".len();
        if count >= levels {
            found.extend(named(name));
        }
        rest = name;
    }
    found
}

/// The files and folders of a folder, and which of them each imports: by path, or by a name that
/// the folder itself re-exports.
fn siblings(folder: &Path, path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names = entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let names: BTreeSet<String> =
        names.filter(|name| !["mod", "tests", "main", "lib"].contains(&&**name)).collect();
    let file = |path: &Path| if path.is_file() { text(path) } else { String::new() };
    let hands_on = file(&folder.with_extension("rs")) + &file(&folder.join("mod.rs"));
    let mut handed_on: BTreeMap<String, String> = BTreeMap::new();
    for (from, rest) in hands_on.split("use ").skip(1).filter_map(|rest| rest.split_once("::")) {
        let from = from.trim_start_matches("self::");
        if names.contains(from) {
            handed_on.extend(named(rest).into_iter().map(|name| (name, from.to_owned())));
        }
    }
    let imports = |name: &String| -> BTreeSet<String> {
        let mut files = vec![(file(&folder.join(format!("{name}.rs"))), 0)];
        files_below(&folder.join(name), 1, &mut files);
        let by_parent = files.iter().flat_map(|(text, depth)| above(text, depth + 1));
        let by_path = files.iter().flat_map(|(text, _)| text.split(path).skip(1).flat_map(named));
        let used = by_parent.chain(by_path);
        let used = used.map(|used| handed_on.get(&used).cloned().unwrap_or(used));
        used.filter(|used| used != name && names.contains(used)).collect()
    };
    names.iter().map(|name| (name.clone(), imports(name))).collect()
}

/// The nodes of a graph that are in a circle, or lead to one.
fn circular(mut graph: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let is_left = |name: &String| graph.contains_key(name);
        let free = graph.iter().find(|(_, imports)| !imports.iter().any(is_left));
        let Some(free) = free.map(|(name, _)| name.clone()) else { break };
        graph.remove(&free);
    }
    graph.into_keys().collect()
}

/// Folders whose files call each other in circles, because evaluation is recursive: an expression
/// calls a function, that takes from a module system, and a module is an expression. What may still
/// not be imported there is in another test.
const EVALUATOR: [&str; 2] = ["evaluate", "evaluate/modules"];

#[test]
fn parts_have_no_circles() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            graph.entry((*to).to_owned()).or_default();
        }
        circular(graph)
    };
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("d", "a")]), [""; 0]);
    assert_eq!(graph(&[("a", "b"), ("b", "a"), ("b", "c")]), ["a", "b"]);
    assert_eq!(
        above("use super::a; use super::super::{b, c::d}; super::super::super::e", 2),
        ["b", "c", "e"]
    );
    let mut circles = Vec::new();
    for Picture { src, parts, .. } in [audit(), reading()] {
        let mut open = parts;
        while let Some(part) = open.pop() {
            let folder = src.join(&part);
            if !folder.is_dir() {
                continue;
            }
            let graph = siblings(&folder, &format!("crate::{}::", part.replace('/', "::")));
            open.extend(graph.keys().map(|name| format!("{part}/{name}")));
            let circle = circular(graph);
            if !circle.is_empty() && !EVALUATOR.contains(&&*part) {
                circles.push((part, circle));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn formats_do_not_know_each_other() {
    let formats = |folder: &str| -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file());
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let render = formats("render");
    for format in render.iter().filter(|format| *format != "mod") {
        let text = audit().text(&format!("render/{format}"));
        for other in render.iter().filter(|other| *other != format) {
            assert!(!text.contains(&format!("render::{other}")), "{format} imports {other}");
        }
    }
}

/// The libraries that the program is built from, each with its version and features: where those of
/// the dependencies of tests count, too, and where not.
#[cfg(target_os = "linux")]
fn libraries(kinds: &str) -> BTreeMap<String, String> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["tree", "--offline", "--locked"]);
    cargo.args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{f}", "--edges", kinds]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('|'));
    lines.map(|(name, features)| (name.to_owned(), features.to_owned())).collect()
}

/// A feature that only a library of the tests turns on makes `cargo test` build the program again,
/// though `cargo run` has built it. So it is turned on in Cargo.toml. Elsewhere a few differ still.
#[cfg(target_os = "linux")]
#[test]
fn tests_share_what_the_program_is_built_from() {
    let (alone, tested) = (libraries("normal,build"), libraries("normal,build,dev"));
    assert!(alone.len() > 100, "{}", alone.len());
    for (name, features) in alone {
        assert_eq!(tested.get(&name), Some(&features), "{name}");
    }
}
