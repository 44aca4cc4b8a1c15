use std::path::PathBuf;

use anyhow::ensure;
use clap::ValueEnum;
use files::Surface;

use crate::colour::ColourMap;

/// Draw curves or surfaces
///
/// The form of the picture follows from the name of the output: .png, .svg or .pdf. Several surfaces make panels, each
/// with its file's name above it.
#[derive(Debug, Clone, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The surfaces, from merge or from the Python tool of the paper
    #[arg(value_name = "SURFACE", required = true)]
    pub(crate) surfaces: Vec<PathBuf>,

    /// Panels side by side [default: about as many as below each other]
    #[arg(long, value_name = "N")]
    pub(crate) columns: Option<std::num::NonZeroUsize>,

    /// What to draw
    #[arg(long, value_enum)]
    pub(crate) plot: Plot,

    /// The quantity: a metric of the file, or train_err, test_err [default: train_loss, or the file's first; a curve has
    /// all]
    #[arg(long, value_name = "NAME")]
    pub(crate) surf_name: Option<String>,

    /// Least level, or lower end of the axis or the colours [default: from the data; levels: 0.1]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) vmin: Option<f64>,

    /// Upper end likewise [default: from the data; levels: 10]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) vmax: Option<f64>,

    /// Distance of the levels [default: 0.5 where --vmin or --vmax is given, else from the data]
    #[arg(long, value_name = "STEP")]
    pub(crate) vlevel: Option<f64>,

    /// The levels themselves
    #[arg(long, value_name = "LEVELS", value_delimiter = ',', allow_hyphen_values = true, conflicts_with = "vlevel")]
    pub(crate) levels: Option<Vec<f64>>,

    /// Use a logarithmic scale [default: where the values span more than two decades, a curve never]
    #[arg(long)]
    pub(crate) log: bool,

    /// Use a linear scale, whatever the values span
    #[arg(long, conflicts_with = "log")]
    pub(crate) linear: bool,

    /// Colour map [default: summer for contours, viridis for heat, coolwarm for surface3d]
    #[arg(long, value_enum)]
    pub(crate) cmap: Option<ColourMap>,

    /// A trajectory to draw on top
    #[arg(long, value_name = "FILE")]
    pub(crate) trajectory: Option<PathBuf>,

    /// Title above the picture
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) title: String,

    /// Label of the x axis
    #[arg(long, value_name = "TEXT", default_value = "x")]
    pub(crate) xlabel: String,

    /// Label of the y axis of a surface
    #[arg(long, value_name = "TEXT", default_value = "y")]
    pub(crate) ylabel: String,

    /// Width and height in inches, of a panel where there are several [default: 6x5, of a panel 4x3.3]
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[f64; 2]>,

    /// Pixels an inch, of a PNG and of the surface in surface3d
    #[arg(long, value_name = "DPI", default_value_t = 200.0)]
    pub(crate) dpi: f64,

    /// Height of the eye above the floor of surface3d, in degrees
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub(crate) elevation: Option<f64>,

    /// Direction of the eye around surface3d, in degrees from the x axis
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub(crate) azimuth: Option<f64>,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

/// The kinds of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plot {
    /// Loss (left axis) and accuracy (right axis) of a curve
    Curve,
    /// Labelled contour lines
    Contour,
    /// Filled contours
    Contourf,
    /// A heat map
    Heat,
    /// A lit surface
    Surface3d,
}

impl Args {
    /// Checks the options against each other.
    ///
    /// # Errors
    /// An option that the plot does not use, or a value out of range.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.output.check()?;
        let contours = matches!(self.plot, Plot::Contour | Plot::Contourf);
        let unused = [
            ("--vlevel", self.vlevel.is_some() && !contours),
            ("--levels", self.levels.is_some() && !contours),
            ("--surf-name", self.surf_name.is_some() && self.plot == Plot::Curve),
            ("--cmap", self.cmap.is_some() && self.plot == Plot::Curve),
            ("--trajectory", self.trajectory.is_some() && self.plot == Plot::Curve),
            ("--elevation", self.elevation.is_some() && self.plot != Plot::Surface3d),
            ("--azimuth", self.azimuth.is_some() && self.plot != Plot::Surface3d),
        ];
        let unused = unused.iter().find(|(_, unused)| *unused).map(|(name, _)| *name);
        let plot = self.plot.to_possible_value();
        let plot = plot.as_ref().map_or("", |plot| plot.get_name());
        ensure!(unused.is_none(), "--plot {plot} does not use {}", unused.unwrap_or_default());
        ensure!((20.0..=2400.0).contains(&self.dpi), "--dpi is {}, it must be from 20 to 2400", self.dpi);
        let levels = self.levels.iter().flatten();
        ensure!(levels.clone().all(|level| level.is_finite()), "--levels holds something else than numbers");
        ensure!(levels.clone().is_sorted_by(|a, b| a < b), "--levels must ascend");
        let elevation = self.elevation.unwrap_or(0.0);
        ensure!((-5.0..=90.0).contains(&elevation), "--elevation is {elevation}, it must be from -5 to 90");
        Ok(())
    }

    /// Whether levels were asked for.
    pub(crate) fn chooses_levels(&self) -> bool {
        self.vmin.is_some() || self.vmax.is_some() || self.vlevel.is_some() || self.levels.is_some()
    }

    /// Width and height of a picture or a panel, in inches.
    pub(crate) fn size(&self) -> [f64; 2] {
        self.size.unwrap_or(if self.surfaces.len() > 1 { [4.0, 3.3] } else { [6.0, 5.0] })
    }

    /// Panels side by side.
    pub(crate) fn columns(&self) -> usize {
        self.columns.map_or_else(|| (self.surfaces.len() as f64).sqrt().ceil() as usize, usize::from)
    }

    /// The quantity that is drawn.
    pub(crate) fn quantity<'a>(&'a self, surface: &'a Surface) -> &'a str {
        self.surf_name.as_deref().unwrap_or_else(|| surface.default_metric())
    }
}

fn size(text: &str) -> Result<[f64; 2], String> {
    let sizes = text.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    let sizes = sizes.filter(|sizes: &[f64; 2]| sizes.iter().all(|size| (1.0..=40.0).contains(size)));
    sizes.ok_or_else(|| format!("\"{text}\" is not WIDTHxHEIGHT in inches (1 to 40), such as 6x5"))
}
