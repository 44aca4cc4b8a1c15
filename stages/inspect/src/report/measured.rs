use files::{Measurement, Places, Shard, Surface};
use grid::Grid;
use serde::Serialize;

use super::{Made, metric::Values};
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

/// What was measured.
#[derive(Serialize)]
pub(super) struct Settings {
    model: Made,
    data: Made,
    directions: Made,
    /// The trajectory along which was measured.
    points: Option<Made>,
    loss: String,
    ignore_index: Option<i64>,
    class_axis: Option<String>,
    precision: String,
    batch: usize,
    limit: Option<usize>,
    stop_above: Option<f64>,
    recalibrate_bn: Option<usize>,
    recalibrate_batch: Option<usize>,
    at_checkpoints: bool,
    /// The settings that have a value, for text: `loss crossentropy, precision f32`.
    #[serde(skip)]
    said: String,
}

impl Report {
    pub(crate) fn of_surface(surface: &Surface) -> Self {
        let evaluated: Vec<bool> = surface.evaluated.iter().map(|mark| *mark != 0).collect();
        Self {
            shard: None,
            grid: Axes::of(&surface.grid),
            points: surface.grid.len(),
            evaluated: evaluated.iter().filter(|evaluated| **evaluated).count(),
            metrics: Values::of_all(&surface.metrics, &evaluated),
            measurement: surface.measurement.as_ref().map(Settings::of),
            dir_file: surface.dir_file.clone(),
            seconds_per_point: None,
            working_batch: None,
            precision_error: None,
        }
    }

    pub(crate) fn of_shard(shard: &Shard) -> Self {
        let evaluated = vec![true; shard.points.len()];
        Self {
            shard: Some(shard.part.to_string()),
            grid: Axes::of_places(&shard.places),
            points: shard.points.len(),
            evaluated: shard.points.len(),
            metrics: Values::of_all(&shard.metrics, &evaluated),
            measurement: Some(Settings::of(&shard.measurement)),
            dir_file: shard.dir_file.clone(),
            seconds_per_point: shard.seconds_per_point,
            working_batch: shard.working_batch,
            precision_error: shard.precision_error,
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("x", self.grid.x.said())];
        if let Some(y) = &self.grid.y {
            rows.push(row("y", y.said()));
        }
        let (evaluated, points) = (grouped(self.evaluated), grouped(self.points));
        let counted = match &self.shard {
            Some(shard) => format!("{points} of shard {shard}"),
            None => format!("{evaluated} of {points} computed"),
        };
        rows.push(row("points", counted));
        for values in &self.metrics {
            rows.extend(values.rows());
        }
        match &self.measurement {
            Some(settings) => rows.extend(settings.rows()),
            None => rows.push(row("measured", "by another tool, which does not say how")),
        }
        if !self.dir_file.is_empty() {
            rows.push(row("dir_file", &self.dir_file));
        }
        if let Some(seconds) = self.seconds_per_point {
            rows.push(row("a point took", format!("{} s", real(seconds))));
        }
        if let Some(error) = self.precision_error {
            rows.push(row("relative error", real(error)));
        }
        rows
    }
}

impl Axes {
    /// The coordinates of the points of a grid, or of a trajectory.
    fn of_places(places: &Places) -> Self {
        match places {
            Places::Grid(grid) => Self::of(grid),
            Places::Trajectory(trajectory) => Self {
                x: Range::of(&trajectory.x),
                y: trajectory.y.as_deref().map(Range::of),
            },
        }
    }

    pub(crate) fn of(grid: &Grid) -> Self {
        Self {
            x: Range::of(&grid.x),
            y: grid.y.as_ref().map(|y| Range::of(y)),
        }
    }
}

impl Range {
    pub(crate) fn of(values: &[f64]) -> Self {
        let (min, max) = ends(values);
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
pub(super) fn ends(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let (mut min, mut max) = (None, None);
    for value in values {
        if value.is_finite() {
            min = Some(min.map_or(*value, |min: f64| min.min(*value)));
            max = Some(max.map_or(*value, |max: f64| max.max(*value)));
        }
    }
    (min, max)
}

impl Settings {
    pub(super) fn of(measurement: &Measurement) -> Self {
        let mut said = Vec::new();
        for (name, value) in measurement.settings() {
            if let Some(value) = value {
                said.push(format!("{name} {value}"));
            }
        }
        Self {
            model: Made::from(&measurement.model),
            data: Made::from(&measurement.data),
            directions: Made::from(&measurement.directions),
            points: measurement.points.as_ref().map(Made::from),
            loss: measurement.loss.clone(),
            ignore_index: measurement.ignore_index,
            class_axis: measurement.class_axis.clone(),
            precision: measurement.precision.clone(),
            batch: measurement.batch,
            limit: measurement.limit,
            stop_above: measurement.stop_above,
            recalibrate_bn: measurement.recalibrate_bn,
            recalibrate_batch: measurement.recalibrate_batch,
            at_checkpoints: measurement.at_checkpoints,
            said: said.join(", "),
        }
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![
            row("measured", &self.said),
            self.model.row("model"),
            self.data.row("data"),
            self.directions.row("directions"),
        ];
        rows.extend(self.points.as_ref().map(|points| points.row("points")));
        rows
    }
}
