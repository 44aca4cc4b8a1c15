//! Expands a config into the work of a study. A library beside the stage, so that fuzzing reaches
//! its reader (`tests/fuzz`).

mod check;
mod config;
mod makefile;
mod nearest;
mod plain;
mod read;
mod settings;
mod shell;
mod slurm;
mod stamp;
mod sweep;
mod table;
mod values;
mod work;

use std::path::{Path, PathBuf};

use anyhow::Context;
use config::Config;
use read::Source;
use stamp::Stamps;
use work::Work;

/// A study: its config, read and checked, and the work that follows from it.
pub struct Study {
    /// The config's file, as the user named it.
    name: String,
    config: Config,
    /// The folder of everything that is made.
    folder: String,
    work: Work,
}

impl Study {
    /// Reads the config in a file; `folder`, of plain characters, gets everything that is made.
    ///
    /// # Errors
    /// What is wrong in the config, with its line and column.
    pub fn read(path: &Path, folder: &str) -> anyhow::Result<Self> {
        let source = Source::read(path)?;
        check::check(&source)?;
        let surfaces = sweep::surfaces(&source)?;
        check::surfaces(&source, &surfaces)?;
        let name = path.display().to_string();
        let work = Work::new(&source.config, &surfaces, folder).with_context(|| name.clone())?;
        plain::check(&work, &source.config.slurm, &name)?;
        Ok(Self {
            name,
            config: source.config,
            folder: folder.into(),
            work,
        })
    }

    /// The number of its surfaces.
    pub fn surfaces(&self) -> usize {
        self.work.surfaces.len()
    }

    /// The files that describe the work, each with its text: commands and rules of make, and with
    /// `slurm` job scripts. `bin` is the folder of the stages.
    ///
    /// # Errors
    /// A file of the study that exists and cannot be read.
    pub fn files(&self, bin: &str, slurm: bool) -> anyhow::Result<Vec<(PathBuf, String)>> {
        let mut files = Vec::new();
        let mut stamps = Stamps::new(&self.work);
        for made in self.work.made() {
            files.push((made.stamp.into(), stamps.text(&made)?));
        }
        let folder = Path::new(&self.folder);
        let rules = makefile::rules(&self.work, &self.name, &self.folder, bin);
        files.push((folder.join("plan.mk"), rules));
        if slurm {
            let settings = &self.config.slurm;
            let scripts = slurm::scripts(&self.work, settings, &self.name, &self.folder, bin);
            for (script, text) in scripts {
                files.push((folder.join("slurm").join(script), text));
            }
        }
        Ok(files)
    }

    /// Prints its surfaces, their points and examples, and with `estimate` their hours.
    ///
    /// # Errors
    /// A file of timed points that cannot be read; a closed stdout.
    pub fn print(&self, estimate: bool) -> anyhow::Result<()> {
        table::print(&self.work, &self.config, estimate)
    }
}

/// The JSON Schema of configs.
///
/// # Errors
/// None that is known.
pub fn schema() -> anyhow::Result<String> {
    let schema = schemars::schema_for!(Config);
    Ok(serde_json::to_string_pretty(&schema)?)
}
