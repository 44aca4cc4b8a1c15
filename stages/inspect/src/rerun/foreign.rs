//! Files that no command of the history makes: each is a variable of the script.

use std::path::Path;

use super::{
    command::{Command, Named},
    needed::Needed,
    shell::quoted,
};

/// A foreign file.
struct Foreign {
    /// What commands call it, see [`Named::path`].
    path: String,
    /// Where it lies.
    place: String,
    is_there: bool,
}

/// All foreign files, in the order of their use.
#[derive(Default)]
pub(crate) struct Foreigners(Vec<Foreign>);

impl Foreigners {
    pub(crate) fn of(needed: &Needed) -> Self {
        let mut all = Self::default();
        for number in &needed.needed {
            let Ok(command) = &needed.commands[*number] else {
                continue;
            };
            for named in command.reads() {
                if !needed.is_made(&named.path, *number) && all.variable(named).is_none() {
                    all.0.push(Foreign::found(named));
                }
            }
        }
        all
    }

    /// The variable of a file, as a word; `None` where it is not foreign.
    pub(crate) fn variable(&self, named: &Named) -> Option<String> {
        let number = self
            .0
            .iter()
            .position(|foreign| foreign.path == named.path)?;
        Some(format!("\"$file_{}\"", number + 1))
    }

    /// The lines that give the variables their values.
    pub(crate) fn assignments(&self) -> String {
        let mut text = String::new();
        for (number, foreign) in self.0.iter().enumerate() {
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
        let here = super::command::clean(here.to_str(), &named.typed);
        let places = [&named.path, &here];
        let there = places
            .into_iter()
            .find(|place| place.starts_with('/') && Path::new(place).exists());
        Self {
            path: named.path.clone(),
            place: there.unwrap_or(&named.path).clone(),
            is_there: there.is_some(),
        }
    }
}

/// A file that was read with the one that a command names: itself, one in that folder, or one beside.
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
