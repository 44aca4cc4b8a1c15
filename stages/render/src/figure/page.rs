//! What a page holds: the numbers of surfaces and trajectories, and the colours for them.

mod runs;

use base64::{Engine, engine::general_purpose::STANDARD};
use colour::ColourMap;
use files::{Header, MetricMeaning, Split, Stored, Surface, history::without_folders};
use ndarray::{Array2, Axis};
use serde::Serialize;

use crate::{
    data::{
        field::Field,
        input::{Input, Run},
        metric,
        stride::{kept, stride},
    },
    figure::{
        look::Look,
        names::axis_names,
        scene::{AZIMUTH, ELEVATION},
    },
    options::Options,
};

use runs::{PageMark, PageRun, page_marks, page_runs};

/// What the scripts of a page read.
#[derive(Serialize)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// Light lines on dark paper; the page itself says so, not its data.
    #[serde(skip)]
    pub(crate) dark: bool,
    quantity: String,
    /// None: by what the values span.
    log: Option<bool>,
    vmax: Option<f64>,
    eye: Eye,
    map: &'static str,
    /// 256 colours each, base64.
    maps: serde_json::Map<String, serde_json::Value>,
    surfaces: Vec<PageSurface>,
}

#[derive(Serialize)]
struct Eye {
    azimuth: f64,
    elevation: f64,
}

#[derive(Serialize)]
struct PageSurface {
    name: String,
    /// What was left out.
    note: String,
    /// None with `--no-provenance`.
    about: Option<About>,
    /// Labels of the axes.
    axes: [String; 2],
    x: Vec<f64>,
    y: Vec<f64>,
    /// A byte for each point, base64: 1 where it was computed.
    evaluated: String,
    quantities: Vec<Quantity>,
    runs: Vec<PageRun>,
    /// Networks whose places are known.
    marks: Vec<PageMark>,
}

/// How a surface was made.
#[derive(Serialize)]
struct About {
    file: String,
    id: String,
    created_by: String,
    history: Vec<String>,
}

#[derive(Serialize)]
struct Quantity {
    name: String,
    title: String,
    /// Under which heading the menu has it.
    group: &'static str,
    /// Drawn on a linear scale, whatever it spans.
    bounded: bool,
    /// Where losses were cut off.
    limit: Option<f64>,
    /// f32, little-endian, row by row, base64.
    values: String,
}

impl Page {
    /// # Errors
    /// A curve, or a quantity that a file does not have.
    pub(crate) fn new(options: &Options, input: &Input) -> anyhow::Result<Self> {
        let quantity = metric::drawn(options, input.first()?);
        for surface in &input.surfaces {
            // says what is wrong with a curve, or with a quantity that the file does not have
            Field::new(options, surface)?;
        }
        let stride = stride(&input.surfaces);
        let mut surfaces = Vec::new();
        for (surface, title) in input.surfaces.iter().zip(&input.titles) {
            let name = if input.surfaces.len() == 1 { "" } else { title };
            let kept = Kept::new(surface, stride);
            surfaces.push(PageSurface::new(options, &kept, name, &input.runs)?);
        }
        let mut maps = serde_json::Map::new();
        for map in ColourMap::ALL {
            maps.insert(map.name().into(), colours(map).into());
        }
        let log = match (options.log, options.linear) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        Ok(Self {
            title: options.title.clone(),
            dark: options.dark,
            quantity,
            log,
            vmax: options.vmax,
            eye: Eye {
                azimuth: options.azimuth.unwrap_or(AZIMUTH),
                elevation: options.elevation.unwrap_or(ELEVATION),
            },
            map: options.cmap.unwrap_or(ColourMap::Viridis).name(),
            maps,
            surfaces,
        })
    }
}

/// A surface, and which of its columns and rows a page keeps.
struct Kept<'a> {
    surface: &'a Stored<Surface>,
    stride: usize,
    columns: Vec<usize>,
    rows: Vec<usize>,
    /// Coordinates of all rows.
    y: &'a [f64],
}

