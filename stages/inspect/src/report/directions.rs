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
        let x = Direction::new(&directions.x, directions.meaning(AxisName::X));
        let mut y = None;
        let mut cosine = None;
        if let Some(tensors) = &directions.y {
            let direction = Direction::new(tensors, directions.meaning(AxisName::Y));
            cosine = Some(product(&directions.x, tensors) / (x.norm * direction.norm));
            y = Some(direction);
        }
        Self {
            dir_type: directions.dir_type.name(),
            model: directions.model.as_ref().map(Made::from),
            x,
            y,
            cosine,
            names: directions.names.clone(),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("moves", self.dir_type)];
        rows.push(row("x direction", self.x.said()));
        if let Some(y) = &self.y {
            rows.push(row("y direction", y.said()));
        }
        if let Some(cosine) = self.cosine {
            rows.push(row("cosine", real(cosine)));
        }
        if let Some(model) = &self.model {
            rows.push(model.row("model"));
        }
        rows
    }
}

impl Direction {
    fn new(tensors: &[ArrayD<f32>], meaning: Option<Meaning>) -> Self {
        let mut shapes = Vec::new();
        let mut numbers = 0;
        for tensor in tensors {
            shapes.push(tensor.shape().to_vec());
            numbers += tensor.len();
        }
        Self {
            meaning: meaning.map(|meaning| meaning.to_string()),
            dtype: "f32",
            shapes,
            numbers,
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
