//! The user's editor, at a line.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::tty::Tty;

/// The editor if none is configured.
const USUAL: &str = "vi";

/// Opens a file in the editor of the environment, and waits until that is closed.
///
/// # Errors
/// It cannot be started, or fails.
pub(super) fn edit(file: &str, line: usize) -> io::Result<()> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| USUAL.into());
    let [program, arguments @ ..] = &*command(&editor, file, line) else { return Ok(()) };
    let mut command = Command::new(program);
    command.args(arguments);
    // Standard output may be redirected to receive the drawing, and standard input may be anything.
    for_terminal(&mut command)?;
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended with {status}"))) }
}

fn for_terminal(command: &mut Command) -> io::Result<()> {
    if let Some(tty) = Tty::open()?.device_file() {
        command.stdin(Stdio::from(tty.try_clone()?)).stdout(Stdio::from(tty.try_clone()?));
    }
    Ok(())
}

/// The program and its arguments: words of the variable, which is the user's own, then the place.
/// No shell reads any of it, and a name that begins with a dash is made a path.
fn command(editor: &OsStr, file: &str, line: usize) -> Vec<OsString> {
    let mut words: Vec<OsString> = match editor.to_str() {
        // A program whose path contains blanks is one word.
        Some(text) if !Path::new(text).is_file() => {
            text.split_ascii_whitespace().map(OsString::from).collect()
        }
        _ => vec![editor.into()],
    };
    let file = if file.starts_with(['-', '+']) { format!("./{file}") } else { file.to_owned() };
    let name = words.first().map(Path::new).and_then(Path::file_stem).and_then(OsStr::to_str);
    match name.unwrap_or_default() {
        "code" | "codium" | "code-insiders" | "vscodium" => {
            words.extend(["--wait".into(), "--goto".into(), format!("{file}:{line}").into()]);
        }
        "hx" | "helix" | "subl" | "zed" => words.push(format!("{file}:{line}").into()),
        _ => words.extend([format!("+{line}").into(), file.into()]),
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(editor: &str, file: &str) -> Vec<String> {
        let words = command(OsStr::new(editor), file, 7);
        words.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn names_are_one_word_whatever_they_hold() {
        assert_eq!(words("vim -u NONE", "flake.nix"), ["vim", "-u", "NONE", "+7", "flake.nix"]);
        assert_eq!(words("nano", "a b; $(id)/flake.nix"), ["nano", "+7", "a b; $(id)/flake.nix"]);
        assert_eq!(words("vi", "-c:q!"), ["vi", "+7", "./-c:q!"]);
        assert_eq!(words("hx", "+x"), ["hx", "./+x:7"]);
        assert_eq!(words("/usr/bin/code", "f"), ["/usr/bin/code", "--wait", "--goto", "f:7"]);
    }
}
