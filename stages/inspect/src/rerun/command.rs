//! A command of a history: which of its words are files.

/// A command that may be run again.
#[derive(Clone)]
pub(crate) struct Command {
    pub(crate) stage: &'static str,
    pub(crate) words: Vec<Word>,
    /// The parts that a merge put together, in the order of its files.
    pub(crate) shards: Option<String>,
    /// SHA-256 of the foreign files that it read, each with its path as it was typed.
    pub(crate) sums: Vec<(String, String)>,
    /// The folder in which it ran.
    pub(crate) folder: Option<String>,
}

/// A word of a command.
#[derive(Clone, PartialEq)]
pub(crate) enum Word {
    /// As it stands.
    Plain(String),
    /// A file that is read.
    Read(Named),
    /// A file that is written.
    Written(Named),
    /// A folder that is written into.
    WrittenInto(Named),
}

/// A word that names a file.
#[derive(Clone, PartialEq)]
pub(crate) struct Named {
    /// What stands before the path: `--output=`.
    pub(crate) before: String,
    /// The option, without dashes; empty for a word of its own.
    pub(crate) option: String,
    /// The path as it was typed.
    pub(crate) typed: String,
    /// The path from the root, where the folder is known: no `.`, no `..` within.
    pub(crate) path: String,
}

impl Command {
    /// Gives an option the value that the command chose by itself.
    pub(crate) fn settle(&mut self, option: &str, chosen: Option<&str>) {
        let Some(chosen) = chosen else {
            return;
        };
        match self.value(option) {
            None => self.words.push(Word::Plain(format!("--{option}={chosen}"))),
            Some("auto") => self.set(option, chosen),
            Some(_) => {}
        }
    }

    /// The value of an option that names no file.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        let start = format!("--{option}=");
        for word in &self.words {
            if let Word::Plain(text) = word
                && let Some(value) = text.strip_prefix(&start)
            {
                return Some(value);
            }
        }
        None
    }

    /// Gives an option that the command has another value.
    pub(crate) fn set(&mut self, option: &str, value: &str) {
        let start = format!("--{option}=");
        for word in &mut self.words {
            if let Word::Plain(text) = word
                && text.starts_with(&start)
            {
                *text = format!("{start}{value}");
            }
        }
    }

    /// The files that it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Named> {
        self.words.iter().filter_map(Word::read)
    }

    /// The files that it writes.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &Named> {
        self.words.iter().filter_map(Word::written)
    }

    /// The file that it writes, the first one.
    pub(crate) fn output(&self) -> Option<&Named> {
        self.writes().next()
    }
}

impl Word {
    /// The file that it names, where it is read.
    fn read(&self) -> Option<&Named> {
        match self {
            Self::Read(named) => Some(named),
            Self::Plain(_) | Self::Written(_) | Self::WrittenInto(_) => None,
        }
    }

    /// The file that it names, where it is written.
    fn written(&self) -> Option<&Named> {
        match self {
            Self::Written(named) => Some(named),
            Self::Plain(_) | Self::Read(_) | Self::WrittenInto(_) => None,
        }
    }
}
