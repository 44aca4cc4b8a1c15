//! What a metric does along a curve between two networks.

use super::Trajectory;
use crate::{Metric, MetricMeaning};

/// A metric along a curve between two networks, as tables of mode connectivity have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Along {
    /// The least value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The mean over the length of the curve in weight space, by the trapezoidal rule (Garipov et
    /// al. 2018, `eval_curve.py`).
    pub mean: f64,
    /// How much worse it gets than on the straight line between the values at the ends:
    /// max over t of L(t) - ((1 - t)·L(0) + t·L(1)) for a loss, the opposite sign for an accuracy
    /// (Frankle et al. 2020; Entezari et al. 2022, definition 2.1). `None` for what is neither.
    pub barrier: Option<f64>,
}

impl Trajectory {
    /// A metric along the curve; `None` where the points are no curve between two networks.
    pub fn along(&self, metric: &Metric) -> Option<Along> {
        let (lengths, parameters) = (self.arc_length.as_ref()?, self.parameter.as_ref()?);
        let values: Vec<f64> = metric.values.iter().copied().collect();
        let (first, last) = (*values.first()?, *values.last()?);
        let sign = worse(metric.meaning);
        let mut along = Along {
            min: first,
            max: first,
            mean: first,
            barrier: sign.map(|_| f64::NEG_INFINITY),
        };
        let (mut area, mut length) = (0.0, 0.0);
        for (number, value) in values.iter().enumerate() {
            // f64::min and max would pass over NaN
            along.min = least(along.min, *value);
            along.max = -least(-along.max, -*value);
            if number > 0 {
                let step = lengths[number] - lengths[number - 1];
                area += step * (values[number - 1] + value) / 2.0;
                length += step;
            }
            let t = parameters[number];
            let above = value - ((1.0 - t) * first + t * last);
            if let (Some(barrier), Some(sign)) = (&mut along.barrier, sign) {
                *barrier = -least(-*barrier, -sign * above);
            }
        }
        if length > 0.0 {
            along.mean = area / length;
        }
        Some(along)
    }
}

/// 1 where larger values are worse, -1 where they are better; `None` for what is neither.
fn worse(meaning: MetricMeaning) -> Option<f64> {
    match meaning {
        MetricMeaning::Loss | MetricMeaning::Error => Some(1.0),
        MetricMeaning::Accuracy => Some(-1.0),
        MetricMeaning::Eigenvalue
        | MetricMeaning::Ratio
        | MetricMeaning::StandardError
        | MetricMeaning::Other => None,
    }
}

/// The smaller one; NaN if one of them is.
fn least(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.min(b)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::arr1;

    use super::*;
    use crate::{Quantity, Split};

    fn metric(meaning: MetricMeaning, values: [f64; 3]) -> Metric {
        let quantity = Quantity::on(&Split::Train, "it", meaning, "");
        Metric::new(quantity, arr1(&values).into_dyn())
    }

    #[test]
    fn means_are_over_the_length_and_barriers_above_the_chord() {
        let curve = Trajectory {
            x: vec![0.0, 1.0, 4.0],
            arc_length: Some(vec![0.0, 1.0, 4.0]),
            parameter: Some(vec![0.0, 0.5, 1.0]),
            ..Trajectory::default()
        };
        let loss = metric(MetricMeaning::Loss, [1.0, 5.0, 2.0]);
        let along = curve.along(&loss).unwrap();
        assert_eq!((along.min, along.max), (1.0, 5.0));
        assert_eq!(along.mean, (3.0 + 3.0 * 3.5) / 4.0);
        assert_eq!(along.barrier, Some(3.5));
        let accuracy = metric(MetricMeaning::Accuracy, [90.0, 60.0, 80.0]);
        assert_eq!(curve.along(&accuracy).unwrap().barrier, Some(25.0));
        let lost = metric(MetricMeaning::Loss, [1.0, f64::NAN, 2.0]);
        let along = curve.along(&lost).unwrap();
        assert!(along.max.is_nan() && along.barrier.is_some_and(f64::is_nan));
        let other = metric(MetricMeaning::Other, [1.0, 1.0, 1.0]);
        assert_eq!(curve.along(&other).unwrap().barrier, None);
        assert_eq!(Trajectory::default().along(&loss), None);
    }
}
