//! A folder to work in and the stages to run there, for the tests of `tests/tests/`, one file a stage.
//!
//! The stages must be built before (`make test` does): a test that finds no binary says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A temporary folder in which stages run.
pub struct Workdir(TempDir);

/// What a stage left: its exit status and what it said.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Workdir {
    /// An empty folder, removed at the end of the test.
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Names of the files in the folder, sorted, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A stage, to be run in the folder, with arguments as they are typed (split at spaces).
    pub fn command(&self, line: &str) -> Command {
        let mut words = line.split_whitespace();
        let mut command = Command::new(binary(words.next().unwrap()));
        command.args(words).current_dir(self.0.path());
        command
    }

    /// Runs a stage to its end, whatever comes of it.
    pub fn run(&self, line: &str) -> Ran {
        self.command(line).output().unwrap().into()
    }

    /// Runs a stage that must succeed.
    pub fn ok(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.status, Some(0), "{line}\n{}", ran.stderr);
        ran
    }

    /// Runs a stage that must fail with one clear error and leave no new file; returns what it said.
    pub fn fails(&self, line: &str) -> String {
        let before = self.names();
        let ran = self.run(line);
        assert!(matches!(ran.status, Some(1 | 2)), "{line}: status {:?}\n{}", ran.status, ran.stderr);
        assert!(ran.stderr.contains("error: ") && !ran.stderr.contains("panicked"), "{line}\n{}", ran.stderr);
        assert_eq!(self.names(), before, "{line} left something");
        ran.stderr
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into(),
            stderr: String::from_utf8_lossy(&output.stderr).into(),
        }
    }
}

/// A file of `tests/golden`.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// The binary of a stage, in the folder that the test itself was built in.
fn binary(stage: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(stage);
    assert!(path.exists(), "{} is not built: run the tests with `make test`", path.display());
    path
}
