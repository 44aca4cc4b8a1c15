use files::{AxisName, Directions, Meaning};
use ndarray::ArrayD;
use serde::Serialize;

use super::Made;
use crate::text::{Row, grouped, real, row};

/// What directions hold.
#[derive(Serialize)]
pub(crate) struct Report {
    /// What they move: `weights` or `states`.
    dir_type: &'static str,
    model: Option<Made>,
    x: Direction,
    y: Option<Direction>,
    /// Of the angle between x and y.
    cosine: Option<f64>,
    /// Keys of the model that they move; empty in files of the Python tool.
    names: Vec<String>,
}

#[derive(Serialize)]
struct Direction {
    meaning: Option<String>,
    dtype: &'static str,
    shapes: Vec<Vec<usize>>,
    /// Numbers in all tensors.
    numbers: usize,
    norm: f64,
}

impl Report {
    pub(crate) fn new(directions: &Directions) -> Self {
        let (x, y) = (&directions.x, directions.y.as_ref());
        let x_report = Direction::new(x, directions.meaning(AxisName::X));
        let y_report = y.map(|y| Direction::new(y, directions.meaning(AxisName::Y)));
        let norms = y_report.as_ref().map(|y| x_report.norm * y.norm);
        let cosine = y.zip(norms).map(|(y, norms)| product(x, y) / norms);
        Self {
            dir_type: directions.dir_type.name(),
            model: directions.model.as_ref().map(Made::from),
            x: x_report,
            y: y_report,
            cosine,
            names: directions.names.clone(),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("moves", self.dir_type)];
        rows.push(row("x direction", self.x.said()));
        rows.extend(self.y.iter().map(|y| row("y direction", y.said())));
        rows.extend(self.cosine.map(|cosine| row("cosine", real(cosine))));
        rows.extend(self.model.iter().map(|model| model.row("model")));
        rows
    }
}

impl Direction {
    fn new(tensors: &[ArrayD<f32>], meaning: Option<Meaning>) -> Self {
        Self {
            meaning: meaning.map(|meaning| meaning.to_string()),
            dtype: "f32",
            shapes: tensors.iter().map(|it| it.shape().to_vec()).collect(),
            numbers: tensors.iter().map(ArrayD::len).sum(),
            norm: product(tensors, tensors).sqrt(),
        }
    }

    fn said(&self) -> String {
        let meaning = self.meaning.as_deref().unwrap_or("of unknown meaning");
        let (numbers, tensors) = (grouped(self.numbers), self.shapes.len());
        let norm = real(self.norm);
        format!(
            "{meaning}; {} [{numbers}] in {tensors} tensors, norm {norm}",
            self.dtype
        )
    }
}

/// The scalar product, as far as both have tensors.
fn product(one: &[ArrayD<f32>], other: &[ArrayD<f32>]) -> f64 {
    let mut sum = 0.0;
    for (one, other) in one.iter().zip(other) {
        for (a, b) in one.iter().zip(other) {
            sum += f64::from(*a) * f64::from(*b);
        }
    }
    sum
}
