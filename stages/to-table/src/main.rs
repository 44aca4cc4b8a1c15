//! Writes a surface or a curve as a table: `to-table surface.h5 --output surface.csv`.

mod csv;
mod json;
mod npz;
mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Parser;
use files::{Contents, Kind, Surface};
use provenance::Record;

use table::Table;

/// Write a surface or a curve as a table, for notebooks and spreadsheets
///
/// The form follows from the name of the output: .csv has a line for each point (x, y, then the
/// metrics; what was not computed is empty), .npz the arrays x, y, evaluated and each metric as
/// numpy has them, [y, x], and .json the same as lists, where null stands for what is no finite
/// number.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The surface or curve, from merge or from the Python tool of the paper
    #[arg(value_name = "SURFACE")]
    surface: PathBuf,

    /// The quantities: metrics of the file, or train_err, test_err, eig_ratio [default: all
    /// metrics]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    surf_name: Vec<String>,

    #[command(flatten)]
    output: stage::Output,
}

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output.check([args.surface.as_path()])?;
    let output = &args.output.output;
    let form = Form::of(output)?;
    let surface = Surface::read(&args.surface)?;

    let record = Record::of_this_command(&[(Kind::Surface, &surface.header)]);
    let table = Table::new(&surface, &args.surf_name, record)
        .with_context(|| args.surface.display().to_string())?;

    let bytes = form.document(&table)?;
    Ok(args.output.target().publish(&bytes)?)
}

/// The form of a table, which follows from the name of its file.
enum Form {
    Csv,
    Json,
    Npz,
}

impl Form {
    fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some("npz") => Ok(Self::Npz),
            _ => bail!("{}: a table is named .csv, .json or .npz", path.display()),
        }
    }

    fn document(&self, table: &Table) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Csv => csv::document(table),
            Self::Json => json::document(table),
            Self::Npz => npz::document(table),
        }
    }
}
