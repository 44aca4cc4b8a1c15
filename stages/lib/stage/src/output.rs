use std::path::PathBuf;

use anyhow::ensure;

/// The options of every stage that writes one file.
#[derive(Debug, Clone, clap::Args)]
pub struct Output {
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Overwrite the output where it exists
    #[arg(long)]
    pub force: bool,

    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
}

impl Output {
    /// Checks, before any work, that the output may be written.
    ///
    /// # Errors
    /// It exists and `--force` is not given, or its folder does not exist.
    pub fn check(&self) -> anyhow::Result<()> {
        let output = self.output.display();
        ensure!(
            self.force || !self.output.exists(),
            "{output} exists: --force overwrites it"
        );
        let folder = self
            .output
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            ensure!(
                folder.is_dir(),
                "the folder {} does not exist: mkdir -p {0}",
                folder.display()
            );
        }
        Ok(())
    }

    /// Says something to the person who looks on, on stderr, unless `--quiet`.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            crate::tell(text.as_ref());
        }
    }
}
