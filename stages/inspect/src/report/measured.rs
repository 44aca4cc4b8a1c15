use files::{Measurement, Metric, Shard, Surface};
use grid::Grid;
use serde::Serialize;

use super::Made;
use crate::text::{Row, grouped, real, row};

/// What a surface or a shard holds.
#[derive(Serialize)]
pub(crate) struct Report {
    /// The part of the grid, `3/10`; `null` for a surface.
    shard: Option<String>,
    grid: Axes,
    /// Points of the grid, or of the shard.
    points: usize,
    /// Of these, those that were computed.
    evaluated: usize,
    metrics: Vec<Values>,
    measurement: Option<Settings>,
    /// The file of the directions, a remark.
    dir_file: String,
    /// Seconds that a point took one job, of a shard.
    seconds_per_point: Option<f64>,
    /// Examples that were computed at once, of a shard.
    working_batch: Option<usize>,
    /// The largest relative error against f32 that was found, of a shard.
    precision_error: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Axes {
    pub(crate) x: Range,
    pub(crate) y: Option<Range>,
}

/// Finite numbers from the least to the largest; `null` where there is none.
#[derive(Serialize, PartialEq)]
pub(crate) struct Range {
    min: Option<f64>,
    max: Option<f64>,
    count: usize,
}

#[derive(Serialize)]
struct Values {
    name: String,
    dtype: &'static str,
    shape: Vec<usize>,
    min: Option<f64>,
    max: Option<f64>,
    /// Points that were not computed.
    missing: usize,
    /// Points that were computed and came out as NaN or infinite.
    not_finite: usize,
    /// Points whose value is a lower bound.
    lower_bounds: usize,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Settings {
    pub(crate) model: Made,
    pub(crate) data: Made,
    pub(crate) directions: Made,
    loss: String,
    ignore_index: Option<i64>,
    class_axis: Option<String>,
    precision: String,
    batch: usize,
    limit: Option<usize>,
    stop_above: Option<f64>,
}

impl Report {
    pub(crate) fn of_surface(surface: &Surface) -> Self {
        let evaluated: Vec<bool> = surface.evaluated.iter().map(|mask| *mask != 0).collect();
        let metrics = surface.metrics.iter();
        Self {
            shard: None,
            grid: Axes::of(&surface.grid),
            points: surface.grid.len(),
            evaluated: evaluated.iter().filter(|evaluated| **evaluated).count(),
            metrics: metrics.map(|it| Values::of(it, &evaluated)).collect(),
            measurement: surface.measurement.as_ref().map(Settings::of),
            dir_file: surface.dir_file.clone(),
            seconds_per_point: None,
            working_batch: None,
            precision_error: None,
        }
    }

    pub(crate) fn of_shard(shard: &Shard) -> Self {
        let evaluated = vec![true; shard.points.len()];
        let metrics = shard.metrics.iter();
        Self {
            shard: Some(shard.part.to_string()),
            grid: Axes::of(&shard.grid),
            points: shard.points.len(),
            evaluated: shard.points.len(),
            metrics: metrics.map(|it| Values::of(it, &evaluated)).collect(),
            measurement: Some(Settings::of(&shard.measurement)),
            dir_file: shard.dir_file.clone(),
            seconds_per_point: shard.seconds_per_point,
            working_batch: shard.working_batch,
            precision_error: shard.precision_error,
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("x", self.grid.x.said())];
        rows.extend(self.grid.y.iter().map(|y| row("y", y.said())));
        let counted = format!("{} of {}", grouped(self.evaluated), grouped(self.points));
        let points = match &self.shard {
            Some(shard) => format!("{} of shard {shard}", grouped(self.points)),
            None => format!("{counted} computed"),
        };
        rows.push(row("points", points));
        rows.extend(self.metrics.iter().map(Values::row));
        match &self.measurement {
            Some(settings) => rows.extend(settings.rows()),
            None => rows.push(row("measured", "by another tool, which does not say how")),
        }
        if !self.dir_file.is_empty() {
            rows.push(row("dir_file", &self.dir_file));
        }
        let seconds = self.seconds_per_point.map(|it| format!("{} s", real(it)));
        rows.extend(seconds.map(|seconds| row("a point took", seconds)));
        let error = self.precision_error.map(real);
        rows.extend(error.map(|error| row("relative error", error)));
        rows
    }
}

impl Axes {
    pub(crate) fn of(grid: &Grid) -> Self {
        Self {
            x: Range::of(&grid.x),
            y: grid.y.as_ref().map(|y| Range::of(y)),
        }
    }
}

impl Range {
    pub(crate) fn of(values: &[f64]) -> Self {
        let (min, max) = ends(values.iter().copied());
        Self {
            min,
            max,
            count: values.len(),
        }
    }

