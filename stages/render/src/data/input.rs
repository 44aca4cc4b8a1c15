//! Reads the files that are drawn.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use files::{Contents, Header, Kind, Note, Stored, Surface, Trajectory};
use provenance::Record;

use crate::{
    data::{
        spectra::{self, NamedSpectrum},
        titles::titles,
    },
    options::{Options, Plot},
};

/// Points of a surface: 2000 × 2000 are more than the pixels of most pictures.
const MOST_POINTS: usize = 4_000_000;
/// Points along an axis: more than the pixels of most pictures, and contours of very long cells
/// take long.
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
    /// Spectra, drawn alone.
    pub(crate) spectra: Vec<NamedSpectrum>,
    /// Remarks of the first file that is drawn.
    pub(crate) notes: Vec<(String, Note)>,
    /// What the picture says of how it was made; nothing with `--no-provenance`.
    pub(crate) record: Option<Record>,
}

/// A trajectory with its name.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) path: Trajectory,
}

impl Input {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read, or a trajectory of other directions than the surface: the path
    /// does not lie on it.
    pub(crate) fn read(options: &Options) -> anyhow::Result<Self> {
        let none = &[][..];
        let (surfaces, runs, spectra) = match options.plot {
            Plot::Trajectory | Plot::Along => (none, &options.files[..], none),
            Plot::Density | Plot::Eigenvalues => (none, none, &options.files[..]),
            Plot::Curve
            | Plot::Repeats
            | Plot::Contour
            | Plot::Contourf
            | Plot::Heat
            | Plot::Surface3d
            | Plot::EigRatio
            | Plot::Stderr => (&options.files[..], &options.trajectories[..], none),
        };
        let surfaces = read_surfaces(surfaces, options.clip)?;
        let runs = read_runs(runs)?;
        let spectra = spectra::read(spectra)?;
        for surface in &surfaces {
            for run in &runs {
                surface.check_trajectory(run)?;
            }
        }
        let of_surfaces: Vec<&Header> = surfaces.iter().map(|surface| &surface.header).collect();
        let titles = if options.panel_titles.is_empty() {
            titles(&of_surfaces)
        } else {
            options.panel_titles.clone()
        };
        let record = if options.no_provenance {
            None
        } else {
            Some(record(&surfaces, &runs, &spectra))
        };
        let notes = match (surfaces.first(), runs.first()) {
            (Some(surface), _) => surface.notes.clone(),
            (None, Some(run)) => run.notes.clone(),
            (None, None) => Vec::new(),
        };
        let runs = named(runs);
        Ok(Self {
            surfaces,
            titles,
            runs,
            spectra,
            notes,
            record,
        })
    }

    /// The first surface, for what shows one only.
    pub(crate) fn first(&self) -> anyhow::Result<&Stored<Surface>> {
        self.surfaces.first().context("there is no surface")
    }
}

/// What a picture of these files says of how it was made.
fn record(
    surfaces: &[Stored<Surface>],
    runs: &[Stored<Trajectory>],
    spectra: &[NamedSpectrum],
) -> Record {
    let mut shown = Vec::new();
    for surface in surfaces {
        shown.push((Kind::Surface, &surface.header));
    }
    for run in runs {
        shown.push((Kind::Trajectory, &run.header));
    }
    for named in spectra {
        shown.push((Kind::Spectrum, &named.spectrum.header));
    }
    Record::of_this_command(&shown)
}

/// Surfaces, with losses cut off at a value.
fn read_surfaces(paths: &[PathBuf], clip: Option<f64>) -> anyhow::Result<Vec<Stored<Surface>>> {
    let mut surfaces = Vec::new();
    for path in paths {
        check_size(path)?;
        let mut surface = Surface::read(path)?;
        surface
            .contents
            .clip(clip)
            .with_context(|| path.display().to_string())?;
        surfaces.push(surface);
    }
    Ok(surfaces)
}

fn read_runs(paths: &[PathBuf]) -> anyhow::Result<Vec<Stored<Trajectory>>> {
    let mut runs = Vec::new();
    for path in paths {
        let run = Trajectory::read(path)?;
        ensure!(
            run.x.len() <= MOST_STEPS,
            "{}: it has {} points, a picture shows {MOST_STEPS} at most: leave some out",
            path.display(),
            run.x.len()
        );
        runs.push(run);
    }
    Ok(runs)
}

/// Trajectories, each with its name beside the others.
fn named(runs: Vec<Stored<Trajectory>>) -> Vec<Run> {
    let headers: Vec<&Header> = runs.iter().map(|run| &run.header).collect();
    let several = runs.len() > 1;
    let mut named = Vec::new();
    for (title, file) in titles(&headers).into_iter().zip(runs) {
        for (name, path) in file.by_run() {
            let name = match name {
                // other files may have runs of the same names
                Some(name) if several => format!("{title}, {name}"),
                Some(name) => name,
                None => title.clone(),
            };
            named.push(Run { name, path });
        }
    }
    named
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
    let rows = grid.y.as_deref().unwrap_or_default().len();
    let along = rows.max(grid.x.len());
    ensure!(
        along <= MOST_ALONG,
        "{}: its grid has {along} points along an axis, a picture shows {MOST_ALONG} at most: \
         draw a part of it, or use to-table",
        path.display()
    );
    Ok(())
}
