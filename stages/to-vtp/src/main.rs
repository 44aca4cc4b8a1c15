//! Writes a surface for ParaView: `to-vtp surface.h5 --log --output surface.vtp`.

mod height;
mod mesh;
mod spline;
mod vtp;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, ensure};
use clap::Parser;
use files::{Contents, Surface};

use height::Heights;

/// Write a surface as VTK PolyData, for ParaView
///
/// The height z of a point is the quantity, cut off at --zmax and then, with --log, ln(z + 0.1).
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The surface, from merge or from the Python tool of the paper
    #[arg(value_name = "SURFACE")]
    surface: PathBuf,

    /// The quantity that becomes the height, a metric of the file [default: train_loss, or the file's first]
    #[arg(long, value_name = "NAME")]
    surf_name: Option<String>,

    /// Use the logarithm of the quantity: ln(z + 0.1)
    #[arg(long)]
    log: bool,

    /// Cut the quantity off at this value
    #[arg(long, value_name = "Z", allow_hyphen_values = true)]
    zmax: Option<f64>,

    /// Resample the heights to N × N points by cubic splines, other metrics linearly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=20_000))]
    interp: Option<u32>,

    #[command(flatten)]
    output: stage::Output,
}

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output.check()?;
    let output = &args.output.output;
    ensure!(output.extension().is_some_and(|it| it == "vtp"), "{}: VTK PolyData is named .vtp", output.display());
    let surface = Surface::read(&args.surface)?;

    let quantity = args.surf_name.as_deref().unwrap_or_else(|| surface.default_metric());
    let heights = Heights::new(&surface, quantity, args.zmax, args.log);
    let mut heights = heights.with_context(|| args.surface.display().to_string())?;
    if let Some(count) = args.interp {
        heights = heights.resampled(count as usize).with_context(|| args.surface.display().to_string())?;
    }
    let mesh = mesh::Mesh::new(&heights);

    let picture = vtp::document(&mesh)?;
    files::replace(output, |temporary| {
        std::fs::write(temporary, picture).with_context(|| format!("{} cannot be written", output.display()))
    })?;
    args.output.say(format!("{} points, {} quads", mesh.points.len(), mesh.quads.len()));
    Ok(())
}
