//! However it ends, the terminal is restored.

use std::fs;
use std::process::{Command, Stdio};

use flake_audit::explore::TerminalScreen;

use super::tmux::{Tmux, fixture, left_with, program, told, wait_for_end};

#[test]
fn q_and_ctrl_c() {
    for (key, code) in [("q", 0), ("C-c", 130)] {
        let tmux = Tmux::explorer(&fixture("seed/a-follows-plain"));
        tmux.keys(&[key]);
        let screen = tmux.wait_for("left with");
        assert_eq!(screen, left_with(code), "{key}");
    }
}

#[test]
fn signals() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let tmux = Tmux::explorer(&fixture("seed/a-follows-plain"));
        tmux.keys(&["j"]);
        let kill = Command::new("kill").args(["-s", signal, &tmux.pid()]).status().unwrap();
        assert!(kill.success());
        let screen = tmux.wait_for("left with");
        assert!(screen.ends_with(&left_with(code)), "{signal}: {screen}");
        assert!(!screen.contains("Inputs"), "{screen}");
    }
}

#[test]
fn a_terminal_that_goes_away() {
    let tmux = Tmux::explorer(&fixture("seed/a-follows-plain"));
    let pid = tmux.pid();
    tmux.close();
    wait_for_end(&pid);
}

#[test]
fn a_panic() {
    let this = std::env::current_exe().unwrap();
    let command = format!(
        "env RUST_BACKTRACE=0 '{}' --ignored --exact leaving::panics_in_a_terminal --nocapture",
        this.display()
    );
    let tmux = Tmux::new(&format!("cd \"$(dirname \"$0\")\"\n{}", told(&command)));
    let screen = tmux.wait_for("left with");
    assert!(screen.contains("this is the panic"), "{screen}");
    assert!(screen.ends_with(&left_with(101)), "{screen}");
    assert!(!screen.contains("this was the picture"), "{screen}");
}

#[test]
#[ignore = "is run by a_panic, in a terminal"]
fn panics_in_a_terminal() {
    let mut screen = TerminalScreen::enter().unwrap();
    screen.draw(|frame| frame.render_widget("this was the picture", frame.area())).unwrap();
    panic!("this is the panic");
}

#[test]
fn ctrl_z_gives_the_shell_a_turn() {
    let lock = fixture("seed/a-follows-plain");
    let tmux = Tmux::new("cd \"$(dirname \"$0\")\"\nPS1='$ ' exec bash --norc --noprofile -i");
    tmux.wait_for("$");
    tmux.bytes(format!("{} explore '{}'\r", program(), lock.display()).as_bytes());
    tmux.wait_for_explorer();
    // A terminal drops input that was typed before ctrl-z and not yet read.
    tmux.keys(&["g", "j"]);
    tmux.wait_for("▌├╴▾ another-dep");
    tmux.keys(&["C-z"]);
    tmux.wait_for("Stopped");
    tmux.bytes(b"stty -a | grep -o -E '.(icanon|echo)\\b' | tr -d '\\n'; echo .\r");
    tmux.wait_for(" icanon echo.");
    tmux.bytes(b"fg\r");
    tmux.wait_for("▌├╴▾ another-dep");
    tmux.keys(&["q"]);
    tmux.wait_until("the shell again", |screen| screen.ends_with('$'));
}

#[test]
fn ctrl_z_stops_what_it_is_piped_into() {
    let lock = fixture("seed/a-follows-plain");
    let tmux = Tmux::new("cd \"$(dirname \"$0\")\"\nPS1='$ ' exec bash --norc --noprofile -i");
    tmux.wait_for("$");
    let explore = format!("{} explore '{}' | wc\r", program(), lock.display());
    tmux.bytes(explore.as_bytes());
    tmux.wait_for_explorer();
    tmux.keys(&["C-z"]);
    tmux.wait_for("Stopped");
    tmux.bytes(b"fg\r");
    tmux.wait_for_explorer();
    tmux.keys(&["q"]);
    tmux.wait_until("the shell again", |screen| screen.ends_with('$'));
}

