use std::borrow::Cow;

use ndarray::{ArrayD, Zip};

use crate::Surface;

/// Not among the metrics of a file, nor to be made of them.
#[derive(Debug, thiserror::Error)]
#[error("it has no \"{name}\"; it has {}", has.join(", "))]
pub struct NoQuantity {
    /// What was asked for.
    name: String,
    /// What there is.
    has: Vec<String>,
}

/// Ratio of the eigenvalues of the Hessian at the ends of its spectrum, |min/max|: 0 where the loss is convex.
pub const EIG_RATIO: &str = "eig_ratio";
/// The same with its sign, min/max: negative where there is a direction of negative curvature.
pub const EIG_RATIO_SIGNED: &str = "eig_ratio_signed";
/// After the name of a metric: its standard error.
pub const STDERR: &str = "_stderr";

impl Surface {
    /// A metric, or what follows from metrics: errors (percent, `train_err = 100 − train_acc`), [`EIG_RATIO`] and
    /// [`EIG_RATIO_SIGNED`].
    ///
    /// # Errors
    /// There is no such quantity.
    pub fn quantity(&self, name: &str) -> Result<Cow<'_, ArrayD<f64>>, NoQuantity> {
        if let Some(values) = self.metric(name) {
            return Ok(Cow::Borrowed(values));
        }
        let accuracy = name
            .strip_suffix("_err")
            .and_then(|split| self.metric(&format!("{split}_acc")));
        let ends = self.metric("min_eig").zip(self.metric("max_eig"));
        let derived = match (name, ends) {
            (EIG_RATIO_SIGNED, Some((min, max))) => {
                Some(Zip::from(min).and(max).map_collect(|min, max| min / max))
            }
            (EIG_RATIO, Some((min, max))) => Some(
                Zip::from(min)
                    .and(max)
                    .map_collect(|min, max| (min / max).abs()),
            ),
            _ => accuracy.map(|accuracy| accuracy.mapv(|percent| 100.0 - percent)),
        };
        derived.map(Cow::Owned).ok_or_else(|| NoQuantity {
            name: name.into(),
            has: self.quantity_names(),
        })
    }

    /// Names of all quantities: the metrics in the order of the file, then what follows from them.
    pub fn quantity_names(&self) -> Vec<String> {
        let metrics = self.metric_names().into_iter().map(String::from);
        let splits = self
            .metrics
            .iter()
            .filter_map(|metric| metric.name.strip_suffix("_acc"));
        let ends = self.metric("min_eig").is_some() && self.metric("max_eig").is_some();
        let ratios = [EIG_RATIO, EIG_RATIO_SIGNED]
            .into_iter()
            .filter(|_| ends)
            .map(String::from);
        metrics
            .chain(splits.map(|split| format!("{split}_err")))
            .chain(ratios)
            .collect()
    }
}
