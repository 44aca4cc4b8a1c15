//! A line of a history, taken apart into a command.

use std::slice::Iter;

use files::history::{self, HistoryLine};

use super::{
    command::{Command, Named, Word},
    stages::{DROPPED, OUTPUT, OUTPUT_FOLDER, Stage},
};

/// The option that takes several values: `--pca a.h5 b.h5`. In a script each has its own option.
const LIST: &str = "pca";

/// The command of a line; an error says why it cannot be run again.
pub(crate) fn parse(line: &str) -> Result<Command, String> {
    let line = HistoryLine::parse(line);
    let words = shlex::split(line.command).ok_or("its quotes do not match")?;
    let (name, words) = words.split_first().ok_or("it is empty")?;
    let stage = Stage::named(name).ok_or("it is no stage that makes files")?;
    let folder = fact(&line, history::FOLDER);
    let mut parser = Parser {
        stage,
        folder: folder.as_deref(),
        free: 0,
        words: Vec::new(),
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        parser.word(word, &mut rest)?;
    }
    let mut command = Command {
        stage: stage.name,
        words: parser.words,
        shards: fact(&line, history::SHARDS),
        sums: line.facts(history::SHA256).filter_map(sum).collect(),
        folder,
    };
    if stage.name == "eval-grid" {
        for key in [history::BATCH, history::DEVICE] {
            command.settle(key, line.facts(key).next());
        }
    }
    if stage.name == "train" {
        command.settle(history::DEVICE, line.facts(history::DEVICE).next());
    }
    Ok(command)
}

/// The first fact of a line under a key.
fn fact(line: &HistoryLine, key: &str) -> Option<String> {
    line.facts(key).next().map(String::from)
}

/// `SHA-256:PATH`.
fn sum(text: &str) -> Option<(String, String)> {
    let (sum, path) = text.split_once(':')?;
    if sum.len() != 64 || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((sum.to_string(), path.to_string()))
}

struct Parser<'a> {
    stage: &'static Stage,
    folder: Option<&'a str>,
    /// Words that are no options, so far.
    free: usize,
    words: Vec<Word>,
}

impl Parser<'_> {
    fn word<'w>(&mut self, word: &'w str, rest: &mut Iter<'w, String>) -> Result<(), String> {
        if let Some(option) = word.strip_prefix("--") {
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (option, None),
            };
            return self.option(name, value, rest);
        }
        if let Some(short) = word.strip_prefix('-')
            && !short.is_empty()
        {
            // -q, -o FILE, -oFILE, -qo FILE
            let output = short.trim_start_matches('q');
            let name = if self.stage.name == "train" {
                OUTPUT_FOLDER
            } else {
                OUTPUT
            };
            return match output.strip_prefix('o') {
                _ if output.is_empty() => Ok(()),
                Some("") => self.option(name, None, rest),
                Some(file) => {
                    let file = file.strip_prefix('=').unwrap_or(file);
                    self.option(name, Some(file), rest)
                }
                None => Err(format!("its option {word} is unknown")),
            };
        }
        self.free += 1;
        if self.free <= self.stage.words {
            self.words.push(Word::Plain(word.into()));
        } else {
            let named = self.named("", word)?;
            self.words.push(Word::Read(named));
        }
        Ok(())
    }

    fn option<'w>(
        &mut self,
        name: &str,
        value: Option<&'w str>,
        rest: &mut Iter<'w, String>,
    ) -> Result<(), String> {
        if DROPPED.contains(&name) && value.is_none() {
            return Ok(());
        }
        if self.stage.flags.contains(&name) {
            let text = match value {
                Some(value) => format!("--{name}={value}"),
                None => format!("--{name}"),
            };
            self.words.push(Word::Plain(text));
            // --check-precision may have a value behind it
            if name == "check-precision"
                && value.is_none()
                && let Some(next) = rest.as_slice().first()
                && !next.starts_with('-')
            {
                self.words.push(Word::Plain(next.clone()));
                rest.next();
            }
            return Ok(());
        }
        let is_known = self.stage.reads.contains(&name)
            || self.stage.takes.contains(&name)
            || [OUTPUT, OUTPUT_FOLDER].contains(&name);
        if !is_known {
            return Err(format!("its option --{name} is unknown"));
        }
        let value = match value {
            Some(value) => value,
            None => rest
                .next()
                .ok_or(format!("its option --{name} has no value"))?,
        };
        let word = match name {
            // a picture in the terminal is not a file
            OUTPUT if value == "-" => Word::Plain("--output=-".into()),
            OUTPUT => Word::Written(self.named(name, value)?),
            OUTPUT_FOLDER => Word::WrittenInto(self.named(name, value)?),
            _ if self.stage.reads.contains(&name) => Word::Read(self.named(name, value)?),
            _ => Word::Plain(format!("--{name}={value}")),
        };
        self.words.push(word);
        if name == LIST {
            while let Some(next) = rest.as_slice().first()
                && !next.starts_with('-')
            {
                let file = self.named(name, next)?;
                self.words.push(Word::Read(file));
                rest.next();
            }
        }
        Ok(())
    }

    fn named(&self, option: &str, typed: &str) -> Result<Named, String> {
        if typed.is_empty() || typed.contains('\0') {
            return Err("it names no file where one is wanted".into());
        }
        let before = match option {
            "" => String::new(),
            option => format!("--{option}="),
        };
        Ok(Named {
            before,
            option: option.into(),
            typed: typed.into(),
            path: clean(self.folder, typed),
        })
    }
}

/// A path from a folder, without `.`, and without `..` except at the start where the folder is
/// unknown.
pub(crate) fn clean(folder: Option<&str>, path: &str) -> String {
    let whole = match folder {
        Some(folder) if !path.starts_with('/') => format!("{folder}/{path}"),
        _ => path.to_string(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            // there is nothing above the root
            ".." if whole.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let start = if whole.starts_with('/') { "/" } else { "" };
    format!("{start}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_values_is_an_option() {
        let line = "make-dirs --model m.h5 --pca a.h5 b.h5 --dims 2 --pca=c.h5 --output d.h5";
        let command = parse(line).unwrap();
        let mut files = Vec::new();
        for named in command.reads() {
            files.push((named.before.as_str(), named.typed.as_str()));
        }
        let wanted = [
            ("--model=", "m.h5"),
            ("--pca=", "a.h5"),
            ("--pca=", "b.h5"),
            ("--pca=", "c.h5"),
        ];
        assert_eq!(files, wanted);
    }
}
