//! The commands that make files again, as a script for bash.

mod command;
mod foreign;
mod needed;
mod parser;
mod parts;
mod script;
mod shell;
mod stages;

use std::{collections::HashMap, path::PathBuf};

use anyhow::{Context, bail};
use files::{Note, Origin};

use crate::file::File;
use needed::Needed;
use script::Script;

/// A file that is made again.
pub(crate) struct Target {
    /// Its name.
    name: String,
    file: File,
    /// The number of the command that made it.
    last: usize,
}

/// Origins by the options that name them.
fn named(origins: &[(String, Origin)]) -> Vec<(&'static str, &Origin)> {
    let mut named = Vec::new();
    for (role, origin) in origins {
        match role.as_str() {
            "model" => named.push(("model", origin)),
            "data" => named.push(("data", origin)),
            _ => named.push(("directions", origin)),
        }
    }
    named
}

/// Prints the script.
pub(crate) fn print(paths: &[PathBuf]) -> anyhow::Result<()> {
    let (mut lines, mut targets) = (Vec::new(), Vec::new());
    let mut numbers = HashMap::new();
    for path in paths {
        let file = File::read(path)?;
        let mut last = None;
        for line in file.history() {
            let number = *numbers.entry(line.clone()).or_insert_with(|| {
                lines.push(line.clone());
                lines.len() - 1
            });
            last = Some(number);
        }
        let name = path.display().to_string();
        let last = last.with_context(|| format!("{name} does not say how it was made"))?;
        targets.push(Target { name, file, last });
    }

    let lasts: Vec<usize> = targets.iter().map(|target| target.last).collect();
    let needed = Needed::new(&lines, &lasts);
    for target in &targets {
        if let Err(why) = &needed.commands[target.last] {
            bail!(
                "{} was made by a command that cannot be run again, because {why}: {}",
                target.name,
                crate::text::plain(&lines[target.last])
            );
        }
    }

    let script = Script::new(&lines, &needed, &targets);
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let text = script.text().with_context(|| names.join(", "))?;
    stage::print(text.trim_end())?;
    Ok(())
}

impl Target {
    /// The ids of the files that it was made from, by the options that name them.
    fn origins(&self) -> Vec<(&'static str, &Origin)> {
        let measurement = match &self.file {
            File::Surface(_, surface) => surface.measurement.as_ref(),
            File::Shard(_, shard) => Some(&shard.measurement),
            File::Directions(_, directions) => {
                let model = directions.model.iter();
                return model.map(|model| ("model", model)).collect();
            }
            File::Trajectory(_, trajectory) => {
                let measured = trajectory.measured.as_ref();
                measured.map(|measured| &measured.measurement)
            }
            File::Spectrum(_, spectrum) => return named(&spectrum.origins),
            File::Sharpness(_, table) => return named(&table.origins),
            File::Model(..) | File::Dataset(..) | File::Picture(_) => None,
        };
        match measurement {
            Some(measurement) => measurement.origins(),
            None => Vec::new(),
        }
    }

    /// What the name of a checkpoint of `train` says: its epoch, or that it is an average.
    fn checkpoint(&self) -> Option<String> {
        let File::Model(_, model) = &self.file else {
            return None;
        };
        for (name, note) in &model.notes {
            match note {
                Note::Integer(epoch) if name == "epoch" => return Some(epoch.to_string()),
                Note::Text(text) if name == "checkpoint" && needed::names_checkpoint(text) => {
                    return Some(text.clone());
                }
                Note::Integer(_) | Note::Real(_) | Note::Text(_) => {}
            }
        }
        None
    }
}
