//! A small part of the campaigns of `make faults` and `make damage`; docs/faults.md tells what they
//! check. CI runs a larger part.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use tests::{Ran, Workdir};

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
    let packages = env::var_os("RELIEF_TEST_PYTHONPATH").expect("run the tests with `make test`");
    let output = Command::new("python3")
        .arg(source(script))
        .arg(binaries)
        .args(arguments)
        .env("PYTHONPATH", packages)
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
    campaign(&workdir, "faults.py", &["--trials", "15", "--seed", "7"]);
}

#[test]
fn damaged_files_are_refused_or_change_nothing() {
    let workdir = Workdir::new();
    campaign(&workdir, "damage.py", &["--trials", "60", "--seed", "7"]);
}
