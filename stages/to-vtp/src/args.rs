use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use colour::ColourMap;

/// Write a surface as a mesh: VTK PolyData for ParaView, or a form that other viewers read
///
/// The form follows from the name of the output: .vtp (ParaView, f3d, PyVista), .glb (glTF 2: web
/// pages, slides, Blender), .obj (Blender, MeshLab) or .stl (3-D printers). The height z of a point
/// is the quantity, cut off at --zmax and then, with --log, ln(z + 0.1).
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The surface, from merge or from the Python tool of the paper
    #[arg(value_name = "SURFACE")]
    pub(crate) surface: PathBuf,

    /// The quantity that becomes the height: a metric of the file, or train_err, test_err,
    /// eig_ratio [default: train_loss, or the file's first]
    #[arg(long, value_name = "NAME")]
    pub(crate) surf_name: Option<String>,

    /// Use the logarithm of the quantity: ln(z + 0.1)
    #[arg(long)]
    pub(crate) log: bool,

    /// Cut the quantity off at this value
    #[arg(long, value_name = "Z", allow_hyphen_values = true)]
    pub(crate) zmax: Option<f64>,

    /// Multiply the heights of points; fit makes them 0.7 times the longer side [default: 1 in
    /// .vtp, fit elsewhere]
    #[arg(long, value_name = "FACTOR|fit", value_parser = zscale)]
    pub(crate) zscale: Option<ZScale>,

    /// Resample the heights to N × N points by cubic splines, other metrics linearly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=20_000))]
    pub(crate) interp: Option<u32>,

    /// A trajectory to lay on the surface as a line (not in .stl); several make several lines
    #[arg(long, value_name = "FILE")]
    pub(crate) trajectory: Vec<PathBuf>,

    /// Colours of the heights in .glb and .obj; in .vtp the reader colours
    #[arg(long, value_enum, default_value = "coolwarm")]
    pub(crate) cmap: ColourMap,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

/// What heights are multiplied with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ZScale {
    Factor(f64),
    /// So that the mesh is 0.7 times as high as its longer side is long.
    Fit,
}

/// Forms of meshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Vtp,
    Glb,
    Obj,
    Stl,
}

impl Args {
    /// Checks the options; returns the form that the output's name asks for.
    pub(crate) fn check(&self) -> anyhow::Result<Form> {
        let inputs = self.trajectory.iter().chain([&self.surface]);
        self.output.check(inputs.map(PathBuf::as_path))?;
        let form = Form::of(&self.output.output)?;
        ensure!(
            form != Form::Stl || self.trajectory.is_empty(),
            "an .stl has no lines: leave --trajectory out"
        );
        Ok(form)
    }

    pub(crate) fn zscale(&self, form: Form) -> ZScale {
        let default = match form {
            Form::Vtp => ZScale::Factor(1.0),
            Form::Glb | Form::Obj | Form::Stl => ZScale::Fit,
        };
        self.zscale.unwrap_or(default)
    }
}

impl Form {
    fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("vtp") => Ok(Self::Vtp),
            Some("glb") => Ok(Self::Glb),
            Some("obj") => Ok(Self::Obj),
            Some("stl") => Ok(Self::Stl),
            _ => bail!(
                "{}: a mesh is named .vtp, .glb, .obj or .stl",
                path.display()
            ),
        }
    }
}

fn zscale(text: &str) -> Result<ZScale, String> {
    if text == "fit" {
        return Ok(ZScale::Fit);
    }
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(ZScale::Factor(factor)),
        _ => Err(format!("\"{text}\" is neither fit nor a number above 0")),
    }
}
