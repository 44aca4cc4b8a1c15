use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use files::{Contents, Header, Note, Stored, Surface, Trajectory};
use provenance::Record;

use crate::{
    args::{Args, Plot},
    plot::Run,
    titles::titles,
};

/// Points of a surface: 2000 × 2000 are more than the pixels of most pictures.
const MOST_POINTS: usize = 4_000_000;
/// Points along an axis: more than the pixels of most pictures, and contours of one long cell after another take long.
const MOST_ALONG: usize = 10_000;
/// Points of a trajectory, each of which is a disc.
const MOST_STEPS: usize = 10_000;

/// What is drawn.
pub(crate) struct Input {
    /// None where trajectories are drawn alone.
    pub(crate) surfaces: Vec<Stored<Surface>>,
    /// The name of each surface beside the others.
    pub(crate) titles: Vec<String>,
    /// Trajectories on top, or alone.
    pub(crate) runs: Vec<Run>,
    /// Remarks of the first file that is drawn.
    pub(crate) notes: Vec<(String, Note)>,
    /// What the picture says of how it was made; nothing with `--no-provenance`.
    pub(crate) record: Option<Record>,
}

impl Input {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read, or a trajectory of other directions than the surface: the path does not lie on it.
    pub(crate) fn read(args: &Args) -> anyhow::Result<Self> {
        let alone = args.plot == Some(Plot::Trajectory);
        let (surfaces, runs) = if alone {
            (&[][..], &args.files)
        } else {
            (&args.files[..], &args.trajectory)
        };
        let clipped = |path: &PathBuf| -> anyhow::Result<Stored<Surface>> {
            check_size(path)?;
            let mut surface = Surface::read(path)?;
            surface
                .contents
                .clip(args.clip)
                .with_context(|| path.display().to_string())?;
            Ok(surface)
        };
        let surfaces = surfaces
            .iter()
            .map(clipped)
            .collect::<anyhow::Result<Vec<_>>>()?;
        let runs = runs
            .iter()
            .map(|path| run(path))
            .collect::<anyhow::Result<Vec<_>>>()?;
        for surface in &surfaces {
            for run in &runs {
                surface.check_trajectory(run)?;
            }
        }
        let headers = |headers: Vec<&Header>| {
            if headers.is_empty() {
                Vec::new()
            } else {
                titles(&headers)
            }
        };
        let names = headers(runs.iter().map(|run| &run.header).collect());
        let titles = if args.panel_title.is_empty() {
            headers(surfaces.iter().map(|surface| &surface.header).collect())
        } else {
            args.panel_title.clone()
        };
        let notes = match (surfaces.first(), runs.first()) {
            (Some(surface), _) => surface.notes.clone(),
            (None, run) => run.map_or_else(Vec::new, |run| run.notes.clone()),
        };
        let drawn: Vec<&Header> = surfaces.iter().map(|surface| &surface.header).collect();
        let paths: Vec<&Header> = runs.iter().map(|run| &run.header).collect();
        let record = Record::of_this_command(&drawn, &paths);
        let runs = runs.into_iter().zip(names).map(|(run, name)| Run {
            name,
            path: run.contents,
        });
        Ok(Self {
            surfaces,
            titles,
            runs: runs.collect(),
            notes,
            record: (!args.no_provenance).then_some(record),
        })
    }

    /// The first surface, for what shows one only.
    pub(crate) fn first(&self) -> anyhow::Result<&Stored<Surface>> {
        self.surfaces.first().context("there is no surface")
    }
}

/// Checks, before its values are read, that a surface is not larger than a picture can show.
fn check_size(path: &Path) -> anyhow::Result<()> {
    let grid = Surface::read_grid(path)?;
    ensure!(
        grid.len() <= MOST_POINTS,
        "{}: its grid has {} points, a picture shows {MOST_POINTS} at most: \
         draw a part of it, or make a mesh with to-vtp",
        path.display(),
        grid.len()
    );
    let along = grid.y.as_ref().map_or(0, Vec::len).max(grid.x.len());
    ensure!(
        along <= MOST_ALONG,
        "{}: its grid has {along} points along an axis, a picture shows {MOST_ALONG} at most: \
         draw a part of it, or use to-table",
        path.display()
    );
    Ok(())
}

fn run(path: &Path) -> anyhow::Result<Stored<Trajectory>> {
    let run = Trajectory::read(path)?;
    ensure!(
        run.x.len() <= MOST_STEPS,
        "{}: it has {} points, a picture shows {MOST_STEPS} at most: leave some out",
        path.display(),
        run.x.len()
    );
    Ok(run)
}
