//! What is told of a file, as text and as JSON (docs/inspect.md lists the keys).

mod dataset;
mod directions;
pub(crate) mod measured;
pub(crate) mod metric;
mod model;
mod sharpness;
mod spectrum;
mod trajectory;

use std::path::Path;

use files::{
    Note, Origin,
    history::{self, HistoryLine},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    file::File,
    text::{self, Row, row},
};

/// Everything that is told of one file.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) file: String,
    kind: String,
    format_version: Option<i64>,
    /// `null` for pictures, which have none.
    id: Option<String>,
    /// Whether the file states this id.
    states_id: bool,
    /// Whether all contents were read and are those of the id that the file states.
    verified: bool,
    created_by: String,
    #[serde(flatten)]
    holds: Holds,
    remarks: Map<String, Value>,
    history: Vec<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Holds {
    Model(model::Report),
    Dataset(dataset::Report),
    Directions(directions::Report),
    Measured(Box<measured::Report>),
    Trajectory(Box<trajectory::Report>),
    Spectrum(Box<spectrum::Report>),
    Sharpness(Box<sharpness::Report>),
    Picture { shows: Vec<provenance::Shown> },
}

/// A file that another one was made from.
#[derive(Serialize, PartialEq, Clone)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) command: String,
}

impl From<&Origin> for Made {
    fn from(origin: &Origin) -> Self {
        Self {
            id: origin.id.clone(),
            command: origin.command.clone(),
        }
    }
}

impl Made {
    /// A file of which nothing is recorded.
    pub(crate) fn unknown() -> Self {
        Self {
            id: "unknown".into(),
            command: String::new(),
        }
    }

    pub(crate) fn row(&self, role: &str) -> Row {
        row(role, format!("{}  {}", text::short(&self.id), self.command))
    }
}

impl Report {
    /// The report of a file, of which everything was read where `verified`.
    pub(crate) fn new(path: &Path, file: &File, verified: bool) -> anyhow::Result<Self> {
        let holds = match file {
            File::Model(_, file) => Holds::Model(model::Report::new(file)),
            File::Dataset(_, file) => Holds::Dataset(dataset::Report::new(file)?),
            File::Directions(_, file) => Holds::Directions(directions::Report::new(file)),
            File::Shard(_, file) => Holds::Measured(Box::new(measured::Report::of_shard(file))),
            File::Surface(_, file) => Holds::Measured(Box::new(measured::Report::of_surface(file))),
            File::Trajectory(_, file) => Holds::Trajectory(Box::new(trajectory::Report::new(file))),
            File::Spectrum(_, file) => Holds::Spectrum(Box::new(spectrum::Report::new(file))),
            File::Sharpness(_, file) => Holds::Sharpness(Box::new(sharpness::Report::new(file))),
            File::Picture(record) => Holds::Picture {
                shows: record.shows.clone(),
            },
        };
        let created_by = match file {
            File::Picture(record) => &record.created_by,
            file => file
                .header()
                .map_or("another tool", |header| &header.created_by),
        };
        let stated = file.stated();
        let states_id = stated.is_some_and(|stated| stated.id.is_some());
        // of all kinds but a dataset everything is read at once
        let read = verified || !matches!(file, File::Dataset(..));
        Ok(Self {
            file: path.to_string_lossy().into_owned(),
            kind: file.kind(),
            format_version: stated.and_then(|stated| stated.version),
            id: file.id().map(String::from),
            states_id,
            verified: states_id && read,
            created_by: created_by.into(),
            holds,
            remarks: remarks(file),
            history: file.history().to_vec(),
        })
    }

    /// Prints it for a person.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let mut title = format!("{}: {}", text::plain(&self.file), self.kind);
        if let Some(version) = self.format_version {
            title += &format!(", format version {version}");
        }
        let mut rows = Vec::new();
        if let Some(id) = &self.id {
            rows.push(row("id", id));
            rows.push(row("verified", self.said_of_id()));
        }
        rows.push(row("created by", &self.created_by));
        rows.extend(match &self.holds {
            Holds::Model(report) => report.rows(),
            Holds::Dataset(report) => report.rows(),
            Holds::Directions(report) => report.rows(),
            Holds::Measured(report) => report.rows(),
            Holds::Trajectory(report) => report.rows(),
            Holds::Spectrum(report) => report.rows(),
            Holds::Sharpness(report) => report.rows(),
            Holds::Picture { shows } => shown(shows),
        });
        for (name, value) in &self.remarks {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            rows.push(row(name, value));
        }
        for (k, line) in self.history.iter().enumerate() {
            rows.push(row(if k == 0 { "history" } else { "" }, shown_line(line)));
        }
        stage::print(format_args!("{title}\n{}", text::table(&rows)))?;
        Ok(())
    }

    fn said_of_id(&self) -> &'static str {
        match (self.states_id, self.verified) {
            (true, true) => "yes",
            (true, false) => "no: --verify reads all",
            (false, _) => "no: the id was computed, the file states none",
        }
    }
}

/// A line of a history with short digests.
fn shown_line(line: &str) -> String {
    let line = HistoryLine::parse(line);
    let mut facts = String::new();
    for key in [
        history::FOLDER,
        history::BATCH,
        history::DEVICE,
        history::SHARDS,
    ] {
        for value in line.facts(key) {
            facts += &format!(" {key}={value}");
        }
    }
    for value in line.facts(history::SHA256) {
        let (sum, path) = value.split_once(':').unwrap_or((value, ""));
        facts += &format!(" sha256={}:{path}", text::short(sum));
    }
    let comment = if facts.is_empty() { "" } else { " #" };
    format!("{}{comment}{facts}", line.command)
}

fn shown(shows: &[provenance::Shown]) -> Vec<Row> {
    let mut rows = Vec::new();
    for shown in shows {
        let what = format!("{} {}  {}", shown.kind, text::short(&shown.id), shown.file);
        rows.push(row("shows", what));
    }
    rows
}

/// The remarks of a file that have no place of their own in its report.
fn remarks(file: &File) -> Map<String, Value> {
    let notes = match file {
        File::Model(_, file) => &file.notes,
        File::Directions(_, file) => &file.notes,
        File::Surface(_, file) => &file.notes,
        File::Shard(_, file) => &file.plane,
        File::Trajectory(_, file) => &file.notes,
        File::Dataset(_, file) => return notes(&file.notes().unwrap_or_default()),
        // its settings are in its report
        File::Spectrum(..) | File::Sharpness(..) | File::Picture(_) => return Map::new(),
    };
    self::notes(notes)
}

pub(super) fn notes(notes: &[(String, Note)]) -> Map<String, Value> {
    let mut remarks = Map::new();
    for (name, note) in notes {
        let value = match note {
            Note::Text(text) => Value::from(text.as_str()),
            Note::Integer(number) => Value::from(*number),
            Note::Real(number) => Value::from(*number),
        };
        remarks.insert(name.clone(), value);
    }
    remarks
}
