//! Input that no one would type, and sizes that no one would choose.

use super::tmux::{Tmux, fixture};

/// Pseudo-random numbers that are the same each time.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn roll(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn a_storm_of_sizes() {
    let tmux = Tmux::explorer(&fixture("seed/d-three-levels"));
    tmux.keys(&["*", "g"]);
    let before = tmux.settled();
    let mut dice = Dice(1);
    for _ in 0..150 {
        let (width, height) = (1 + dice.roll(180), 1 + dice.roll(60));
        tmux.resize(u16::try_from(width).unwrap(), u16::try_from(height).unwrap());
        if dice.roll(4) == 0 {
            tmux.keys(&["j", "Tab", "Tab"]);
        }
    }
    tmux.resize(39, 24);
    tmux.wait_for("too small");
    tmux.resize(40, 8);
    tmux.wait_for_explorer();
    tmux.resize(80, 24);
    tmux.keys(&["g"]);
    let after = tmux.wait_until("the picture of before", |screen| screen == before);
    assert_eq!(after, before);
}

#[test]
fn bytes_that_are_no_keys() {
    let lock = fixture("seed/d-three-levels");
    let mut dice = Dice(7);
    for _ in 0..6 {
        let tmux = Tmux::explorer(&lock);
        for _ in 0..30 {
            let bytes: Vec<u8> = (0..40)
                .map(|_| u8::try_from(dice.roll(256)).unwrap())
                // Other tests cover keys that end it; no editor may start, and nothing may be
                // written.
                .filter(|byte| !matches!(byte, b'q' | b'd' | b'e' | b'f' | 3 | 26 | 28))
                .collect();
            tmux.bytes(&bytes);
        }
        // Leaves whatever is open: a prompt, help, half a sequence.
        let mut screen = String::new();
        for _ in 0..5 {
            tmux.bytes(b"\x1b");
            screen = tmux.settled();
        }
        assert!(!screen.contains("left with"), "{screen}");
        tmux.bytes(b"q");
        tmux.wait_for("left with 0");
    }
}

#[test]
fn sequences_that_do_not_end() {
    let lock = fixture("seed/d-three-levels");
    for begun in ["\x1b[", "\x1b[1;", "\x1bO", "\x1b[<0;1", "\x1b[?1;2", "\u{90}", "\x1b]52;c;"] {
        let tmux = Tmux::explorer(&lock);
        tmux.bytes(begun.as_bytes());
        tmux.settled();
        // It still reacts to other sizes.
        tmux.resize(60, 20);
        tmux.wait_until("one pane", |screen| screen.lines().count() == 20);
        // The first may end the sequence. Some sequences consume anything except ctrl-c.
        tmux.bytes(b"\x1b");
        tmux.settled();
        tmux.keys(&["q", "q"]);
        if tmux.settled().contains("? help") {
            tmux.keys(&["C-c"]);
        }
        tmux.wait_for("left with");
    }
}

#[test]
fn pasted_text_presses_no_keys() {
    let tmux = Tmux::explorer(&fixture("seed/d-three-levels"));
    let before = tmux.settled();
    tmux.paste("q\njjjd!u\u{1b}[31m");
    assert_eq!(tmux.settled(), before);
    // A prompt takes the first line.
    tmux.keys(&["/"]);
    tmux.paste("viewer\nq\n");
    let screen = tmux.wait_for("/viewer");
    assert!(screen.contains("match 1 of "), "{screen}");
    tmux.keys(&["Enter"]);
    tmux.wait_for("toolkit › viewer");
}

#[test]
fn names_that_are_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "\\u001b[2J\\u001b]52;c;QUFB\\u0007",
        "\\u202egpj.exe",
        "日本語の長い名前がここに続いていて、画面の端を越えてしまう",
        "e\\u0301\\u0301\\u0301\\u0301\\u0301",
        "\\ud83d\\udc69\\u200d\\ud83d\\udcbb\\ufe0f",
        "\\u0627\\u0644\\u0639\\u0631\\u0628\\u064a\\u0629",
        "\\t\\r\\nx",
    ];
    let reference = r#"{"type":"github","owner":"acme","repo":"x"}"#;
    let entry = format!(r#"{{"locked":{reference},"original":{reference}}}"#);
    let inputs: Vec<_> =
        names.iter().enumerate().map(|(at, name)| format!(r#""{name}":"{at}""#)).collect();
    let nodes: Vec<_> = (0..names.len()).map(|at| format!(r#""{at}":{entry}"#)).collect();
    let lock = format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{}}}}},{}}}}}"#,
        inputs.join(","),
        nodes.join(",")
    );
    let file = folder.path().join("flake.lock");
    std::fs::write(&file, lock).unwrap();
    let tmux = Tmux::explorer(&file);
    for _ in 0..names.len() {
        tmux.keys(&["j"]);
        let screen = tmux.settled();
        let lines: Vec<_> = screen.lines().collect();
        assert_eq!(lines.len(), 24, "{screen}");
        for line in &lines[2..22] {
            assert!(line.ends_with('│') && line.starts_with('┃'), "{line}\n{screen}");
            let columns = unicode_width::UnicodeWidthStr::width(*line);
            assert_eq!(columns, 80, "{line}\n{screen}");
        }
    }
    tmux.keys(&["q"]);
    tmux.wait_for("left with 0");
}
