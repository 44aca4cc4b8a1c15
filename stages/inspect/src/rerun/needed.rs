//! Which commands of a history are needed, and which files none of them makes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    command::{Command, Word},
    parser::parse,
};

/// The commands of histories, and what is needed of them.
pub(crate) struct Needed {
    /// The commands, oldest first; those that cannot be run again with the reason.
    pub(crate) commands: Vec<Result<Command, String>>,
    /// Numbers of those that are needed.
    pub(crate) needed: BTreeSet<usize>,
    /// For an eval-grid, the merges of the shards of which it made one. The history of a surface
    /// holds the command of one shard, which stands for all.
    merges: BTreeMap<usize, Vec<usize>>,
    /// Merges whose shards are made.
    merged: BTreeSet<usize>,
    makers: Makers,
}

/// Which commands make which files; their numbers ascend.
#[derive(Default)]
struct Makers {
    files: BTreeMap<String, Vec<usize>>,
    /// Those that write checkpoints into a folder.
    folders: BTreeMap<String, Vec<usize>>,
}

impl Needed {
    /// What the last commands of histories (`lasts`, numbers of lines) need.
    pub(crate) fn new(lines: &[String], lasts: &[usize]) -> Self {
        let commands: Vec<_> = lines.iter().map(|line| parse(line)).collect();
        let mut all = Self {
            makers: Makers::of(&commands),
            commands,
            needed: BTreeSet::new(),
            merges: BTreeMap::new(),
            merged: BTreeSet::new(),
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
                if command.stage == "merge" && all.merged.insert(number) {
                    all.merges.entry(maker).or_default().push(number);
                }
            }
        }
        all
    }

    /// The merges of the shards that an eval-grid measured.
    pub(crate) fn merges_of(&self, number: usize) -> &[usize] {
        match self.merges.get(&number) {
            Some(merges) => merges,
            None => &[],
        }
    }

    /// Whether a file that a command reads is made by one before it.
    pub(crate) fn is_made(&self, path: &str, number: usize) -> bool {
        self.merged.contains(&number) || self.makers.last_before(path, number).is_some()
    }
}

impl Makers {
    fn of(commands: &[Result<Command, String>]) -> Self {
        let mut makers = Self::default();
        for (number, command) in commands.iter().enumerate() {
            let Ok(command) = command else { continue };
            for word in &command.words {
                let numbers = match word {
                    Word::Written(named) => makers.files.entry(named.path.clone()),
                    Word::WrittenInto(named) => makers.folders.entry(named.path.clone()),
                    Word::Plain(_) | Word::Read(_) => continue,
                };
                numbers.or_default().push(number);
            }
        }
        makers
    }

    /// The last command before another that makes a file.
    fn last_before(&self, path: &str, number: usize) -> Option<usize> {
        let of_file = self.files.get(path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let of_folder = self.folders.get(folder).filter(|_| is_checkpoint(name));
        let mut last = None;
        for makers in [of_file, of_folder].into_iter().flatten() {
            let before = makers.partition_point(|maker| *maker < number);
            last = last.max(makers[..before].last().copied());
        }
        last
    }
}

/// What `train` writes into its folder.
fn is_checkpoint(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("model-") else {
        return false;
    };
    rest.strip_suffix(".h5").is_some_and(names_checkpoint)
}

/// Whether a text is what `train` has in the name of a checkpoint: epochs, such as 12 or 0.25, or
/// that it is an average.
pub(crate) fn names_checkpoint(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    text == "average" || (whole.parse::<u64>().is_ok() && rest.parse::<u64>().is_ok())
}
