//! Expands a config into the work of a study: `plan configs/study.yaml --output-dir build/study`
//! writes rules of make, and with `--slurm` job scripts. It computes nothing itself.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Parser;
use files::Target;

use plan::Study;

/// Expand a config into rules of make and jobs of Slurm
///
/// Surfaces share models, data sets and directions where these are the same for both. The same
/// config gives the same files, and files that stay the same are not written.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The config
    #[arg(value_name = "CONFIG", required_unless_present = "schema")]
    config: Option<PathBuf>,

    /// The folder of everything that is made; it and paths in the config are relative to the
    /// folder in which plan runs
    #[arg(long, value_name = "FOLDER", required_unless_present = "schema")]
    output_dir: Option<PathBuf>,

    /// Write Slurm jobs too; slurm/submit.sh submits them
    #[arg(long)]
    slurm: bool,

    /// Write nothing; print the surfaces, their points and examples
    #[arg(long)]
    dry_run: bool,

    /// Print hours too, from the points that `make -f FOLDER/plan.mk timed` timed
    #[arg(long, requires = "dry_run")]
    estimate: bool,

    /// Print the JSON Schema of configs, for editors
    #[arg(long, exclusive = true)]
    schema: bool,
}

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let (Some(config), Some(folder)) = (&args.config, &args.output_dir) else {
        return Ok(stage::print(plan::schema()?)?);
    };
    let study = Study::read(config, &plain("--output-dir", folder)?)?;
    if args.dry_run {
        return study.print(args.estimate);
    }

    for (path, text) in study.files(&bin()?, args.slurm)? {
        write(&path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    stage::tell(format_args!(
        "{}: {} surfaces in {}",
        config.display(),
        study.surfaces(),
        folder.join("plan.mk").display()
    ));
    Ok(())
}

/// Writes a text, unless the file holds it: a file that stays as it is keeps its time, and make has
/// nothing to do.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut target = Target::new(path, true);
    if path.extension().is_some_and(|ending| ending == "sh") {
        target = target.executable();
    }
    Ok(target.publish(text.as_bytes())?)
}

/// A folder's name, which make and shells read without quotes.
fn plain(what: &str, folder: &Path) -> anyhow::Result<String> {
    let name = folder.display().to_string();
    let name = name.trim_end_matches('/');
    if name.is_empty() {
        bail!("{what} \"{}\" has no name: name a folder", folder.display());
    }
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || "/._-+,@".contains(c))) {
        bail!(
            "{what} {} has characters that make does not take: use letters, digits, \"/\", \".\", \
             \"_\", \"-\"",
            folder.display()
        );
    }
    Ok(name.into())
}

/// Where the stages are: beside this one.
fn bin() -> anyhow::Result<String> {
    let program = env::current_exe().context("the folder of the stages cannot be found")?;
    let folder = program
        .parent()
        .context("the folder of the stages cannot be found")?;
    let here = env::current_dir().context("the current folder cannot be found")?;
    let folder = match folder.strip_prefix(here) {
        Ok(below) if below.as_os_str().is_empty() => Path::new("."),
        Ok(below) => below,
        Err(_) => folder,
    };
    plain("the folder of the stages,", folder)
}
