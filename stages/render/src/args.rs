//! The command line, which becomes [`Options`] once it is checked.

mod check;
mod ranges;
mod values;

use std::{num::NonZeroUsize, path::PathBuf};

use colour::ColourMap;

use crate::options::{Along, Aspect, Form, Motion, Options, Panels, Plot, Style};

/// Draw curves, surfaces, trajectories and spectra
///
/// The name of the output decides the form: a figure as .png, .svg or .pdf; a page to turn and to
/// explore as .html; with --animate, a moving picture as .apng (all colours) or .gif (256 colours);
/// with `-`, a heat map in the terminal. Several surfaces make panels, titled by --panel-title or
/// by what differs in the commands that made them.
#[derive(Debug, Clone, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Surfaces, from merge or from the Python tool of the paper; trajectories for --plot
    /// trajectory, measured ones for --plot along; spectra for --plot density and eigenvalues
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// What to draw; required except for a page and the terminal
    #[arg(long, value_enum)]
    pub(crate) plot: Option<Plot>,

    /// The quantity: a metric of the file, or train_err, test_err, eig_ratio [default: train_loss,
    /// or the file's first; a curve has all]; --plot along also draws distance and residual
    #[arg(long, value_name = "NAME")]
    pub(crate) surf_name: Option<String>,

    /// eig-ratio: with its sign
    #[arg(long)]
    pub(crate) signed: bool,

    /// A trajectory to draw on top; several are told apart by a legend. The checkpoints of one that
    /// was measured have the colour of their own value
    #[arg(long, value_name = "FILE")]
    pub(crate) trajectory: Vec<PathBuf>,

    /// What --plot along draws over [default: checkpoint; length for curves between networks]
    #[arg(long, value_enum)]
    pub(crate) along: Option<Along>,

    /// Least level, or lower end of the axis or the colours [default: from the data; levels: 0.1]
    #[arg(
        long,
        value_name = "VALUE",
        allow_hyphen_values = true,
        help_heading = "Values"
    )]
    pub(crate) vmin: Option<f64>,

    /// Upper end likewise [default: from the data; levels: 10]
    #[arg(
        long,
        value_name = "VALUE",
        allow_hyphen_values = true,
        help_heading = "Values"
    )]
    pub(crate) vmax: Option<f64>,

    /// Spacing of the levels [default: 0.5 where --vmin or --vmax is given, else from the data]
    #[arg(long, value_name = "STEP", help_heading = "Values")]
    pub(crate) vlevel: Option<f64>,

    /// The levels themselves
    #[arg(
        long,
        value_name = "LEVELS",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with = "vlevel"
    )]
    #[arg(help_heading = "Values")]
    pub(crate) levels: Option<Vec<f64>>,

    /// Cut losses off at this value before anything is drawn, and hatch what lies beyond [default:
    /// where eval-grid --stop-above left off]
    #[arg(long, value_name = "LOSS", help_heading = "Values")]
    pub(crate) clip: Option<f64>,

    /// Use a logarithmic scale [default: where the values span more than 1.3 decades (a factor of
    /// 20), a curve never, a density always]
    #[arg(long, help_heading = "Values")]
    pub(crate) log: bool,

    /// Use a linear scale, whatever the values span
    #[arg(long, conflicts_with = "log", help_heading = "Values")]
    pub(crate) linear: bool,

    /// Resample to N × N points by cubic splines before contours, filled contours, heat maps and
    /// surfaces are drawn; cells that touch a missing point stay holes [default: draw the points as
    /// they were measured]
    #[arg(long, value_name = "N", help_heading = "Values")]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=2000))]
    pub(crate) smooth: Option<u32>,

    /// Standard deviation of the Gaussian that --plot density draws for each node [default: 1/200
    /// of the range of all eigenvalues in the picture]
    #[arg(long, value_name = "WIDTH", help_heading = "Spectra")]
    pub(crate) sigma: Option<f64>,

    /// Learning rate of the training: --plot eigenvalues draws the edge of stability, 2/RATE
    #[arg(long, value_name = "RATE", help_heading = "Spectra")]
    pub(crate) learning_rate: Option<f64>,

    /// Panels below and beside each other, such as 2x3, or beside each other only, such as 3
    #[arg(
        long,
        value_name = "[ROWSx]COLUMNS",
        value_parser = values::panels,
        help_heading = "Panels"
    )]
    pub(crate) panel: Option<Panels>,

    /// Give all panels the same range, levels and colour bar
    #[arg(long, help_heading = "Panels")]
    pub(crate) share_range: bool,

    /// Title of a panel, once for each file in their order [default: what differs in the commands
    /// that made the files]
    #[arg(long, value_name = "TEXT", help_heading = "Panels")]
    pub(crate) panel_title: Vec<String>,

    /// Sizes and lines for a page, a column of a paper or slides, or a lit surface without axes
    #[arg(long, value_enum, default_value = "plain", help_heading = "Look")]
    pub(crate) style: Style,

    /// Light lines on dark paper
    #[arg(long, help_heading = "Look")]
    pub(crate) dark: bool,

    /// Colour map [default: summer for contours, viridis for heat and pages, coolwarm for
    /// surface3d]
    #[arg(long, value_enum, help_heading = "Look")]
    pub(crate) cmap: Option<ColourMap>,

    /// Title above the picture
    #[arg(long, value_name = "TEXT", default_value = "", help_heading = "Look")]
    pub(crate) title: String,

    /// Label of the x axis [default: what the file says of the direction, or "direction 1"; of
    /// spectra: "eigenvalue of the Hessian", "epoch"]
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    pub(crate) xlabel: Option<String>,

    /// Label of the y axis of a surface or a spectrum [default: what the file says of the
    /// direction, or "direction 2"; of spectra: "spectral density", "eigenvalue of the Hessian"]
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    pub(crate) ylabel: Option<String>,

    /// Leave out the ids and command lines that a picture else carries, as for a blind review
    #[arg(long)]
    pub(crate) no_provenance: bool,

    /// A font (.ttf or .otf) for characters that DejaVu Sans lacks, such as those of other scripts
    #[arg(long, value_name = "FILE", help_heading = "Look")]
    pub(crate) font: Option<PathBuf>,

    /// Leave out the frame, the ticks and the labels of the axes
    #[arg(long, help_heading = "Look")]
    pub(crate) no_axes: bool,

    /// Leave out the colour bar
    #[arg(long, help_heading = "Look")]
    pub(crate) no_colorbar: bool,

    /// Width and height in inches, of a panel where there are several [default: that of the style;
    /// a single surface3d is as high as it needs]
    #[arg(long, value_name = "WxH", value_parser = values::size, help_heading = "Look")]
    pub(crate) size: Option<[f64; 2]>,

    /// Pixels per inch of a PNG, of an animation, and of the surface in surface3d [default: 200;
    /// animations: 100]
    #[arg(long, value_name = "DPI", help_heading = "Look")]
    pub(crate) dpi: Option<f64>,

    /// Size of the labels of axes in points; other texts and lines follow [default: that of the
    /// style]
    #[arg(long, value_name = "POINTS", help_heading = "Look")]
    pub(crate) font_size: Option<f64>,

    /// Length of a unit of y over that of x: auto fills the picture
    #[arg(long, value_name = "auto|equal|RATIO", default_value = "auto")]
    #[arg(value_parser = values::aspect, help_heading = "Look")]
    pub(crate) aspect: Aspect,

    /// Height of the eye above the floor of a surface, in degrees [default: 32; lit: 40]
    #[arg(
        long,
        value_name = "DEGREES",
        allow_hyphen_values = true,
        help_heading = "Surfaces"
    )]
    pub(crate) elevation: Option<f64>,

    /// Direction of the eye around a surface, in degrees from the x axis [default: -58]
    #[arg(
        long,
        value_name = "DEGREES",
        allow_hyphen_values = true,
        help_heading = "Surfaces"
    )]
    pub(crate) azimuth: Option<f64>,

    /// Contours on the floor below surface3d
    #[arg(long, help_heading = "Surfaces")]
    pub(crate) floor: bool,

    /// Move: turn surface3d around, or let the trajectory grow
    #[arg(long, value_enum, help_heading = "Animation")]
    pub(crate) animate: Option<Motion>,

    /// Pictures of the animation [default: 72 for a turn, one for each step of a trajectory]
    #[arg(
        long,
        value_name = "N",
        requires = "animate",
        help_heading = "Animation"
    )]
    pub(crate) frames: Option<NonZeroUsize>,

    /// Pictures per second
    #[arg(
        long,
        value_name = "RATE",
        requires = "animate",
        help_heading = "Animation"
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=50), default_value = "20")]
    pub(crate) fps: u16,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

