//! Writes a surface, a curve or the numbers of models as a table: `to-table surface.h5 --output
//! surface.csv`.

mod csv;
mod json;
mod models;
mod npz;
mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Parser;
use files::{Contents, Kind, Sharpness, Spectrum, Stated, Surface};
use provenance::Record;

use models::Models;
use table::Table;

/// Write a surface, a curve or the numbers of models as a table, for notebooks and spreadsheets
///
/// The form follows from the name of the output: .csv has a line for each point (x, y, then the
/// metrics; what was not computed is empty), .npz the arrays x, y, evaluated and each metric as
/// numpy has them, [y, x], and .json the same as lists, where null stands for what is no finite
/// number. A spectrum or a table of sharpness has a line for each model.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The surface or curve, from merge or from the Python tool of the paper; a spectrum, from
    /// hessian; or sharpness
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The quantities: metrics of the file, or train_err, test_err, eig_ratio; of models the
    /// columns [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    surf_name: Vec<String>,

    #[command(flatten)]
    output: stage::Output,
}

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output.check([args.file.as_path()])?;
    let form = Form::of(&args.output.output)?;
    let shown = args.file.display().to_string();

    let bytes = match kind(&args.file) {
        Kind::Spectrum => {
            let file = Spectrum::read(&args.file)?;
            let record = Record::of_this_command(&[(Kind::Spectrum, &file.header)]);
            let table = Models::of_spectrum(&file, &args.surf_name, record);
            form.of_models(&table.context(shown)?)?
        }
        Kind::Sharpness => {
            let file = Sharpness::read(&args.file)?;
            let record = Record::of_this_command(&[(Kind::Sharpness, &file.header)]);
            let table = Models::of_sharpness(&file, &args.surf_name, record);
            form.of_models(&table.context(shown)?)?
        }
        Kind::Surface
        | Kind::Shard
        | Kind::Trajectory
        | Kind::Directions
        | Kind::Dataset
        | Kind::Model => {
            let file = Surface::read(&args.file)?;
            let record = Record::of_this_command(&[(Kind::Surface, &file.header)]);
            let table = Table::new(&file, &args.surf_name, record);
            form.of_points(&table.context(shown)?)?
        }
    };
    Ok(args.output.target().publish(&bytes)?)
}

/// What a file is; a surface where it does not say, which reading it as one checks.
fn kind(path: &Path) -> Kind {
    match Stated::read(path) {
        Ok(stated) => stated.kind,
        Err(_) => Kind::Surface,
    }
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

    fn of_points(&self, table: &Table) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Csv => csv::document(table),
            Self::Json => json::document(table),
            Self::Npz => npz::document(table),
        }
    }

    fn of_models(&self, table: &Models) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Csv => Ok(csv::of_models(table)),
            Self::Json => json::of_models(table),
            Self::Npz => npz::of_models(table),
        }
    }
}
