//! A small part of the campaigns of `make faults` and `make damage`; docs/faults.md tells what they
//! check. CI runs a larger part.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};

use tests::{Ran, Workdir, python_command};

/// A file of `tests/faults`.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("faults")
        .join(name)
}

/// Runs a campaign against the stages that were built with this test.
fn campaign(workdir: &Workdir, script: &str, arguments: &[&str]) {
    let stage = workdir.command("merge");
    let binaries = Path::new(stage.get_program()).parent().unwrap();
    let output = python_command()
        .arg(source(script))
        .arg(binaries)
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(workdir.path(""))
        .output()
        .unwrap();
    let ran = Ran::from(output);
    assert_eq!(
        ran.status,
        Some(0),
        "tests/faults/{script} BINARIES {}\n{}{}",
        arguments.join(" "),
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn after_a_fault_the_same_command_ends_well() {
    let workdir = Workdir::new();
    campaign(&workdir, "faults.py", &["--trials", "8", "--seed", "7"]);
}

#[test]
fn damaged_files_are_refused_or_change_nothing() {
    let workdir = Workdir::new();
    // CI damages more of them
    let trials = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => "20",
        None => "12",
    };
    campaign(&workdir, "damage.py", &["--trials", trials, "--seed", "7"]);
}