impl Args {
    /// The same without anything of the command line; only the plot is checked.
    fn options(self, form: Form) -> anyhow::Result<Options> {
        Ok(Options {
            form,
            plot: check::plot(self.plot, form)?,
            files: self.files,
            surf_name: self.surf_name,
            signed: self.signed,
            trajectories: self.trajectory,
            along: self.along,
            vmin: self.vmin,
            vmax: self.vmax,
            vlevel: self.vlevel,
            levels: self.levels,
            clip: self.clip,
            log: self.log,
            linear: self.linear,
            sigma: self.sigma,
            learning_rate: self.learning_rate,
            smooth: self.smooth.map(|count| count as usize),
            panel: self.panel,
            share_range: self.share_range,
            panel_titles: self.panel_title,
            style: self.style,
            dark: self.dark,
            cmap: self.cmap,
            title: self.title,
            xlabel: self.xlabel,
            ylabel: self.ylabel,
            no_provenance: self.no_provenance,
            font: self.font,
            no_axes: self.no_axes,
            no_colorbar: self.no_colorbar,
            size: self.size,
            dpi: self.dpi,
            font_size: self.font_size,
            aspect: self.aspect,
            elevation: self.elevation,
            azimuth: self.azimuth,
            floor: self.floor,
            animate: self.animate,
            frames: self.frames.map(usize::from),
            fps: self.fps,
            quiet: self.output.quiet,
        })
    }
}