    pub(crate) fn said(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => {
                format!("{} to {}, {} values", real(min), real(max), self.count)
            }
            _ => format!("{} values, none of them finite", self.count),
        }
    }
}

/// The least and the largest of the finite ones.
fn ends(values: impl Iterator<Item = f64>) -> (Option<f64>, Option<f64>) {
    let (mut min, mut max) = (None, None);
    for value in values.filter(|value| value.is_finite()) {
        min = Some(min.map_or(value, |min: f64| min.min(value)));
        max = Some(max.map_or(value, |max: f64| max.max(value)));
    }
    (min, max)
}

impl Values {
    fn of(metric: &Metric, evaluated: &[bool]) -> Self {
        let known = metric.values.iter().zip(evaluated);
        let known = known.filter(|(_, evaluated)| **evaluated);
        let known: Vec<f64> = known.map(|(value, _)| *value).collect();
        let (min, max) = ends(known.iter().copied());
        let bounds = metric.at_least.iter().flatten();
        Self {
            name: metric.name.clone(),
            dtype: "f64",
            shape: metric.values.shape().to_vec(),
            min,
            max,
            missing: metric.values.len() - known.len(),
            not_finite: known.iter().filter(|value| !value.is_finite()).count(),
            lower_bounds: bounds.filter(|bound| **bound != 0).count(),
        }
    }

    fn row(&self) -> Row {
        let mut said = match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{} to {}", real(min), real(max)),
            _ => "no finite value".into(),
        };
        let counts = [
            (self.missing, "not computed"),
            (self.not_finite, "NaN or infinite"),
            (self.lower_bounds, "lower bounds"),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            said += &format!(", {} {what}", grouped(count));
        }
        row(
            &self.name,
            format!("{} {:?}  {said}", self.dtype, self.shape),
        )
    }
}

impl Settings {
    pub(crate) fn of(measurement: &Measurement) -> Self {
        Self {
            model: Made::from(&measurement.model),
            data: Made::from(&measurement.data),
            directions: Made::from(&measurement.directions),
            loss: measurement.loss.clone(),
            ignore_index: measurement.ignore_index,
            class_axis: measurement.class_axis.clone(),
            precision: measurement.precision.clone(),
            batch: measurement.batch,
            limit: measurement.limit,
            stop_above: measurement.stop_above,
        }
    }

    /// The settings that decide what the values are, by name, those that were left alone as "none".
    pub(crate) fn named(&self) -> [(&'static str, String); 7] {
        [
            ("loss", self.loss.clone()),
            ("precision", self.precision.clone()),
            ("batch", self.batch.to_string()),
            ("limit", or_none(self.limit)),
            ("stop_above", or_none(self.stop_above)),
            ("ignore_index", or_none(self.ignore_index)),
            ("class_axis", or_none(self.class_axis.clone())),
        ]
    }

    fn rows(&self) -> Vec<Row> {
        let named = self.named();
        let given = named.iter().filter(|(_, value)| value != "none");
        let given: Vec<String> = given
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        vec![
            row("measured", given.join(", ")),
            self.model.row("model"),
            self.data.row("data"),
            self.directions.row("directions"),
        ]
    }
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map_or("none".into(), |value| value.to_string())
}
