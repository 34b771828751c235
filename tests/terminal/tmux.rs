//! A terminal for each test: tmux with a server of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the screen is checked.
const PAUSE: Duration = Duration::from_millis(30);

/// A terminal that runs a script, in a folder with the test's files only.
pub(crate) struct Tmux {
    server: String,
    pub(crate) folder: TempDir,
}

/// The program, for a script.
pub(crate) fn program() -> String {
    format!("'{}'", env!("CARGO_BIN_EXE_flake-audit"))
}

/// A fixture's folder.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

impl Tmux {
    /// A terminal of 80 columns and 24 rows that runs a shell script, and then stays open.
    pub(crate) fn new(script: &str) -> Self {
        Self::with(script, TempDir::new().unwrap())
    }

    /// The same with a prepared folder.
    pub(crate) fn with(script: &str, folder: TempDir) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let server = format!("flake-audit-test-{}-{number}", std::process::id());
        let tmux = Self { server, folder };
        // The script's last lines report how the terminal was left, so ctrl-c must not end it.
        let script = format!("trap : INT QUIT\n{script}\nsleep 1000\n");
        let file = tmux.folder.path().join("script.sh");
        std::fs::write(&file, script).unwrap();
        let file = file.to_str().unwrap().to_owned();
        tmux.run(&["new-session", "-d", "-x", "80", "-y", "24", "sh", &file]);
        tmux.run(&["set-option", "-s", "set-clipboard", "on"]);
        tmux.run(&["set-option", "-g", "status", "off"]);
        tmux.resize(80, 24);
        tmux
    }

    /// A terminal with the explorer for a lock or a folder; reports how it was left.
    pub(crate) fn explorer(lock: &Path) -> Self {
        let lock = lock.display();
        let explore = format!("{} explore '{lock}'", program());
        let tmux = Self::new(&format!("cd \"$(dirname \"$0\")\"\n{}", told(&explore)));
        tmux.wait_for_explorer();
        tmux
    }

    /// The same for a copy of a fixture, in which the explorer is started, so that no snapshot
    /// depends on the project's path.
    pub(crate) fn explorer_beside(fixture: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        for file in ["flake.lock", "flake.nix"] {
            std::fs::copy(fixture.join(file), folder.path().join(file)).unwrap();
        }
        let explore = format!("{} explore", program());
        let tmux = Self::with(&format!("cd \"$(dirname \"$0\")\"\n{}", told(&explore)), folder);
        tmux.wait_for_explorer();
        tmux
    }

    fn command(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", &self.server, "-f", "/dev/null"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .env_remove("NO_COLOR")
            .output()
            .unwrap_or_else(|error| panic!("tmux is needed: {error}"))
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Presses keys, by their names in tmux: `Down`, `C-c`, `Enter`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        for key in keys {
            self.run(&["send-keys", key]);
            // Escape directly followed by something is another key.
            if *key == "Escape" {
                sleep(4 * PAUSE);
            }
        }
    }

    /// Sends bytes as if they came from a keyboard.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut arguments = vec!["send-keys", "-H"];
        arguments.extend(hex.iter().map(String::as_str));
        self.run(&arguments);
    }

    /// Pastes text, as a terminal does.
    pub(crate) fn paste(&self, text: &str) {
        self.run(&["set-buffer", text]);
        self.run(&["paste-buffer", "-p"]);
    }

    /// What a program has sent to the clipboard.
    pub(crate) fn clipboard(&self) -> String {
        self.run(&["show-buffer"])
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, width: u16, height: u16) {
        self.run(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        trimmed(&self.run(&["capture-pane", "-p"]))
    }

    /// The same with escape sequences.
    pub(crate) fn styled(&self) -> String {
        self.run(&["capture-pane", "-p", "-e"])
    }

    /// Presses keys, and returns the screen once it differs.
    pub(crate) fn after(&self, keys: &[&str], before: &str) -> String {
        self.keys(keys);
        let end = Instant::now() + Duration::from_secs(3);
        while self.screen() == before && Instant::now() < end {
            sleep(PAUSE);
        }
        self.settled()
    }

    /// The screen once it has not changed for a while.
    pub(crate) fn settled(&self) -> String {
        let mut last = self.screen();
        let mut since = Instant::now();
        let end = since + PATIENCE;
        while since.elapsed() < 8 * PAUSE && Instant::now() < end {
            sleep(PAUSE);
            let now = self.screen();
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        last
    }

    /// The screen once it contains a text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// The screen once the explorer knows all, which on a busy machine is not at once.
    pub(crate) fn wait_for_explorer(&self) -> String {
        self.wait_until("the explorer", |screen| {
            screen.contains("? help") && !screen.contains("being audited")
        })
    }

    /// The screen once it is as expected.
    pub(crate) fn wait_until(&self, expected: &str, holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "waited for {expected:?}, there is\n{screen}");
            sleep(PAUSE);
        }
    }

    /// Closes the terminal while something runs in it.
    pub(crate) fn close(&self) {
        self.run(&["kill-server"]);
    }

    /// The number of a process that it wrote into `pid`.
    pub(crate) fn pid(&self) -> String {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).unwrap();
        pid.trim().to_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.command(&["kill-server"]);
    }
}

/// A command that reports its exit code, and whether the terminal was restored.
pub(crate) fn told(command: &str) -> String {
    format!(
        "sh -c 'echo $$ > pid; exec \"$@\"' - {command}\n\
         echo \"left with $?,\" $(stty -a | tr ' ;' '\\n\\n' | grep -x -E -e '-?(icanon|echo|opost)')\n"
    )
}

/// The report of [`told`] for a restored terminal.
pub(crate) fn left_with(code: i32) -> String {
    format!("left with {code}, opost icanon echo")
}

fn trimmed(screen: &str) -> String {
    let lines: Vec<_> = screen.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Waits until no process has this number.
pub(crate) fn wait_for_end(pid: &str) {
    let end = Instant::now() + PATIENCE;
    // A zombie has ended, too.
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while !state().is_empty() && !state().contains(") Z ") {
        assert!(Instant::now() < end, "process {pid} still runs");
        sleep(PAUSE);
    }
}