impl<'a> Kept<'a> {
    fn new(surface: &'a Stored<Surface>, stride: usize) -> Self {
        let y = surface.grid.y.as_deref().unwrap_or_default();
        Self {
            surface,
            stride,
            columns: kept(surface.grid.x.len(), stride),
            rows: kept(y.len(), stride),
            y,
        }
    }

    /// What was left out, in words.
    fn note(&self) -> String {
        let size = format!("{} × {}", self.surface.grid.x.len(), self.y.len());
        match self.stride {
            1 => String::new(),
            2 => format!("every second point of {size}"),
            3 => format!("every third point of {size}"),
            stride => format!("every {stride}th point of {size}"),
        }
    }

    /// A byte for each point: 1 where it was computed.
    fn evaluated(&self) -> Vec<u8> {
        let mut evaluated = Vec::new();
        for row in &self.rows {
            for column in &self.columns {
                evaluated.push(self.surface.evaluated[&[*row, *column][..]]);
            }
        }
        evaluated
    }

    fn quantity(&self, name: String, clip: Option<f64>) -> anyhow::Result<Quantity> {
        let metric = self.surface.quantity(&name)?.into_owned();
        let all: Array2<f64> = metric.values.into_dimensionality()?;
        let values = all
            .select(Axis(0), &self.rows)
            .select(Axis(1), &self.columns);
        let limit = self.surface.limit(&metric.quantity, clip);
        let mut bytes = Vec::new();
        for value in &values {
            bytes.extend((*value as f32).to_le_bytes());
        }
        Ok(Quantity {
            title: metric.quantity.label(),
            group: group(&metric.quantity),
            bounded: metric.quantity.meaning.is_bounded(),
            limit: limit.filter(|limit| values.iter().any(|value| value >= limit)),
            values: STANDARD.encode(bytes),
            name,
        })
    }
}

/// The heading of a quantity in the menu.
fn group(quantity: &files::Quantity) -> &'static str {
    match (quantity.meaning, &quantity.split) {
        (MetricMeaning::StandardError, _) => "Standard errors",
        (MetricMeaning::Eigenvalue | MetricMeaning::Ratio, _) => "Curvature",
        (_, Some(Split::Train)) => "Training set",
        (_, Some(Split::Test)) => "Test set",
        (_, Some(Split::Other(_)) | None) => "Others",
    }
}

impl PageSurface {
    fn new(options: &Options, kept: &Kept, name: &str, runs: &[Run]) -> anyhow::Result<Self> {
        let surface = kept.surface;
        let note = kept.note();
        if !note.is_empty() {
            let path = surface.header.path.display();
            options.say(format!("{path}: the page shows {note}"));
        }
        let mut quantities = Vec::new();
        for name in surface.quantity_names() {
            quantities.push(kept.quantity(name, options.clip)?);
        }
        let about = if options.no_provenance {
            None
        } else {
            Some(About::new(&surface.header))
        };
        Ok(Self {
            name: name.into(),
            note,
            about,
            axes: axis_names(options, &surface.notes),
            x: kept.columns.iter().map(|k| surface.grid.x[*k]).collect(),
            y: kept.rows.iter().map(|k| kept.y[*k]).collect(),
            evaluated: STANDARD.encode(kept.evaluated()),
            quantities,
            runs: page_runs(Look::of(options), runs),
            marks: page_marks(&surface.notes),
        })
    }
}

impl About {
    fn new(header: &Header) -> Self {
        Self {
            file: header.path.display().to_string(),
            id: header.id.clone(),
            created_by: header.created_by.clone(),
            history: without_folders(&header.history),
        }
    }
}

/// The colours of a map, base64.
fn colours(map: ColourMap) -> String {
    let mut bytes = Vec::new();
    for k in 0..256 {
        bytes.extend(map.at(f64::from(k) / 255.0).0);
    }
    STANDARD.encode(bytes)
}
