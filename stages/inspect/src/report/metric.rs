use files::{Metric, Quantity};
use serde::Serialize;

use super::measured::ends;
use crate::text::{Row, grouped, real, row};

/// The values of a metric, or of its standard error.
#[derive(Serialize)]
pub(crate) struct Values {
    name: String,
    /// What it means: `loss`, `accuracy`.
    meaning: &'static str,
    /// Its unit, such as `nats`; `null` where it has none, or none is known.
    unit: Option<String>,
    /// How many examples of the split were used, where that is known.
    examples: Option<usize>,
    /// Whether the file says more about it than its name does, so that text has a row for it.
    #[serde(skip)]
    is_described: bool,
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

impl Values {
    /// The values of all metrics at the points that were evaluated: each metric, then its standard
    /// error.
    pub(crate) fn of_all(metrics: &[Metric], evaluated: &[bool]) -> Vec<Self> {
        let mut all = Vec::new();
        for metric in metrics {
            let is_described = metric.quantity != Quantity::of_name(&metric.name);
            all.push(Self::new(metric, evaluated, is_described));
            if let Some(errors) = metric.standard_error() {
                all.push(Self::new(&errors, evaluated, is_described));
            }
        }
        all
    }

    fn new(metric: &Metric, evaluated: &[bool], is_described: bool) -> Self {
        let mut known = Vec::new();
        let mut not_finite = 0;
        for (value, evaluated) in metric.values.iter().zip(evaluated) {
            if *evaluated {
                known.push(*value);
                not_finite += usize::from(!value.is_finite());
            }
        }
        let (min, max) = ends(&known);
        let has_unit = !metric.unit.is_empty();
        Self {
            name: metric.name.clone(),
            meaning: metric.meaning.name(),
            unit: has_unit.then(|| metric.unit.clone()),
            examples: metric.examples,
            is_described,
            dtype: "f64",
            shape: metric.values.shape().to_vec(),
            min,
            max,
            missing: metric.values.len() - known.len(),
            not_finite,
            lower_bounds: lower_bounds(metric),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut said = match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{} to {}", real(min), real(max)),
            _ => "no finite value".into(),
        };
        for (count, what) in [
            (self.missing, "not computed"),
            (self.not_finite, "NaN or infinite"),
            (self.lower_bounds, "lower bounds"),
        ] {
            if count > 0 {
                said += &format!(", {} {what}", grouped(count));
            }
        }
        let values = format!("{} {:?}  {said}", self.dtype, self.shape);
        let mut rows = vec![row(&self.name, values)];
        if self.is_described {
            rows.push(row("", self.description()));
        }
        rows
    }

    /// `loss in nats, 500 examples`.
    fn description(&self) -> String {
        let mut text = self.meaning.to_string();
        if let Some(unit) = &self.unit {
            text += &format!(" in {unit}");
        }
        match self.examples {
            Some(1) => text += ", 1 example",
            Some(examples) => text += &format!(", {} examples", grouped(examples)),
            None => {}
        }
        text
    }
}

/// How many values of a metric are lower bounds.
pub(crate) fn lower_bounds(metric: &Metric) -> usize {
    let Some(marks) = &metric.at_least else {
        return 0;
    };
    marks.iter().filter(|mark| **mark != 0).count()
}
