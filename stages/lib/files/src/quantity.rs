use crate::Split;

/// The unit of accuracies and errors.
const PERCENT: &str = "percent";

/// The smallest and the largest eigenvalue of the Hessian, as the Python tool names them.
pub const MIN_EIG: &str = "min_eig";
/// See [`MIN_EIG`].
pub const MAX_EIG: &str = "max_eig";
/// Ratio of the eigenvalues of the Hessian at the ends of its spectrum, |min/max|: 0 where the loss
/// is convex.
pub const EIG_RATIO: &str = "eig_ratio";
/// The same with its sign, min/max: negative where there is a direction of negative curvature.
pub const EIG_RATIO_SIGNED: &str = "eig_ratio_signed";

/// What is measured at a point: its name, what it means and its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Its name, which is the name of the dataset: `train_loss`.
    pub name: String,
    /// What people call it: `train loss`.
    pub title: String,
    /// What it means.
    pub meaning: MetricMeaning,
    /// Its unit, such as `nats` or `percent`; empty where it has none, or none is known.
    pub unit: String,
    /// The split of the data on which it is measured, where it is one.
    pub split: Option<Split>,
    /// How many examples of the split were used, where that is known.
    pub examples: Option<usize>,
}

/// What a metric means, which decides how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricMeaning {
    /// A loss: the smaller the better. It is cut off where points were left early.
    Loss,
    /// Examples that are right, in percent.
    Accuracy,
    /// Examples that are wrong, in percent.
    Error,
    /// An eigenvalue of the Hessian.
    Eigenvalue,
    /// A ratio of eigenvalues.
    Ratio,
    /// The standard error of another quantity.
    StandardError,
    /// Anything else.
    Other,
}

impl MetricMeaning {
    const ALL: [Self; 7] = [
        Self::Loss,
        Self::Accuracy,
        Self::Error,
        Self::Eigenvalue,
        Self::Ratio,
        Self::StandardError,
        Self::Other,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::Error => "error",
            Self::Eigenvalue => "eigenvalue",
            Self::Ratio => "ratio",
            Self::StandardError => "standard error",
            Self::Other => "other",
        }
    }

    /// Whether its values are drawn on a linear scale whatever they span.
    pub fn is_bounded(self) -> bool {
        match self {
            Self::Accuracy | Self::Error | Self::Ratio => true,
            Self::Loss | Self::Eigenvalue | Self::StandardError | Self::Other => false,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meaning| meaning.name() == name)
    }
}

impl Quantity {
    /// A quantity that is measured on a split: `train` and `loss` make `train_loss`.
    pub fn on(split: &Split, what: &str, meaning: MetricMeaning, unit: &str) -> Self {
        Self::new(
            &format!("{split}_{what}"),
            meaning,
            unit,
            Some(split.clone()),
        )
    }

    /// A quantity by its name in files.
    pub fn new(name: &str, meaning: MetricMeaning, unit: &str, split: Option<Split>) -> Self {
        Self {
            title: title(name, meaning, split.as_ref()),
            name: name.into(),
            meaning,
            unit: unit.into(),
            split,
            examples: None,
        }
    }

    /// What the name of a dataset tells, in files that say no more: those of the Python tool, and
    /// of programs that write surfaces themselves.
    pub fn of_name(name: &str) -> Self {
        if name == MIN_EIG || name == MAX_EIG {
            return Self::new(name, MetricMeaning::Eigenvalue, "", None);
        }
        let (split, what) = name.rsplit_once('_').unwrap_or(("", name));
        let split = split.parse().ok();
        match (what, &split) {
            ("loss", Some(_)) => Self::new(name, MetricMeaning::Loss, "", split),
            ("acc", Some(_)) => Self::new(name, MetricMeaning::Accuracy, PERCENT, split),
            ("err", Some(_)) => Self::new(name, MetricMeaning::Error, PERCENT, split),
            _ => Self::new(name, MetricMeaning::Other, "", None),
        }
    }

    /// Its title with its unit, for an axis: `train accuracy (%)`. Losses have none there, since
    /// their unit says little.
    pub fn label(&self) -> String {
        if self.unit == PERCENT {
            format!("{} (%)", self.title)
        } else {
            self.title.clone()
        }
    }
}

/// What people call a quantity.
fn title(name: &str, meaning: MetricMeaning, split: Option<&Split>) -> String {
    let plain = name.replace('_', " ");
    let what = match meaning {
        MetricMeaning::Loss => "loss",
        MetricMeaning::Accuracy => "accuracy",
        MetricMeaning::Error => "error",
        MetricMeaning::Eigenvalue if name == MIN_EIG => return "λmin".into(),
        MetricMeaning::Eigenvalue if name == MAX_EIG => return "λmax".into(),
        MetricMeaning::Ratio if name == EIG_RATIO => return "|λmin / λmax|".into(),
        MetricMeaning::Ratio if name == EIG_RATIO_SIGNED => return "λmin / λmax".into(),
        MetricMeaning::Eigenvalue
        | MetricMeaning::Ratio
        | MetricMeaning::StandardError
        | MetricMeaning::Other => return plain,
    };
    match split {
        Some(split) => format!("{split} {what}"),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_files_of_the_python_tool_do_not_say() {
        for (name, meaning, split, label) in [
            (
                "train_loss",
                MetricMeaning::Loss,
                Some("train"),
                "train loss",
            ),
            (
                "val_2_acc",
                MetricMeaning::Accuracy,
                Some("val_2"),
                "val_2 accuracy (%)",
            ),
            (
                "test_err",
                MetricMeaning::Error,
                Some("test"),
                "test error (%)",
            ),
            ("min_eig", MetricMeaning::Eigenvalue, None, "λmin"),
            ("loss", MetricMeaning::Other, None, "loss"),
            ("custom_thing", MetricMeaning::Other, None, "custom thing"),
            ("_loss", MetricMeaning::Other, None, " loss"),
        ] {
            let quantity = Quantity::of_name(name);
            let found = quantity.split.as_ref().map(Split::name);
            assert_eq!((quantity.meaning, found), (meaning, split), "{name}");
            assert_eq!(quantity.label(), label);
        }
    }
}
