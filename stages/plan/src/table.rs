//! What a study costs, before it runs.

use std::path::Path;

use anyhow::{Context, ensure};
use files::{Contents, DatasetFile, Shard};

use crate::{
    config::Config,
    work::{Shards, Work},
};

/// What a surface costs, or all of them together.
struct Cost {
    points: usize,
    shards: usize,
    /// Examples of all points; `None` where the data do not exist yet, or there are too many to
    /// count.
    examples: Option<usize>,
    /// Hours of one core or GPU; `None` where no estimate was asked for.
    hours: Option<f64>,
}

/// Prints a line for each surface: its points, its shards, the examples to evaluate where the data
/// exist, and with `estimate` the hours that follow from a timed point.
pub(crate) fn print(work: &Work, config: &Config, estimate: bool) -> anyhow::Result<()> {
    let measured = work.measured();
    let names = measured.iter().map(|surface| surface.name.len());
    let width = names.max().unwrap_or(0).max("surface".len());
    let hours = if estimate { "      hours" } else { "" };
    stage::print(format_args!(
        "{:<width$} {:>9} {:>7} {:>14}{hours}",
        "surface", "points", "shards", "examples"
    ))?;
    let mut total = Cost {
        points: 0,
        shards: 0,
        examples: Some(0),
        hours: estimate.then_some(0.0),
    };
    for surface in measured {
        let cost = Cost::of(surface, estimate)?;
        stage::print(cost.line(&surface.name, width))?;
        total.add(&cost);
    }
    stage::print(total.line("together", width))?;
    if let Some(hours) = total.hours {
        let jobs = config.slurm.cpus_per_task.map_or(1, usize::from);
        stage::print(format_args!(
            "{:.3} node-hours, {jobs} points at once per node",
            hours / jobs as f64
        ))?;
    }
    Ok(())
}

impl Cost {
    fn of(surface: &Shards, estimate: bool) -> anyhow::Result<Self> {
        let mut hours = None;
        if estimate {
            hours = Some(seconds(surface)? * surface.points as f64 / 3600.0);
        }
        let examples = examples(surface);
        Ok(Self {
            points: surface.points,
            shards: surface.count,
            examples: examples.and_then(|count| count.checked_mul(surface.points)),
            hours,
        })
    }

    fn add(&mut self, other: &Self) {
        self.points += other.points;
        self.shards += other.shards;
        self.examples = match (self.examples, other.examples) {
            (Some(sum), Some(more)) => sum.checked_add(more),
            _ => None,
        };
        if let (Some(sum), Some(more)) = (&mut self.hours, other.hours) {
            *sum += more;
        }
    }

    /// A line of the table, whose first column has this width.
    fn line(&self, name: &str, width: usize) -> String {
        let examples = match self.examples {
            Some(count) => count.to_string(),
            None => "?".into(),
        };
        let Self { points, shards, .. } = self;
        let mut line = format!("{name:<width$} {points:>9} {shards:>7} {examples:>14}");
        if let Some(hours) = self.hours {
            line += &format!(" {hours:>10.3}");
        }
        line
    }
}

/// Examples that a point evaluates; `None` where the data do not exist yet.
fn examples(surface: &Shards) -> Option<usize> {
    let data = DatasetFile::open(Path::new(&surface.data)).ok()?;
    let settings = &surface.settings;
    let splits = settings.get("split").map(|names| names.split(','));
    let splits: Option<Vec<&str>> = splits.map(Iterator::collect);
    let limit = settings.get("limit").and_then(|limit| limit.parse().ok());
    let mut examples = 0;
    for split in data.splits() {
        let is_measured = match &splits {
            Some(names) => names.contains(&split.name()),
            None => true,
        };
        if is_measured {
            let count = data.count(split).ok()?;
            examples += count.min(limit.unwrap_or(usize::MAX));
        }
    }
    Some(examples)
}

/// Seconds that a point takes one job.
fn seconds(surface: &Shards) -> anyhow::Result<f64> {
    let timed = Path::new(&surface.timed);
    let path = timed.display();
    ensure!(
        timed.exists(),
        "{path} does not exist: measure it by `make -f …/plan.mk timed`"
    );
    let shard = Shard::read(timed)?;
    shard
        .seconds_per_point
        .with_context(|| format!("{path} does not say how long a point took"))
}
