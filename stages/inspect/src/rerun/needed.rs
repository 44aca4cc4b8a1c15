//! Which commands of a history are needed, and which files none of them makes.

use std::collections::{BTreeMap, BTreeSet};

use super::command::Command;

/// The commands of histories, and what is needed of them.
pub(crate) struct Needed {
    /// The commands, oldest first; those that cannot be run again with the reason.
    pub(crate) commands: Vec<Result<Command, String>>,
    /// Numbers of those that are needed.
    pub(crate) needed: BTreeSet<usize>,
    /// For a merge that is needed, the eval-grid that made one of its shards. The history of a
    /// surface holds that of one shard, which stands for all.
    pub(crate) measured: BTreeMap<usize, usize>,
    makers: Makers,
}

impl Needed {
    /// What the last commands of histories (`lasts`, numbers of lines) need.
    pub(crate) fn new(lines: &[String], lasts: &[usize]) -> Self {
        let commands: Vec<_> = lines.iter().map(|line| Command::parse(line)).collect();
        let mut all = Self {
            makers: Makers::of(&commands),
            commands,
            needed: BTreeSet::new(),
            measured: BTreeMap::new(),
        };
        let mut open: Vec<usize> = lasts.to_vec();
        while let Some(number) = open.pop() {
            let Some(Ok(command)) = all.commands.get(number) else {
                continue;
            };
            if !all.needed.insert(number) {
                continue;
            }
            for file in command.reads() {
                let Some(maker) = all.makers.last_before(&file.path, number) else {
                    continue;
                };
                open.push(maker);
                if command.stage == "merge" {
                    all.measured.entry(number).or_insert(maker);
                }
            }
        }
        all
    }

    /// Whether a file that a command reads is made by one before it.
    pub(crate) fn is_made(&self, path: &str, number: usize) -> bool {
        self.measured.contains_key(&number) || self.makers.last_before(path, number).is_some()
    }
}

/// Which commands make which files.
struct Makers {
    files: BTreeMap<String, Vec<usize>>,
    /// Those that write into a folder.
    folders: Vec<(usize, Command)>,
}

impl Makers {
    fn of(commands: &[Result<Command, String>]) -> Self {
        let mut makers = Self {
            files: BTreeMap::new(),
            folders: Vec::new(),
        };
        for (number, command) in commands.iter().enumerate() {
            let Ok(command) = command else { continue };
            match command.output() {
                Some(output) => {
                    let numbers = makers.files.entry(output.path.clone()).or_default();
                    numbers.push(number);
                }
                None => makers.folders.push((number, command.clone())),
            }
        }
        makers
    }

    /// The last command before another that makes a file.
    fn last_before(&self, path: &str, number: usize) -> Option<usize> {
        let files = self.files.get(path).into_iter().flatten();
        let of_folders = self
            .folders
            .iter()
            .filter(|(_, command)| command.makes(path));
        files
            .chain(of_folders.map(|(maker, _)| maker))
            .copied()
            .filter(|maker| *maker < number)
            .max()
    }
}
