//! What a config says of pictures, meshes and tables.

use std::{num::NonZeroUsize, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::Style;
use crate::{settings::word, values::Name};

/// A picture of each surface: options of render, of to-vtp or of to-table
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Picture {
    /// What to draw; page is a page of HTML, vtp a mesh for ParaView and other viewers, table
    /// numbers for notebooks, along the measured losses along the trajectory
    #[serde(skip_serializing)]
    pub(crate) plot: Plot,
    /// The form (default png; vtp of a mesh, csv of a table, html of a page)
    #[serde(skip_serializing)]
    pub(crate) format: Option<Form>,
    /// The last part of the file's name (default: the plot)
    #[serde(skip_serializing)]
    pub(crate) name: Option<Name>,
    /// Draw the trajectory of the surface on top
    #[serde(skip_serializing)]
    pub(crate) trajectory: Option<bool>,
    /// The quantity: a metric, or train_err, test_err
    pub(crate) surf_name: Option<String>,
    /// Least level, or lower end of the colours
    pub(crate) vmin: Option<f64>,
    /// Largest level, or upper end of the colours
    pub(crate) vmax: Option<f64>,
    /// Spacing of the levels
    pub(crate) vlevel: Option<f64>,
    /// The levels themselves
    pub(crate) levels: Option<Vec<f64>>,
    /// Cut losses off at this value before anything is drawn, and hatch what lies beyond
    pub(crate) clip: Option<f64>,
    /// Use a logarithmic scale
    pub(crate) log: Option<bool>,
    /// Use a linear scale, whatever the values span
    pub(crate) linear: Option<bool>,
    /// Resample to this number of points along each axis by cubic splines before drawing
    pub(crate) smooth: Option<NonZeroUsize>,
    /// The colour map, such as viridis
    pub(crate) cmap: Option<String>,
    /// Title above the picture
    pub(crate) title: Option<String>,
    /// Label of the x axis
    pub(crate) xlabel: Option<String>,
    /// Label of the y axis
    pub(crate) ylabel: Option<String>,
    /// Width and height in inches, such as 6x5
    pub(crate) size: Option<String>,
    /// Pixels per inch
    pub(crate) dpi: Option<f64>,
    /// Sizes for a page, a paper or slides, or a lit surface without axes
    pub(crate) style: Option<Style>,
    /// Light lines on dark paper
    pub(crate) dark: Option<bool>,
    /// A font for characters that DejaVu Sans lacks
    pub(crate) font: Option<PathBuf>,
    /// Size of texts in points
    pub(crate) font_size: Option<f64>,
    /// Leave out the axes
    pub(crate) no_axes: Option<bool>,
    /// Leave out the colour bar
    pub(crate) no_colorbar: Option<bool>,
    /// Leave out the ids and command lines that pictures carry
    pub(crate) no_provenance: Option<bool>,
    /// Length of a unit of y over that of x: auto, equal or a ratio
    pub(crate) aspect: Option<String>,
    /// eig-ratio: with its sign
    pub(crate) signed: Option<bool>,
    /// surface3d: contours on the floor
    pub(crate) floor: Option<bool>,
    /// surface3d: height of the eye in degrees
    pub(crate) elevation: Option<f64>,
    /// surface3d: direction of the eye in degrees
    pub(crate) azimuth: Option<f64>,
    /// vtp: cut the quantity off at this value
    pub(crate) zmax: Option<f64>,
    /// vtp: multiply the heights by a number, or fit
    pub(crate) zscale: Option<String>,
    /// vtp: resample to this number of points along each axis
    pub(crate) interp: Option<NonZeroUsize>,
}

/// Plots of render, and what to-vtp and to-table make
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Plot {
    Curve,
    Repeats,
    Contour,
    Contourf,
    Heat,
    Surface3d,
    Trajectory,
    EigRatio,
    Stderr,
    Along,
    Page,
    Vtp,
    Table,
}

/// Forms of pictures, meshes and tables
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    Png,
    Svg,
    Pdf,
    Html,
    Vtp,
    Glb,
    Obj,
    Stl,
    Csv,
    Json,
    Npz,
}

