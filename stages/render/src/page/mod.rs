//! A page that shows surfaces: one file, without any request to a network.

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::ValueEnum;
use colour::ColourMap;
use files::{Header, Stored, Surface, history::without_folders};
use ndarray::{Axis, Ix2};
use serde::Serialize;

use crate::{
    args::Args,
    field::{Field, bounded, title},
    input::Input,
    names::axis_names,
    plot::{AZIMUTH, ELEVATION, Run},
    text,
};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// In the order in which they are read.
const SCRIPTS: [&str; 5] = [
    include_str!("scale.js"),
    include_str!("gl.js"),
    include_str!("view.js"),
    include_str!("surface.js"),
    include_str!("main.js"),
];

/// Values in a page, over all surfaces and quantities: some 3.5 MB. Beyond that every second or third point is left out.
const MOST_VALUES: usize = 650_000;
/// Points along an axis: the page tells them apart by 10 bits.
const MOST_ALONG: usize = 1000;

#[derive(Serialize)]
struct Page {
    title: String,
    quantity: String,
    /// None: by what the values span.
    log: Option<bool>,
    vmax: Option<f64>,
    eye: Eye,
    map: String,
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
}

/// How a surface was made.
#[derive(Serialize)]
struct About {
    file: String,
    id: String,
    created_by: String,
    history: Vec<String>,
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

#[derive(Serialize)]
struct Quantity {
    name: String,
    title: String,
    /// Drawn on a linear scale, whatever it spans.
    bounded: bool,
    /// Where losses were cut off.
    limit: Option<f64>,
    /// f32, little-endian, row by row, base64.
    values: String,
}

#[derive(Serialize)]
struct PageRun {
    name: String,
    colour: String,
    points: Vec<[f64; 2]>,
}

/// The whole page.
pub(crate) fn document(args: &Args, input: &Input) -> anyhow::Result<Vec<u8>> {
    let first = input.first()?;
    let quantity = args.quantity(first);
    for surface in &input.surfaces {
        // it says what is wrong with a curve, or with a quantity that is not there
        Field::new(args, surface)?;
    }
    let stride = stride(&input.surfaces);
    let single = input.surfaces.len() == 1;
    let surfaces = input
        .surfaces
        .iter()
        .zip(&input.titles)
        .map(|(surface, title)| {
            let name = if single { String::new() } else { title.clone() };
            page_surface(args, surface, name, stride, &input.runs)
        });
    let map = args.cmap.unwrap_or(ColourMap::Viridis);
    let page = Page {
        title: args.title.clone(),
        quantity,
        log: if args.log {
            Some(true)
        } else {
            args.linear.then_some(false)
        },
        vmax: args.vmax,
        eye: Eye {
            azimuth: args.azimuth.unwrap_or(AZIMUTH),
            elevation: args.elevation.unwrap_or(ELEVATION),
        },
        map: name(map),
        maps: ColourMap::value_variants()
            .iter()
            .map(|map| (name(*map), colours(*map).into()))
            .collect(),
        surfaces: surfaces.collect::<anyhow::Result<_>>()?,
    };
    // no text of a file ends the script that holds it
    let data = serde_json::to_string(&page)?
        .replace("</", "<\\/")
        .replace("<!--", "<\\!--");
    let title = if args.title.is_empty() {
        "Loss landscape"
    } else {
        &args.title
    };
    let record = input.record.as_ref();
    let record = record.map_or_else(String::new, |record| {
        provenance::html_element(record) + "\n"
    });
    // one after another, what was filled in is never looked through again
    let filled = [
        (
            "{theme}",
            if args.dark {
                "dark".to_string()
            } else {
                "light".to_string()
            },
        ),
        ("{record}", record),
        ("{title}", text::escaped(title)),
        ("{style}", STYLE.to_string()),
        ("{title}", text::escaped(title)),
        ("{data}", data),
        ("{script}", SCRIPTS.concat()),
    ];
    let (mut page, mut rest) = (String::new(), PAGE);
    for (mark, text) in filled {
        let (before, after) = rest
            .split_once(mark)
            .expect("the template has its marks in this order");
        page += before;
        page += &text;
        rest = after;
    }
    Ok((page + rest).into_bytes())
}

/// The step from one point that is kept to the next.
fn stride(surfaces: &[Stored<Surface>]) -> usize {
    let values = |stride: usize| -> usize {
        let of = |surface: &Stored<Surface>| {
            let along = |axis: &[f64]| kept(axis.len(), stride).len();
            along(&surface.grid.x)
                * surface.grid.y.as_deref().map_or(0, along)
                * surface.quantity_names().len()
        };
        surfaces.iter().map(of).sum()
    };
    let longest = surfaces
        .iter()
        .flat_map(|surface| [Some(&surface.grid.x), surface.grid.y.as_ref()])
        .flatten();
    let longest = longest.map(Vec::len).max().unwrap_or(0);
    let fits = |stride: &usize| {
        values(*stride) <= MOST_VALUES && kept(longest, *stride).len() <= MOST_ALONG
    };
    (1..).find(fits).unwrap_or(1)
}

fn page_surface(
    args: &Args,
    surface: &Stored<Surface>,
    name: String,
    stride: usize,
    runs: &[Run],
) -> anyhow::Result<PageSurface> {
    let y = surface.grid.y.as_deref().unwrap_or_default();
    let (nx, ny) = (surface.grid.x.len(), y.len());
    let (columns, rows) = (kept(nx, stride), kept(ny, stride));
    let note = match stride {
        1 => String::new(),
        2 => format!("every second point of {nx} × {ny}"),
        3 => format!("every third point of {nx} × {ny}"),
        _ => format!("every {stride}th point of {nx} × {ny}"),
    };
    if stride > 1 {
        args.output.say(format!(
            "{}: the page shows {note}",
            surface.header.path.display()
        ));
    }
    let mut quantities = Vec::new();
    for name in surface.quantity_names() {
        let metric = surface.quantity(&name)?;
        let values = metric.values.clone().into_dimensionality::<Ix2>()?;
        let values = values.select(Axis(0), &rows).select(Axis(1), &columns);
        let limit = surface.limit(&metric, args.clip);
        let limit = limit.filter(|limit| values.iter().any(|value| value >= limit));
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| (*value as f32).to_le_bytes())
            .collect();
        let (title, bounded) = (title(&name), bounded(&name));
        quantities.push(Quantity {
            title,
            bounded,
            limit,
            values: STANDARD.encode(bytes),
            name,
        });
    }
    let nodes = rows
        .iter()
        .flat_map(|row| columns.iter().map(move |column| [*row, *column]));
    let evaluated: Vec<u8> = nodes.map(|node| surface.evaluated[&node[..]]).collect();
    let look = args.look();
    let colour = |k: usize| look.run(k, runs.len()).to_string();
    let runs = runs.iter().enumerate();
    Ok(PageSurface {
        name,
        note,
        about: (!args.no_provenance).then(|| About::new(&surface.header)),
        axes: axis_names(args, &surface.notes),
        x: columns
            .iter()
            .map(|column| surface.grid.x[*column])
            .collect(),
        y: rows.iter().map(|row| y[*row]).collect(),
        evaluated: STANDARD.encode(evaluated),
        quantities,
        runs: runs
            .map(|(k, run)| PageRun {
                name: run.name.clone(),
                colour: colour(k),
                points: run.path.steps(),
            })
            .collect(),
    })
}

/// The places that a step keeps, and the last.
fn kept(count: usize, stride: usize) -> Vec<usize> {
    let last = count.checked_sub(1).filter(|last| last % stride != 0);
    (0..count).step_by(stride).chain(last).collect()
}

fn colours(map: ColourMap) -> String {
    STANDARD.encode(
        (0..256)
            .flat_map(|k| map.at(f64::from(k) / 255.0).0)
            .collect::<Vec<u8>>(),
    )
}

fn name(map: ColourMap) -> String {
    map.to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_string())
}
