//! What the name of a quantity says of it: its split, its meaning and its unit. Everything that
//! looks at the beginning or the end of a name stands here.

use files::{EIG_RATIO, EIG_RATIO_SIGNED, STDERR, Surface};

use crate::options::{Options, Plot};

/// What a metric of a curve measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Loss,
    Accuracy,
}

impl Kind {
    /// What stands behind the split in the name of a metric.
    fn ending(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "acc",
        }
    }

    /// The name of the metric of this kind of a split.
    pub(crate) fn metric(self, split: &str) -> String {
        format!("{split}_{}", self.ending())
    }

    /// The splits of which a file has a metric of this kind, in its order.
    pub(crate) fn splits(self, surface: &Surface) -> Vec<&str> {
        let ending = format!("_{}", self.ending());
        surface
            .metrics
            .iter()
            .filter_map(|metric| metric.name.strip_suffix(&ending))
            .collect()
    }
}

/// The name of the standard error of a metric.
pub(crate) fn standard_error(metric: &str) -> String {
    format!("{metric}{STDERR}")
}

/// The quantity that is drawn of a surface.
pub(crate) fn drawn(options: &Options, surface: &Surface) -> String {
    let chosen = match &options.surf_name {
        Some(name) => name,
        None => surface.default_metric(),
    };
    match options.plot {
        Plot::EigRatio if options.signed => EIG_RATIO_SIGNED.into(),
        Plot::EigRatio => EIG_RATIO.into(),
        Plot::Stderr if !chosen.ends_with(STDERR) => standard_error(chosen),
        Plot::Stderr
        | Plot::Curve
        | Plot::Repeats
        | Plot::Contour
        | Plot::Contourf
        | Plot::Heat
        | Plot::Surface3d
        | Plot::Trajectory => chosen.into(),
    }
}

/// Whether a quantity has a linear scale whatever it spans: percentages and ratios.
pub(crate) fn is_bounded(name: &str) -> bool {
    name.ends_with("_acc")
        || name.ends_with("_err")
        || name == EIG_RATIO
        || name == EIG_RATIO_SIGNED
}

/// The name of a quantity on an axis, with its unit.
pub(crate) fn title(name: &str) -> String {
    if let Some(metric) = name.strip_suffix(STDERR) {
        return format!("standard error of {}", title(metric));
    }
    let (split, what) = name.split_once('_').unwrap_or(("", name));
    match (name, what) {
        (EIG_RATIO, _) => "|λmin / λmax|".into(),
        (EIG_RATIO_SIGNED, _) => "λmin / λmax".into(),
        ("min_eig", _) => "λmin".into(),
        ("max_eig", _) => "λmax".into(),
        (_, "loss") => format!("{split} loss"),
        (_, "acc") => format!("{split} accuracy (%)"),
        (_, "err") => format!("{split} error (%)"),
        _ => name.replace('_', " "),
    }
}

/// The same without its unit, for a legend.
pub(crate) fn short_title(name: &str) -> String {
    title(name).replace(" (%)", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_names_with_units() {
        assert_eq!(title("train_loss_stderr"), "standard error of train loss");
        assert_eq!(title("test_err"), "test error (%)");
        assert_eq!(short_title("test_acc"), "test accuracy");
        assert_eq!(title("custom_thing"), "custom thing");
    }

    #[test]
    fn percentages_and_ratios_are_bounded() {
        assert!(is_bounded("test_acc") && is_bounded("train_err") && is_bounded(EIG_RATIO));
        assert!(!is_bounded("train_loss") && !is_bounded("train_acc_stderr"));
    }
}
