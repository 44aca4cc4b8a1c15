//! Points where nothing can be measured because running variances are negative: `states` directions
//! move them, and beyond the two networks that a line joins it leads below zero.

use std::collections::HashMap;

use files::Shard;
use ndarray::ArrayD;

use crate::inputs::Inputs;

/// The running variances of a model, and how they move along each axis; nothing where they do not.
struct Variances {
    entries: Vec<Entry>,
}

struct Entry {
    /// What normalisation adds before it takes the root.
    eps: f64,
    origin: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
}

/// How many points of a shard have no loss where a running variance is negative, in words.
pub(crate) fn describe(inputs: &Inputs, shard: &Shard) -> Option<String> {
    let variances = Variances::of(inputs);
    let mut negative = 0;
    for (place, point) in shard.points.iter().enumerate() {
        let missing = shard
            .metrics
            .iter()
            .any(|metric| metric.values[[place]].is_nan());
        let (x, y) = shard.places.point(*point as usize);
        negative += usize::from(missing && variances.are_negative(x, y));
    }
    if negative == 0 {
        return None;
    }
    let points = shard.points.len();
    Some(format!(
        "{negative} of {points} points have no loss (NaN), since running variances are negative \
         there: the directions move them, and the grid reaches beyond where they stay positive"
    ))
}

impl Variances {
    fn of(inputs: &Inputs) -> Self {
        let directions = &inputs.directions;
        let variances: HashMap<&str, f64> = inputs
            .subject
            .program
            .running_variances()
            .into_iter()
            .collect();
        let mut entries = Vec::new();
        let mut moved = 0;
        for entry in &inputs.subject.model.state {
            if !directions.dir_type.moves(entry.role) {
                continue;
            }
            if let Some(eps) = variances.get(entry.name.as_str()) {
                let origin = entry.tensor.to_f32();
                let y = directions.y.as_ref().map(|y| reals(&y[moved]));
                entries.push(Entry {
                    eps: *eps,
                    origin: reals(&origin),
                    x: reals(&directions.x[moved]),
                    y: y.unwrap_or_default(),
                });
            }
            moved += 1;
        }
        Self { entries }
    }

    fn are_negative(&self, x: f64, y: f64) -> bool {
        self.entries.iter().any(|entry| entry.is_negative(x, y))
    }
}

impl Entry {
    fn is_negative(&self, x: f64, y: f64) -> bool {
        for (k, origin) in self.origin.iter().enumerate() {
            let along_y = self.y.get(k).map_or(0.0, |dy| y * dy);
            if origin + x * self.x[k] + along_y + self.eps < 0.0 {
                return true;
            }
        }
        false
    }
}

fn reals(array: &ArrayD<f32>) -> Vec<f64> {
    array.iter().map(|value| f64::from(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_beyond_its_ends_leads_below_zero() {
        let entry = Entry {
            eps: 1e-5,
            origin: vec![1.0, 2.0],
            x: vec![-0.5, 1.0],
            y: vec![0.0, 0.1],
        };
        let variances = Variances {
            entries: vec![entry],
        };
        assert!(!variances.are_negative(1.0, 0.0) && !variances.are_negative(2.0, 5.0));
        assert!(variances.are_negative(2.5, 0.0) && variances.are_negative(-2.1, 0.0));
    }
}
