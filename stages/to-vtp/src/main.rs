//! Writes a surface as a mesh: `to-vtp surface.h5 --log --output surface.vtp`.

mod args;
mod glb;
mod height;
mod mesh;
mod obj;
mod path;
mod stl;
mod vtp;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use files::{Contents, Header, Kind, Surface, Trajectory};
use provenance::Record;

use args::{Args, Form};
use height::Heights;
use mesh::Mesh;
use path::Path;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let form = args.check()?;
    let mut surface = Surface::read(&args.surface)?;
    let name = args.surface.display().to_string();
    surface.contents.clip(None).context(name.clone())?;

    let quantity = args
        .surf_name
        .as_deref()
        .unwrap_or_else(|| surface.default_metric());
    let mut heights =
        Heights::new(&surface, quantity, args.zmax, args.log).context(name.clone())?;
    if let Some(count) = args.interp {
        heights = heights.resampled(count as usize).context(name.clone())?;
    }
    let mut paths = Vec::new();
    let mut runs: Vec<Header> = Vec::new();
    for file in &args.trajectory {
        let trajectory = Trajectory::read(file)?;
        surface.check_trajectory(&trajectory)?;
        paths.push(Path::new(&heights, &trajectory).with_context(|| file.display().to_string())?);
        runs.push(trajectory.header);
    }
    let mesh = Mesh::new(&heights, paths, args.zscale(form));
    mesh.check().context(name)?;

    let mut shown = vec![(Kind::Surface, &surface.header)];
    for run in &runs {
        shown.push((Kind::Trajectory, run));
    }
    let record = Record::of_this_command(&shown);
    let bytes = match form {
        Form::Vtp => vtp::document(&mesh, &record)?,
        Form::Glb => glb::document(&mesh, args.cmap, &record)?,
        Form::Obj => obj::document(&mesh, args.cmap, &record),
        Form::Stl => stl::document(&mesh, &record),
    };
    args.output.target().publish(&bytes)?;
    args.output.say(format!(
        "{} points, {} quads",
        mesh.points.len(),
        mesh.quads.len()
    ));
    Ok(())
}
