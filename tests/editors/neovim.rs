//! Neovim's own client. `FLAKE_AUDIT_NVIM` names one or more programs, separated by blanks; the
//! default is `nvim`.

use std::process::Command;

use super::{Editor, RIGHT, WRONG, before, documented, fixed};

/// The configuration for this version.
fn configuration(program: &str) -> String {
    let run = Command::new(program).arg("--version").output();
    let run = run.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    let version = String::from_utf8(run.stdout).unwrap();
    let minor = version.strip_prefix("NVIM v0.").and_then(|rest| rest.split('.').next());
    let minor: u32 = minor.unwrap_or_else(|| panic!("{version}")).parse().unwrap();
    match minor {
        11.. => documented("vim.lsp.config(\"flake_audit\", {"),
        _ => documented("local flake_audit"),
    }
}

#[test]
fn a_finding_is_shown_explained_and_repaired_and_the_repair_undone() {
    let programs = std::env::var("FLAKE_AUDIT_NVIM").unwrap_or_else(|_| "nvim".to_owned());
    for program in programs.split_whitespace() {
        let command = format!("{program} -n -i NONE -u ../init.lua flake.nix");
        let editor = Editor::start(&command, "init.lua", &configuration(program));
        let tmux = &editor.0;
        let is_marked = |screen: &str| {
            screen.lines().any(|line| line.starts_with("E ") && line.contains(WRONG))
        };
        tmux.wait_until("a finding", is_marked);
        tmux.keys(&["/another-dep.inputs", "Enter", ":lua vim.lsp.buf.hover()", "Enter"]);
        tmux.wait_for("original  github:acme/another-dep");
        tmux.keys(&["Escape", "h", "l"]);
        editor.until(
            "1: Let `another-dep/nixpkgs` follow",
            &[":lua vim.lsp.buf.code_action()", "Enter"],
        );
        editor.until(RIGHT, &["1", "Enter"]);
        let ([nix, lock], [new_nix, new_lock]) = (before(), fixed());
        tmux.keys(&[":wa", "Enter"]);
        editor.has_written(&new_nix, &new_lock);
        // It was saved meanwhile, but is still one undo step in each file.
        editor.until(WRONG, &["u"]);
        tmux.keys(&[":w", "Enter"]);
        editor.has_written(&nix, &new_lock);
        tmux.keys(&[":buffer flake.lock", "Enter", "u", ":w", "Enter"]);
        editor.has_written(&nix, &lock);
        // Completion works while the text is no valid flake, with the configured nixpkgs first.
        tmux.keys(&[":buffer flake.nix", "Enter", "gg", "/another-dep.inputs", "Enter"]);
        tmux.keys(&["ci\"", "C-x", "C-o"]);
        tmux.wait_until("names", |screen| screen.matches("nixpkgs-gpu").count() > 5);
        tmux.keys(&["C-y", "Escape"]);
        tmux.wait_for(RIGHT);
        tmux.keys(&["u"]);
        tmux.wait_until("a finding", is_marked);
        tmux.keys(&["gg", "/nixpkgs-gpu.url", "Enter", ":lua vim.lsp.buf.rename('cuda')", "Enter"]);
        editor.until("cuda.url", &[]);
        tmux.keys(&[":wa", "Enter"]);
        editor.has_renamed();
        tmux.keys(&["gg", "/another-dep.inputs", "Enter"]);
        tmux.wait_until("a finding", is_marked);
        let exempt = "3: Exempt this from unconfigured-nixpkgs in flake-audit.toml";
        editor.until(exempt, &[":lua vim.lsp.buf.code_action()", "Enter"]);
        tmux.keys(&["3", "Enter"]);
        tmux.wait_until("no finding", |screen| !is_marked(screen));
        tmux.keys(&[":wa", "Enter"]);
        editor.has("flake-audit.toml", "input = \"another-dep/nixpkgs\"");
        tmux.keys(&[":qa!", "Enter"]);
    }
}
