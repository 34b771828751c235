//! Other things in a repository: symlinks, modes, Git.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use insta::assert_snapshot;

use crate::support::workspace::Workspace;

#[test]
fn symlinks_and_modes_stay() {
    let workspace = Workspace::of("seed/a-follows-plain");
    let at = |name: &str| workspace.path().join(name);
    fs::create_dir(at("real")).unwrap();
    for (file, mode) in [("flake.nix", 0o640), ("flake.lock", 0o604)] {
        let real = format!("real/{file}");
        fs::rename(at(file), at(&real)).unwrap();
        fs::set_permissions(at(&real), Permissions::from_mode(mode)).unwrap();
        symlink(&real, at(file)).unwrap();
    }
    let done = workspace.fix(&[]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    for (file, mode) in [("flake.nix", 0o640), ("flake.lock", 0o604)] {
        let real = format!("real/{file}");
        assert_eq!(fs::read_link(at(file)).unwrap().to_str(), Some(&*real));
        assert_eq!(fs::metadata(at(&real)).unwrap().permissions().mode() & 0o777, mode);
        assert!(workspace.read(&real).contains("nixpkgs-gpu"));
    }
    assert!(workspace.fix(&[]).contains("nothing to repair\n"));
    let left: Vec<_> = workspace.files().into_keys().collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".flake-audit-")), "{left:?}");
}

#[test]
fn a_folder_that_cannot_be_written_to() {
    let workspace = Workspace::of("seed/a-follows-plain");
    fs::set_permissions(workspace.path(), Permissions::from_mode(0o555)).unwrap();
    // Root is not stopped by permissions.
    let is_stopped = fs::write(workspace.path().join("x"), "").is_err();
    let shown = if is_stopped { Some(workspace.fix_without_writing(&[])) } else { None };
    fs::set_permissions(workspace.path(), Permissions::from_mode(0o755)).unwrap();
    if let Some(shown) = shown {
        assert!(shown.starts_with("exit 2\n") && shown.contains("nothing was written"), "{shown}");
    }
}

fn git(workspace: &Workspace, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(workspace.path()).args(["-c", "user.name=x", "-c", "user.email=x@x"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_is_staged() {
    let workspace = Workspace::of("seed/a-follows-plain");
    git(&workspace, &["init", "-q"]);
    git(&workspace, &["add", "."]);
    git(&workspace, &["commit", "-qm", "x"]);
    let done = workspace.fix(&["--dry-run"]);
    assert!(done.starts_with("exit 0\n"), "{done}");
    assert_eq!(git(&workspace, &["status", "--porcelain"]), "");
    let index = fs::read(workspace.path().join(".git/index")).unwrap();
    workspace.command(&["fix"]).assert().success();
    assert_eq!(fs::read(workspace.path().join(".git/index")).unwrap(), index);
    assert_eq!(git(&workspace, &["status", "--porcelain"]), " M flake.lock\n M flake.nix\n");
    // `git apply` accepts the output of --diff.
    git(&workspace, &["checkout", "-q", "."]);
    let diff = workspace.command(&["fix", "--diff"]).output().unwrap().stdout;
    workspace.write("patch", diff);
    git(&workspace, &["apply", "patch"]);
    assert!(workspace.fix_without_writing(&[]).contains("nothing to repair\n"));
}

#[test]
fn git_has_to_be_told_of_a_new_file() {
    let workspace = Workspace::of("inline-configuration/import-literal");
    git(&workspace, &["init", "-q"]);
    git(&workspace, &["add", "."]);
    git(&workspace, &["commit", "-qm", "x"]);
    let output = workspace.command(&["fix", "--init", "gpu"]).output().unwrap();
    assert!(output.status.success());
    assert_snapshot!(String::from_utf8(output.stderr).unwrap());
    assert_eq!(
        git(&workspace, &["status", "--porcelain"]),
        " M flake.lock\n M flake.nix\n?? gpu/\n"
    );
    // No advice is given about files that are not written.
    fs::remove_dir_all(workspace.path().join("gpu")).unwrap();
    git(&workspace, &["checkout", "-q", "."]);
    let output = workspace.command(&["fix", "--init", "gpu", "--dry-run"]).output().unwrap();
    assert!(!String::from_utf8(output.stderr).unwrap().contains("git add"));
}

/// If the report cannot be printed, the error at least says that something was written.
#[cfg(target_os = "linux")]
#[test]
fn a_repair_that_cannot_be_told_is_written_all_the_same() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = |arguments: &[&str]| {
        let workspace = Workspace::of("seed/a-follows-plain");
        let before = workspace.read("flake.lock");
        let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
        let output = command.args(arguments).current_dir(workspace.path()).stdout(full()).output();
        let errors = String::from_utf8(output.unwrap().stderr).unwrap();
        (workspace.read("flake.lock") != before, errors)
    };
    let (is_written, errors) = run(&["fix"]);
    let told = "error: the files are written, but the report is not: No space left on device";
    assert!(is_written && errors.contains(told), "{errors}");
    let (is_written, errors) = run(&["fix", "--diff"]);
    assert!(!is_written && errors.contains("error: the report cannot be written: "), "{errors}");
}
