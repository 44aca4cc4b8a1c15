//! Says what files hold: `inspect surface.h5`; whether they are whole: `--verify`; how to make them
//! again: `--rerun`; in what two of them differ: `--diff A B`.

mod diff;
mod file;
mod report;
mod rerun;
mod text;
mod verify;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;
use clap::Parser;

use file::File;
use report::Report;

/// Say what files hold, whether they are whole, and how to make them again
///
/// Files are those of relief, surfaces and directions of the Python tool of the paper, and
/// pictures, pages, meshes and tables that relief made.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The files
    #[arg(value_name = "FILE", required_unless_present = "diff")]
    files: Vec<PathBuf>,

    /// Print a JSON object per file, one per line
    #[arg(long)]
    json: bool,

    /// Read everything and compare it with the ids and digests; the exit status is 1 where a file
    /// fails
    #[arg(long)]
    verify: bool,

    /// Print the commands that make the files again from foreign ones, as a script for bash
    #[arg(long, conflicts_with_all = ["json", "verify"])]
    rerun: bool,

    /// Say in what two files of one kind differ; the exit status is 0 where they are the same, 1
    /// where they differ, 2 where they cannot be compared
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    #[arg(conflicts_with_all = ["files", "verify", "rerun"])]
    diff: Option<Vec<PathBuf>>,
}

/// The exit statuses of --diff, those of diff(1).
const DIFFERENT: u8 = 1;
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some([a, b]) = args.diff.as_deref() {
        return compare(a, b, args.json);
    }
    stage::run(args, run)
}

fn run(args: Args) -> anyhow::Result<()> {
    if args.rerun {
        return rerun::print(&args.files);
    }
    let mut failed = 0;
    for path in &args.files {
        if let Err(why) = tell(path, &args)? {
            failed += 1;
            // one line for each file, whatever its libraries say
            let why = text::one_line(&stage::message(&why));
            stage::tell(format_args!("error: {}", text::about(path, &why)));
            if args.json {
                let error = serde_json::json!({ "file": path.to_string_lossy(), "error": why });
                stage::print(text::json(&error)?)?;
            }
        }
    }
    match (failed, args.files.len()) {
        (0, _) => Ok(()),
        (failed, all) => bail!("{failed} of {all} files failed"),
    }
}

/// Prints what is asked for of one file. The outer error is that of stdout, the inner one that of
/// the file.
fn tell(path: &Path, args: &Args) -> anyhow::Result<anyhow::Result<()>> {
    let (file, report) = match read(path, args.verify) {
        Ok(read) => read,
        Err(why) => return Ok(Err(why)),
    };
    if args.json {
        stage::print(text::json(&report)?)?;
    } else if args.verify {
        stage::print(format_args!(
            "{}: {}",
            text::plain(&report.file),
            verify::said(&file)
        ))?;
    } else {
        report.print()?;
    }
    Ok(Ok(()))
}

fn read(path: &Path, verify: bool) -> anyhow::Result<(File, Report)> {
    let file = File::read(path)?;
    if verify {
        verify::verify(&file)?;
    }
    let report = Report::new(path, &file, verify)?;
    Ok((file, report))
}

/// Compares two files; the exit status says how they are.
fn compare(a: &Path, b: &Path, json: bool) -> ExitCode {
    let mut same = None;
    let code = stage::run([a, b], |[a, b]| {
        let differences = diff::Differences::between(a, b)?;
        differences.print(json)?;
        same = Some(differences.same);
        Ok(())
    });
    match same {
        Some(true) => code,
        Some(false) => ExitCode::from(DIFFERENT),
        None => ExitCode::from(TROUBLE),
    }
}
