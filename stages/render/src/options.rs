//! What is drawn and how, checked: what reading, drawing and writing take instead of the command
//! line.

mod plot;

use std::path::{Path, PathBuf};

use anyhow::bail;
use colour::ColourMap;

pub(crate) use plot::Plot;

/// The checked options of one call.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) form: Form,
    pub(crate) plot: Plot,
    /// The quantity; the file's default where it is not given.
    pub(crate) surf_name: Option<String>,
    /// eig-ratio with its sign.
    pub(crate) signed: bool,
    pub(crate) trajectories: Vec<PathBuf>,
    /// What metrics along trajectories are drawn over.
    pub(crate) along: Option<Along>,
    pub(crate) vmin: Option<f64>,
    pub(crate) vmax: Option<f64>,
    pub(crate) vlevel: Option<f64>,
    /// Ascending.
    pub(crate) levels: Option<Vec<f64>>,
    /// Losses are cut off at this value.
    pub(crate) clip: Option<f64>,
    pub(crate) log: bool,
    pub(crate) linear: bool,
    /// Width of the Gaussians of a density, in units of the eigenvalues.
    pub(crate) sigma: Option<f64>,
    /// Of the training whose edge of stability is drawn.
    pub(crate) learning_rate: Option<f64>,
    /// Points along an axis of a field that is resampled.
    pub(crate) smooth: Option<usize>,
    pub(crate) panel: Option<Panels>,
    pub(crate) share_range: bool,
    /// One for each file, or none at all.
    pub(crate) panel_titles: Vec<String>,
    pub(crate) style: Style,
    pub(crate) dark: bool,
    pub(crate) cmap: Option<ColourMap>,
    pub(crate) title: String,
    pub(crate) xlabel: Option<String>,
    pub(crate) ylabel: Option<String>,
    pub(crate) no_provenance: bool,
    pub(crate) font: Option<PathBuf>,
    pub(crate) no_axes: bool,
    pub(crate) no_colorbar: bool,
    /// Width and height in inches.
    pub(crate) size: Option<[f64; 2]>,
    /// Pixels per inch.
    pub(crate) dpi: Option<f64>,
    /// Size of the labels of axes in points.
    pub(crate) font_size: Option<f64>,
    pub(crate) aspect: Aspect,
    /// Height of the eye above the floor, in degrees.
    pub(crate) elevation: Option<f64>,
    /// Direction of the eye around the surface, in degrees from the x axis.
    pub(crate) azimuth: Option<f64>,
    pub(crate) floor: bool,
    pub(crate) animate: Option<Motion>,
    /// Pictures of the animation.
    pub(crate) frames: Option<usize>,
    /// Pictures per second.
    pub(crate) fps: u16,
    pub(crate) quiet: bool,
}

impl Options {
    /// Whether levels were asked for.
    pub(crate) fn chooses_levels(&self) -> bool {
        self.vmin.is_some() || self.vmax.is_some() || self.vlevel.is_some() || self.levels.is_some()
    }

    /// Whether the picture is the lit surface of the paper's figure 1.
    pub(crate) fn lit(&self) -> bool {
        self.style == Style::Lit
    }

    /// Whether axes are drawn.
    pub(crate) fn has_axes(&self) -> bool {
        !self.no_axes && !self.lit()
    }

    /// Whether a picture that has a colour bar shows it.
    pub(crate) fn has_colour_bar(&self) -> bool {
        !self.no_colorbar && !self.lit()
    }

    /// Width and height of a picture or a panel, in points.
    pub(crate) fn size(&self) -> [f64; 2] {
        let panels = self.files.len() > 1 && !self.plot.is_one_picture();
        let inches = self.size.unwrap_or_else(|| self.style.size(panels));
        inches.map(|inches| 72.0 * inches)
    }

    /// Pixels per inch of what has pixels.
    pub(crate) fn dpi(&self) -> f64 {
        let usual = if self.animate.is_some() { 100.0 } else { 200.0 };
        self.dpi.unwrap_or(usual)
    }

    /// Says something on stderr, unless `--quiet`.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            stage::tell(text.as_ref());
        }
    }
}

/// What metrics along trajectories are drawn over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    /// The length of the way on the plane.
    Length,
    /// The parameter of a curve between two networks.
    Parameter,
    /// The epoch or the number of each checkpoint.
    Checkpoint,
}

impl Along {
    pub(crate) const ALL: [Self; 3] = [Self::Length, Self::Parameter, Self::Checkpoint];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Parameter => "parameter",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// What moves in an animation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// The eye, once around the surface.
    Rotate,
    /// The end of the trajectory.
    Trajectory,
}

/// Where a picture is shown, which decides the sizes of texts and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A page or a screen.
    Plain,
    /// A column of a paper of two columns.
    Paper,
    /// Slides.
    Talk,
    /// The lit surface of the paper's figure 1.
    Lit,
}

impl Style {
    /// Width and height in inches of a picture, or of one of several panels.
    fn size(self, panels: bool) -> [f64; 2] {
        match (self, panels) {
            (Self::Plain | Self::Lit, false) => [6.0, 5.0],
            (Self::Plain | Self::Lit, true) => [4.0, 3.3],
            (Self::Paper, false) => [3.307, 2.76],
            (Self::Paper, true) => [2.4, 2.0],
            (Self::Talk, false) => [10.0, 7.5],
            (Self::Talk, true) => [7.0, 5.8],
        }
    }
}

/// Length of a unit of y over that of x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aspect {
    /// Whatever fills the picture.
    Auto,
    Ratio(f64),
}

/// How panels are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panels {
    /// None: as many rows as the files need.
    pub(crate) rows: Option<usize>,
    pub(crate) columns: usize,
}

/// What the name of the output asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Png,
    Svg,
    Pdf,
    Gif,
    Apng,
    Page,
    Terminal,
}

impl Form {
    /// What a file name asks for; `-` is the terminal.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        if path == "-" {
            return Ok(Self::Terminal);
        }
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            Some("pdf") => Ok(Self::Pdf),
            Some("gif") => Ok(Self::Gif),
            Some("apng") => Ok(Self::Apng),
            Some("html") => Ok(Self::Page),
            _ => bail!(
                "{}: a picture is named .png, .svg or .pdf, a page .html, an animation .gif or \
                 .apng",
                path.display()
            ),
        }
    }

    /// Whether it is a picture with paper, frames and texts: neither a page nor the terminal.
    pub(crate) fn is_figure(self) -> bool {
        match self {
            Self::Png | Self::Svg | Self::Pdf | Self::Gif | Self::Apng => true,
            Self::Page | Self::Terminal => false,
        }
    }

    /// Whether it moves.
    pub(crate) fn moves(self) -> bool {
        match self {
            Self::Gif | Self::Apng => true,
            Self::Png | Self::Svg | Self::Pdf | Self::Page | Self::Terminal => false,
        }
    }
}