#[test]
fn a_pipe_gets_a_drawing() {
    let lock = fixture("seed/d-three-levels");
    let explore = format!("{} explore '{}'", program(), lock.display());
    // The view on exit; the view when `d` was pressed; nothing with ctrl-c.
    for (keys, has, lacks) in [
        (&["q"] as &[_], "digraph", "Shown:"),
        (
            &["/", "v", "i", "e", "w", "Enter", "Escape", "d", "g", "q"],
            "to or from toolkit/viewer",
            "?",
        ),
        (&["C-c"], "", "digraph"),
    ] {
        let tmux = Tmux::new(&format!(
            "cd \"$(dirname \"$0\")\"\n{explore} | cat > drawn\necho 'all done'\n"
        ));
        tmux.wait_for("write & quit");
        tmux.keys(keys);
        tmux.wait_for("all done");
        let drawn = fs::read_to_string(tmux.folder.path().join("drawn")).unwrap();
        assert!(drawn.contains(has) && !drawn.contains(lacks), "{keys:?}: {drawn}");
    }
}

#[test]
fn a_lock_comes_from_a_pipe() {
    let lock = fixture("seed/a-follows-plain").join("flake.lock");
    let explore = format!("cat '{}' | {} explore -", lock.display(), program());
    let tmux = Tmux::new(&format!("{explore}\necho 'left'"));
    tmux.wait_for_explorer();
    tmux.keys(&["g", "j", "j", "j"]);
    tmux.wait_for("▌├╴  nixpkgs");
    tmux.keys(&["q"]);
    tmux.wait_for("left");
}

#[test]
fn a_file_gets_a_drawing() {
    let tmux = Tmux::explorer(&fixture("seed/a-follows-plain"));
    let file = tmux.folder.path().join("graph.dot");
    tmux.keys(&["g", "d", "Enter"]);
    tmux.wait_for("the lock is in graph.dot");
    let drawn = fs::read_to_string(&file).unwrap();
    assert!(drawn.starts_with("digraph"), "{drawn}");
    // An existing file is only replaced if its name is given again.
    fs::write(&file, "precious").unwrap();
    tmux.keys(&["d", "Enter"]);
    tmux.wait_for("there already");
    tmux.keys(&["Escape", "j"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    tmux.keys(&["k", "d", "Enter", "Enter"]);
    tmux.wait_for("the lock is in graph.dot");
    assert_eq!(fs::read_to_string(&file).unwrap(), drawn);
    // Nothing that could block, and a reason if a file cannot be written.
    tmux.keys(&["d", "C-u"]);
    tmux.paste("/dev/null");
    tmux.keys(&["Enter"]);
    tmux.wait_for("/dev/null: not a file");
    tmux.keys(&["d", "C-u"]);
    tmux.paste("no/such/folder/x.dot");
    tmux.keys(&["Enter"]);
    tmux.wait_for("No such file or directory");
}

#[test]
fn without_a_terminal_it_says_so() {
    let lock = fixture("seed/a-follows-plain");
    let output = Command::new("setsid")
        .args(["--wait", env!("CARGO_BIN_EXE_flake-audit"), "explore"])
        .arg(lock)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("setsid is needed: {error}"));
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: explore needs a terminal"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_terminal_that_cannot_draw_is_left_alone() {
    let lock = fixture("seed/a-follows-plain");
    let explore = format!("env TERM=dumb {} explore '{}'", program(), lock.display());
    let tmux = Tmux::new(&format!("cd \"$(dirname \"$0\")\"\n{}", told(&explore)));
    let screen = tmux.wait_for("left with");
    assert!(screen.starts_with("error: explore needs a terminal"), "{screen}");
    assert!(screen.ends_with(&left_with(2)), "{screen}");
}

#[test]
fn an_error_leaves_the_terminal_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), "{").unwrap();
    let explore = format!("{} explore .", program());
    let script = format!("cd \"$(dirname \"$0\")\"\n{}", told(&explore));
    let tmux = Tmux::with(&script, folder);
    let screen = tmux.wait_for("left with");
    assert!(screen.starts_with("error: ") && screen.contains("--> flake.lock:1:1"), "{screen}");
    assert!(screen.ends_with(&left_with(2)), "{screen}");
}

#[test]
fn no_color_means_none() {
    for (before, colored) in [("NO_COLOR=1", false), ("", true)] {
        let lock = fixture("seed/a-follows-plain");
        let script = format!("{before} {} explore '{}'", program(), lock.display());
        let tmux = Tmux::new(&script);
        tmux.wait_for_explorer();
        tmux.keys(&["*", "j"]);
        tmux.settled();
        let styled = tmux.styled();
        let is_color = |code: &str| {
            code.parse().is_ok_and(|code: u32| matches!(code, 30..=38 | 40..=48 | 90..=107))
        };
        let sequences = styled.split("\u{1b}[").skip(1).filter_map(|rest| rest.split_once('m'));
        let has_color = sequences.flat_map(|(codes, _)| codes.split(';')).any(is_color);
        assert_eq!(has_color, colored, "{styled:?}");
        assert!(styled.contains("\u{1b}[7m") || styled.contains(";7m"), "{styled:?}");
    }
}

