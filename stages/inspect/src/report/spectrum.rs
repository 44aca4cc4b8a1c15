use files::{Estimates, Note, Spectrum};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Made, notes};
use crate::text::{Row, grouped, real, row};

/// Models whose rows are shown.
const MOST_ROWS: usize = 12;

/// What a spectrum holds.
#[derive(Serialize)]
pub(crate) struct Report {
    operator: &'static str,
    /// The number of parameters.
    dimension: usize,
    rows: Vec<ModelRow>,
    /// Probes and steps of the density.
    density: Option<[usize; 2]>,
    /// Whether there are eigenvectors.
    vectors: bool,
    settings: Map<String, Value>,
    #[serde(skip)]
    told: Vec<(String, Note)>,
    origins: Vec<(String, Made)>,
}

/// What is known of one model.
#[derive(Serialize)]
struct ModelRow {
    model: String,
    id: String,
    smallest: Vec<f64>,
    largest: Vec<f64>,
    bounds: Vec<f64>,
    converged: bool,
    products: i64,
    trace: Option<[f64; 2]>,
    frobenius_squared: Option<[f64; 2]>,
    diagonal_squared: Option<[f64; 2]>,
}

impl Report {
    pub(crate) fn new(spectrum: &Spectrum) -> Self {
        let mut rows = Vec::with_capacity(spectrum.model_ids.len());
        for (number, id) in spectrum.model_ids.iter().enumerate() {
            let values = spectrum.eigenvalues.row(number).to_vec();
            let (smallest, largest) = values.split_at(spectrum.bottom);
            let [trace, frobenius_squared, diagonal_squared] = [
                &spectrum.trace,
                &spectrum.frobenius_squared,
                &spectrum.diagonal_squared,
            ]
            .map(|estimates| estimates.as_ref().map(|it| estimate(it, number)));
            rows.push(ModelRow {
                model: spectrum.models.get(number).cloned().unwrap_or_default(),
                id: id.clone(),
                smallest: smallest.to_vec(),
                largest: largest.to_vec(),
                bounds: spectrum.bounds.row(number).to_vec(),
                converged: spectrum.converged[number] != 0,
                products: spectrum.products[number],
                trace,
                frobenius_squared,
                diagonal_squared,
            });
        }
        let density = spectrum.density.as_ref().map(|density| {
            let (_, probes, steps) = density.nodes.dim();
            [probes, steps]
        });
        let mut origins = Vec::new();
        for (role, origin) in &spectrum.origins {
            origins.push((role.clone(), Made::from(origin)));
        }
        Self {
            operator: spectrum.operator(),
            dimension: spectrum.dimension,
            rows,
            density,
            vectors: spectrum.vectors.is_some(),
            settings: notes(&spectrum.settings),
            told: spectrum.settings.clone(),
            origins,
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row(
            "matrix",
            format!(
                "{} of {} parameters",
                self.operator,
                grouped(self.dimension)
            ),
        )];
        for model in self.rows.iter().take(MOST_ROWS) {
            rows.extend(model.rows());
        }
        if self.rows.len() > MOST_ROWS {
            let hidden = self.rows.len() - MOST_ROWS;
            rows.push(row(
                "",
                format!("… {hidden} models more (--json has all) …"),
            ));
        }
        if let Some([probes, steps]) = self.density {
            rows.push(row(
                "density",
                format!("{probes} probes of {steps} products"),
            ));
        }
        if self.vectors {
            rows.push(row("eigenvectors", "yes"));
        }
        for (name, note) in &self.told {
            rows.push(row(name.replace('_', " "), note.to_string()));
        }
        for (role, origin) in &self.origins {
            rows.push(origin.row(role));
        }
        rows
    }
}

impl ModelRow {
    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("model", &self.model)];
        let (low, high) = self.bounds.split_at(self.smallest.len());
        for (label, values, bounds) in [
            ("smallest", &self.smallest, low),
            ("largest", &self.largest, high),
        ] {
            if !values.is_empty() {
                rows.push(row(label, listed(values, bounds)));
            }
        }
        for (label, estimate) in [
            ("trace", self.trace),
            ("squared Frobenius norm", self.frobenius_squared),
            ("squared diagonal", self.diagonal_squared),
        ] {
            if let Some([value, stderr]) = estimate {
                rows.push(row(label, format!("{} ± {}", real(value), real(stderr))));
            }
        }
        let state = if self.converged {
            ""
        } else {
            ", not converged"
        };
        rows.push(row("products", format!("{}{state}", self.products)));
        rows
    }
}

/// Eigenvalues with their bounds.
fn listed(values: &[f64], bounds: &[f64]) -> String {
    let mut texts = Vec::with_capacity(values.len());
    for (value, bound) in values.iter().zip(bounds) {
        texts.push(format!("{} (± {bound:.1e})", real(*value)));
    }
    texts.join(", ")
}

fn estimate(estimates: &Estimates, number: usize) -> [f64; 2] {
    [estimates.values[number], estimates.stderr[number]]
}
