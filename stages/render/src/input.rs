use std::path::PathBuf;

use anyhow::Context;
use files::{Contents, Header, Note, Stored, Surface, Trajectory};

use crate::{
    args::{Args, Plot},
    plot::Run,
    titles::titles,
};

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
            .map(|path| Trajectory::read(path))
            .collect::<files::Result<Vec<_>>>()?;
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
        let runs = runs.into_iter().zip(names).map(|(run, name)| Run {
            name,
            path: run.contents,
        });
        Ok(Self {
            surfaces,
            titles,
            runs: runs.collect(),
            notes,
        })
    }

    /// The first surface, for what shows one only.
    pub(crate) fn first(&self) -> anyhow::Result<&Stored<Surface>> {
        self.surfaces.first().context("there is no surface")
    }
}
