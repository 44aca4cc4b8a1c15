//! Files that no command of the history makes: each is a variable of the script.

use std::{collections::HashMap, path::Path};

use super::{
    command::{Command, Named},
    needed::Needed,
    parser::clean,
    shell::quoted,
};

/// A foreign file.
struct Foreign {
    /// Where it lies.
    place: String,
    is_there: bool,
}

/// All foreign files.
#[derive(Default)]
pub(crate) struct Foreigners {
    /// In the order of their use.
    files: Vec<Foreign>,
    /// Their numbers, from 1, by [`Named::path`].
    numbers: HashMap<String, usize>,
}

impl Foreigners {
    pub(crate) fn of(needed: &Needed) -> Self {
        let mut all = Self::default();
        for number in &needed.needed {
            let Ok(command) = &needed.commands[*number] else {
                continue;
            };
            for named in command.reads() {
                let is_known = all.numbers.contains_key(&named.path);
                if !is_known && !needed.is_made(&named.path, *number) {
                    all.files.push(Foreign::found(named));
                    all.numbers.insert(named.path.clone(), all.files.len());
                }
            }
        }
        all
    }

    /// The variable of a file, as a word; `None` where it is not foreign.
    pub(crate) fn variable(&self, named: &Named) -> Option<String> {
        let number = self.numbers.get(&named.path)?;
        Some(format!("\"$file_{number}\""))
    }

    /// The lines that give the variables their values.
    pub(crate) fn assignments(&self) -> String {
        let mut text = String::new();
        for (number, foreign) in self.files.iter().enumerate() {
            let note = if foreign.is_there {
                ""
            } else {
                "  # it was not found: write its place here"
            };
            text += &format!("file_{}={}{note}\n", number + 1, quoted(&foreign.place));
        }
        text
    }

    /// The lines that compare the files that a command read with their digests.
    pub(crate) fn checks(&self, command: &Command) -> String {
        let mut text = String::new();
        for named in command.reads() {
            let Some(variable) = self.variable(named) else {
                continue;
            };
            for (sum, path) in &command.sums {
                if let Some(word) = below(&variable, &named.typed, path) {
                    text += &format!("same {sum} {word}\n");
                }
            }
        }
        text
    }
}

impl Foreign {
    /// A file where it was when it was read, or below the folder at hand.
    fn found(named: &Named) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let here = clean(here.to_str(), &named.typed);
        let places = [&named.path, &here];
        let there = places
            .into_iter()
            .find(|place| place.starts_with('/') && Path::new(place).exists());
        let place = there.unwrap_or(&named.path);
        let start = if place.starts_with('-') { "./" } else { "" };
        Self {
            place: format!("{start}{place}"),
            is_there: there.is_some(),
        }
    }
}

/// A file that was read with the one that a command names: itself, one in that folder, or one
/// beside.
fn below(variable: &str, typed: &str, path: &str) -> Option<String> {
    if path == typed {
        return Some(variable.into());
    }
    let folder = typed.trim_end_matches('/');
    if let Some(rest) = path
        .strip_prefix(folder)
        .and_then(|it| it.strip_prefix('/'))
    {
        return Some(format!("{variable}/{}", quoted(rest)));
    }
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let beside = typed.rsplit_once('/').map_or("", |(folder, _)| folder);
    (parent == beside).then(|| format!("\"$(dirname {variable})\"/{}", quoted(name)))
}
