//! Command lines that are not run: their subcommands and flags must exist.

use super::page::{Page, all};

/// Every piece of code that starts with `flake-audit `, up to the end of the command.
fn commands(page: &Page) -> Vec<String> {
    let fenced = page.blocks.iter().filter(|block| block.language != "console");
    let fenced = fenced.flat_map(|block| block.text.lines());
    let indented = page.prose.iter().filter_map(|line| line.strip_prefix("    "));
    // In a wrapped paragraph, a command may continue on the next line.
    let prose = page.prose.join(" ");
    let inline = prose.split('`').skip(1).step_by(2);
    let mut commands = Vec::new();
    for code in fenced.chain(indented).chain(inline) {
        // Not after a letter, and not the comment `# flake-audit`.
        let Some((before, rest)) = code.split_once("flake-audit ") else { continue };
        let is_nix = rest.starts_with('=');
        if is_nix || before.ends_with(['#', '/']) || before.ends_with("# ") {
            continue;
        }
        let end = [")", "  ", " #", " |", " >", " &&", ";", "\"", "'"];
        let end = end.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        commands.push(rest[..end].to_owned());
    }
    commands
}

/// The error in a command line, in which `[`, `]`, `…` and `|` may stand for a choice.
fn wrong(command: &str) -> Option<String> {
    let words: Vec<_> = command.split(' ').filter(|word| !word.is_empty()).collect();
    if !command.contains(['[', '…', '|', '$']) {
        let parsed = flake_audit::cli::command()
            .try_get_matches_from(std::iter::once("flake-audit").chain(words.iter().copied()));
        return parsed.err().filter(|error| error.use_stderr()).map(|error| error.to_string());
    }
    let mut program = flake_audit::cli::command();
    program.build();
    let Some(subcommand) = program.find_subcommand(words.first()?) else {
        return Some("no such subcommand".to_owned());
    };
    let flags = words.iter().map(|word| word.trim_matches(['[', ']', '…']));
    let flags = flags.filter_map(|word| word.strip_prefix("--"));
    let mut flags = flags.map(|flag| flag.split(['=', ']']).next().unwrap());
    let known = |flag: &str| subcommand.get_arguments().any(|arg| arg.get_long() == Some(flag));
    flags.find(|flag| !known(flag)).map(|flag| format!("no flag --{flag}"))
}

#[test]
fn told_commands_exist() {
    let mut seen = 0;
    for page in all() {
        for command in commands(&page) {
            if let Some(wrong) = wrong(&command) {
                panic!("{}: `flake-audit {command}`: {wrong}", page.name);
            }
            seen += 1;
        }
    }
    println!("{seen} command lines were looked at");
    assert!(seen > 20, "only {seen} commands");
}

/// Flags of other programs.
const FOREIGN: [&str; 4] = ["--allow-dirty-locks", "--impure", "--locked", "--no-update-lock-file"];

#[test]
fn told_flags_exist() {
    let mut program = flake_audit::cli::command();
    program.build();
    let mut known: Vec<_> = FOREIGN.iter().map(|&flag| flag.to_owned()).collect();
    for command in program.get_subcommands() {
        let flags = command.get_arguments().filter_map(|arg| arg.get_long());
        known.extend(flags.map(|flag| format!("--{flag}")));
    }
    for page in all() {
        let prose = page.prose.join(" ");
        let inline = prose.split('`').skip(1).step_by(2);
        for code in inline.filter(|code| code.starts_with("--") && !code.starts_with("-- ")) {
            let flag = code.split([' ', '=']).next().unwrap().to_owned();
            assert!(known.contains(&flag), "{}: {flag} is no flag", page.name);
        }
    }
}

#[test]
fn a_wrong_command_is_found() {
    for command in ["chekc", "check --formt json", "fix [PATH] --dif", "nothing [PATH]"] {
        assert!(wrong(command).is_some(), "{command}");
    }
}
