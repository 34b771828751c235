//! Emacs with eglot: `FLAKE_AUDIT_EMACS`, or `emacs` if it is not set.

use super::{Editor, RIGHT, WRONG, before, documented, fixed};

/// A mode for Nix, which Emacs lacks; and windows must not open by themselves.
const MODE: &str = r#"
(setq native-comp-async-report-warnings-errors nil make-backup-files nil inhibit-startup-screen t)
(define-derived-mode nix-mode prog-mode "Nix")
(add-to-list 'auto-mode-alist '("\\.nix\\'" . nix-mode))
"#;

#[test]
fn a_finding_is_shown_explained_and_repaired_and_the_repair_undone() {
    let program = std::env::var("FLAKE_AUDIT_EMACS").unwrap_or_else(|_| "emacs".to_owned());
    let init = format!("{MODE}\n{}", documented("(require 'eglot)"));
    let editor =
        Editor::start(&format!("{program} -nw -q -l ../init.el flake.nix"), "init.el", &init);
    let tmux = &editor.0;
    let run = |command: &str| tmux.keys(&["M-x", command, "Enter"]);
    // One finding, no note.
    tmux.wait_for("Flymake[1 0]");
    tmux.keys(&["M-g", "g", "11", "Enter"]);
    run("back-to-indentation");
    run("eldoc");
    let known = "original  github:acme/another-dep";
    editor.again_until(known, &["M-x", "eldoc-doc-buffer", "Enter"]);
    tmux.keys(&["C-x", "1"]);
    run("eglot-code-actions");
    editor.until("Pick an action", &[]);
    editor.until("Proceed? (y or n)", &["Enter"]);
    editor.until(RIGHT, &["y"]);
    let ([nix, lock], [new_nix, new_lock]) = (before(), fixed());
    tmux.keys(&["C-x", "s", "!"]);
    editor.has_written(&new_nix, &new_lock);
    editor.until(WRONG, &["C-/"]);
    tmux.keys(&["C-x", "C-s"]);
    editor.has_written(&nix, &new_lock);
    // In Emacs an undo concerns one file.
    tmux.keys(&["C-x", "b", "flake.lock", "Enter", "C-/", "C-x", "C-s", "C-x", "b", "Enter"]);
    editor.has_written(&nix, &lock);
    tmux.keys(&["M-g", "g", "11", "Enter", "C-e", "C-b", "C-b", "M-BSpace"]);
    run("completion-at-point");
    tmux.wait_until("names, configured nixpkgs first", |screen| {
        let line = |start| screen.lines().position(|line| line.starts_with(start));
        line("nixpkgs-gpu ").is_some() && line("nixpkgs-gpu ") < line("nixpkgs ")
    });
    tmux.keys(&["C-x", "1", "C-/"]);
    tmux.wait_for(WRONG);
    // eglot sends typed text with a delay, but a rename at once.
    tmux.wait_for("Flymake[1 0]");
    tmux.keys(&["M-g", "g", "7", "Enter"]);
    run("back-to-indentation");
    run("eglot-rename");
    editor.until("Rename `nixpkgs-gpu' to:", &[]);
    // It does not ask if both files are open already.
    editor.until("cuda.url", &["cuda", "Enter"]);
    tmux.keys(&["C-x", "s", "!"]);
    editor.has_renamed();
    tmux.keys(&["C-x", "C-c"]);
}