#[test]
fn an_editor_has_the_terminal_meanwhile() {
    let lock = fixture("seed/a-follows-plain");
    let folder = tempfile::tempdir().unwrap();
    let (editor, told) = (folder.path().join("my editor"), folder.path().join("told"));
    let script = format!(
        "#!/bin/sh\nprintf '%s|' \"$@\" > '{}'\necho edited here\nread -r line\necho \"got $line\" >> '{}'\n",
        told.display(),
        told.display()
    );
    fs::write(&editor, script).unwrap();
    let made = Command::new("chmod").arg("+x").arg(&editor).status().unwrap();
    assert!(made.success());
    let explore =
        format!("VISUAL='{}' {} explore '{}'", editor.display(), program(), lock.display());
    let tmux =
        Tmux::new(&format!("cd \"$(dirname \"$0\")\"\n{}", self::told(&format!("env {explore}"))));
    tmux.wait_for_explorer();
    tmux.keys(&["e"]);
    tmux.wait_for("edited here");
    // The editor gets the keys, including ctrl-c.
    tmux.bytes(b"q?j\r");
    let screen = tmux.wait_for("r reads it again");
    assert!(screen.contains("▌│ └╴"), "{screen}");
    let told = fs::read_to_string(told).unwrap();
    assert!(told.starts_with("+11|") && told.ends_with("flake.nix|got q?j\n"), "{told}");
    tmux.keys(&["r"]);
    tmux.wait_for("read again");
    tmux.keys(&["q"]);
    let screen = tmux.wait_for("left with");
    assert!(screen.ends_with(&left_with(0)), "{screen}");
}

#[test]
fn a_fix_is_made_and_the_lock_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let case = fixture("seed/a-follows-plain");
    for file in ["flake.nix", "flake.lock"] {
        fs::copy(case.join(file), folder.path().join(file)).unwrap();
    }
    let tmux = Tmux::explorer(folder.path());
    tmux.keys(&["f"]);
    tmux.wait_for("Make this fix?");
    tmux.keys(&["y"]);
    let screen = tmux.wait_for("1 finding repaired, wrote flake.nix, flake.lock");
    assert!(screen.contains("✓ configured"), "{screen}");
    let flake = fs::read_to_string(folder.path().join("flake.nix")).unwrap();
    assert!(flake.contains("another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";"));
    tmux.keys(&["q"]);
    assert_eq!(tmux.wait_for("left with"), left_with(0));
}

#[test]
fn what_cannot_be_read_again_stays_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let case = fixture("seed/a-follows-plain");
    for file in ["flake.nix", "flake.lock"] {
        fs::copy(case.join(file), folder.path().join(file)).unwrap();
    }
    let (flake, lock) = (folder.path().join("flake.nix"), folder.path().join("flake.lock"));
    let (flake_text, lock_text) =
        (fs::read_to_string(&flake).unwrap(), fs::read_to_string(&lock).unwrap());
    let tmux = Tmux::explorer(folder.path());
    fs::write(&lock, lock_text.get(..lock_text.len() / 2).unwrap()).unwrap();
    tmux.keys(&["r"]);
    let screen = tmux.wait_for("not read again:");
    assert!(screen.contains("▌│ └╴  nixpkgs → nixpkgs"), "{screen}");
    fs::write(&lock, lock_text).unwrap();
    // Nix refuses it, but the contents of the lock can still be shown.
    fs::write(&flake, format!("{flake_text}}}")).unwrap();
    tmux.keys(&["r"]);
    tmux.wait_for("is from flake.lock alone");
    fs::write(&flake, flake_text).unwrap();
    tmux.keys(&["r"]);
    let screen = tmux.wait_for("read again");
    assert!(!screen.contains("alone"), "{screen}");
    assert!(screen.contains("▌│ └╴  nixpkgs → nixpkgs"), "{screen}");
    tmux.keys(&["q"]);
    assert_eq!(tmux.wait_for("left with"), left_with(0));
}