impl Plot {
    /// The stage that makes it.
    pub(crate) fn stage(self) -> &'static str {
        match self {
            Self::Vtp => "to-vtp",
            Self::Table => "to-table",
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::EigRatio
            | Self::Stderr
            | Self::Along
            | Self::Page => "render",
        }
    }

    /// The forms that it has, the default first.
    pub(crate) fn forms(self) -> &'static [Form] {
        match self {
            Self::Vtp => &[Form::Vtp, Form::Glb, Form::Obj, Form::Stl],
            Self::Table => &[Form::Csv, Form::Json, Form::Npz],
            Self::Page => &[Form::Html],
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::EigRatio
            | Self::Stderr
            | Self::Along => &[Form::Png, Form::Svg, Form::Pdf],
        }
    }

    /// Whether it is drawn of trajectories alone, not of a surface.
    pub(crate) fn is_of_runs(self) -> bool {
        match self {
            Self::Trajectory | Self::Along => true,
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::EigRatio
            | Self::Stderr
            | Self::Page
            | Self::Vtp
            | Self::Table => false,
        }
    }

    /// Whether it can be drawn of a grid with a second axis (`surface`), or of one without.
    pub(crate) fn suits(self, surface: bool) -> bool {
        match self {
            Self::Table | Self::Along => true,
            Self::Curve | Self::Repeats => !surface,
            Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::EigRatio
            | Self::Stderr
            | Self::Page
            | Self::Vtp => surface,
        }
    }

    /// What tells render to draw it; render needs no word for a page, the other stages for nothing.
    pub(crate) fn option(self) -> Option<String> {
        match self {
            Self::Page | Self::Vtp | Self::Table => None,
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::EigRatio
            | Self::Stderr
            | Self::Along => Some(format!("--plot={}", word(&self))),
        }
    }

    /// The form of a file for which the config may name one.
    pub(crate) fn form(self, named: Option<Form>) -> Form {
        named.unwrap_or(self.forms()[0])
    }
}

impl Picture {
    /// Whether it shows runs, on a surface or alone.
    pub(crate) fn shows_runs(&self) -> bool {
        self.plot.is_of_runs() || self.trajectory == Some(true)
    }
}

/// A picture of all surfaces
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overview {
    /// What each panel shows
    #[serde(skip_serializing)]
    pub(crate) plot: Plot,
    /// The form (default png)
    #[serde(skip_serializing)]
    pub(crate) format: Option<Form>,
    /// Panels per row (default: about as many as rows)
    #[serde(rename(serialize = "panel"))]
    pub(crate) columns: Option<NonZeroUsize>,
    /// Give all panels the same range, levels and colour bar
    pub(crate) share_range: Option<bool>,
    /// The quantity: a metric, or train_err, test_err
    pub(crate) surf_name: Option<String>,
    /// Least level, or lower end of the colours
    pub(crate) vmin: Option<f64>,
    /// Largest level, or upper end of the colours
    pub(crate) vmax: Option<f64>,
    /// Spacing of the levels
    pub(crate) vlevel: Option<f64>,
    /// The levels themselves
    pub(crate) levels: Option<Vec<f64>>,
    /// Cut losses off at this value before anything is drawn, and hatch what lies beyond
    pub(crate) clip: Option<f64>,
    /// Use a logarithmic scale
    pub(crate) log: Option<bool>,
    /// Use a linear scale, whatever the values span
    pub(crate) linear: Option<bool>,
    /// Resample to this number of points along each axis by cubic splines before drawing
    pub(crate) smooth: Option<NonZeroUsize>,
    /// The colour map, such as viridis
    pub(crate) cmap: Option<String>,
    /// Title above all panels
    pub(crate) title: Option<String>,
    /// Width and height of a panel in inches, such as 3x2.5
    pub(crate) size: Option<String>,
    /// Pixels per inch
    pub(crate) dpi: Option<f64>,
    /// Sizes for a page, a paper or slides, or lit surfaces without axes
    pub(crate) style: Option<Style>,
    /// Light lines on dark paper
    pub(crate) dark: Option<bool>,
    /// A font for characters that DejaVu Sans lacks
    pub(crate) font: Option<PathBuf>,
    /// Size of texts in points
    pub(crate) font_size: Option<f64>,
    /// Leave out the axes
    pub(crate) no_axes: Option<bool>,
    /// Leave out the colour bar
    pub(crate) no_colorbar: Option<bool>,
    /// Leave out the ids and command lines that pictures carry
    pub(crate) no_provenance: Option<bool>,
    /// Length of a unit of y over that of x: auto, equal or a ratio
    pub(crate) aspect: Option<String>,
}
