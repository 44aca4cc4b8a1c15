use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    history::{self, HistoryLine},
};

/// What every file says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Where it was read.
    pub path: PathBuf,
    /// SHA-256 over its contents, in hexadecimal.
    pub id: String,
    /// The stage and version that wrote it.
    pub created_by: String,
    /// The command lines that led to it, oldest first.
    pub history: Vec<String>,
}

/// A file that another one was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// Its id.
    pub id: String,
    /// The command line that made it.
    pub command: String,
}

/// Who writes a file, and what led to it.
#[derive(Debug, Clone)]
pub struct Provenance {
    pub(crate) created_by: String,
    pub(crate) history: Vec<String>,
}

/// A remark on how contents were made; it does not enter the id.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A real number.
    Real(f64),
}

impl Header {
    /// This file, as one that another is made from.
    pub fn origin(&self) -> Origin {
        let last = self.history.last().map(|line| HistoryLine::parse(line));
        let command = last.map_or("another tool", |line| line.command);
        Origin {
            id: self.id.clone(),
            command: command.into(),
        }
    }

    /// Checks that this file is the one that the file at `path` was made with.
    ///
    /// # Errors
    /// [`Error::Foreign`], with both ids and the commands that made them.
    pub fn check_origin_of(
        &self,
        path: &Path,
        role: &'static str,
        recorded: &Origin,
    ) -> Result<()> {
        recorded.check_same(path, role, &self.origin(), &self.path)
    }
}

impl Origin {
    /// Checks that what the file at `path` was made with is what another file is, or was made with.
    pub(crate) fn check_same(
        &self,
        path: &Path,
        role: &'static str,
        other: &Self,
        other_path: &Path,
    ) -> Result<()> {
        if self.id == other.id {
            return Ok(());
        }
        Err(Error::Foreign {
            path: path.into(),
            role,
            recorded: Box::new(self.clone()),
            other: other_path.into(),
            found: Box::new(other.clone()),
        })
    }
}

impl Provenance {
    /// The running command, after the commands that made its inputs.
    pub fn of_this_command(inputs: &[&Header]) -> Self {
        let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        let program = words.next().unwrap_or_default();
        let stage = Path::new(&program)
            .file_name()
            .map_or(program.clone(), |name| name.to_string_lossy().into_owned());
        let provenance = Self::new(&stage, words, inputs);
        match std::env::current_dir()
            .ok()
            .as_deref()
            .and_then(Path::to_str)
        {
            Some(folder) => provenance.with(history::FOLDER, folder),
            None => provenance,
        }
    }

    /// The same, with something that the command line does not tell: one of the keys of
    /// [`history`](crate::history).
    pub fn with(mut self, key: &str, value: &str) -> Self {
        if let Some(line) = self.history.last_mut() {
            history::append(line, key, value);
        }
        self
    }

    /// The stage and its version.
    pub fn created_by(&self) -> &str {
        &self.created_by
    }

    /// The command lines, oldest first; the running one is the last.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    fn new(stage: &str, args: impl Iterator<Item = String>, inputs: &[&Header]) -> Self {
        let mut history: Vec<String> = Vec::new();
        for command in inputs.iter().flat_map(|input| &input.history) {
            if !history.contains(command) {
                history.push(command.clone());
            }
        }
        // an argument holds no NUL byte, the one thing that cannot be quoted
        let quoted = args.map(|arg| {
            shlex::try_quote(&arg)
                .map(|arg| arg.into_owned())
                .unwrap_or_default()
        });
        history.push(
            std::iter::once(stage.to_string())
                .chain(quoted)
                .collect::<Vec<_>>()
                .join(" "),
        );
        Self {
            created_by: format!("{stage} {}", env!("CARGO_PKG_VERSION")),
            history,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
        }
    }
}

impl From<&str> for Note {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Note {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Note {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_what_led_here_each_command_once() {
        let header = |history: &[&str]| Header {
            path: "m.h5".into(),
            id: "1".into(),
            created_by: "train 0".into(),
            history: history.iter().map(|command| command.to_string()).collect(),
        };
        let (model, directions) = (header(&["train a"]), header(&["train a", "make-dirs b"]));
        let args = ["--output", "two words.h5"].map(String::from);
        let provenance = Provenance::new("eval-grid", args.into_iter(), &[&model, &directions]);
        assert_eq!(
            provenance.history,
            [
                "train a",
                "make-dirs b",
                "eval-grid --output 'two words.h5'"
            ]
        );
    }
}
