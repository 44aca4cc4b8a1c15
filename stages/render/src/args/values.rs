//! The values of options: their names, their help, and how they are read.

use clap::{ValueEnum, builder::PossibleValue};

use crate::options::{Along, Aspect, Motion, Panels, Plot, Style};

impl ValueEnum for Plot {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Curve => {
                "Loss (left axis) and accuracy (right axis) of a curve, with a band of one \
                 standard \
                 error where it is known"
            }
            Self::Repeats => {
                "Several curves, of seeds say, with their mean and a band of one standard deviation"
            }
            Self::Contour => "Labelled contour lines",
            Self::Contourf => "Filled contours",
            Self::Heat => "A heat map",
            Self::Surface3d => "A lit surface",
            Self::Trajectory => "Trajectories alone",
            Self::Along => {
                "Losses and accuracies along measured trajectories: over training, or over the \
                 length of curves between networks"
            }
            Self::EigRatio => {
                "Eigenvalues of the Hessian at both ends of its spectrum: |min/max| from 0 to 0.5"
            }
            Self::Stderr => "A heat map of the standard error of a metric",
            Self::Density => {
                "The density of eigenvalues of spectra, with a band of one standard error over \
                 probes, and marks above where eigenvalues are known one by one"
            }
            Self::Eigenvalues => {
                "Eigenvalues and trace over the checkpoints of a spectrum, or by rank where it \
                 is of one model"
            }
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for Along {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Length => "The length of the way on the plane, in the units of the weights",
            Self::Parameter => "The parameter t of a curve between two networks, from 0 to 1",
            Self::Checkpoint => "The epochs in the names of checkpoints, or their numbers",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for Motion {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Rotate, Self::Trajectory]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Rotate => PossibleValue::new("rotate").help("The eye, once around the surface"),
            Self::Trajectory => PossibleValue::new("trajectory").help("The end of the trajectory"),
        })
    }
}

impl ValueEnum for Style {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Plain, Self::Paper, Self::Talk, Self::Lit]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Plain => PossibleValue::new("plain")
                .help("A page or a screen: 6 × 5 inches, texts of 10 points"),
            Self::Paper => PossibleValue::new("paper")
                .help("A column of a paper of two: 84 mm wide, texts of 8 points"),
            Self::Talk => {
                PossibleValue::new("talk").help("Slides: 10 × 7.5 inches, texts of 20 points")
            }
            Self::Lit => PossibleValue::new("lit").help(
                "surface3d as in the paper's figure 1: 6 × 5 inches at most, two lights, soft \
                 shadows, resampled to 401 × 401 points (--smooth sets another number), without \
                 axes and colour bar",
            ),
        })
    }
}

/// Width and height in inches.
pub(super) fn size(text: &str) -> Result<[f64; 2], String> {
    if let Some((width, height)) = text.split_once('x')
        && let (Ok(width), Ok(height)) = (width.parse(), height.parse())
        && (1.0..=40.0).contains(&width)
        && (1.0..=40.0).contains(&height)
    {
        return Ok([width, height]);
    }
    Err(format!(
        "\"{text}\" is not WIDTHxHEIGHT in inches (1 to 40), such as 6x5"
    ))
}

/// Rows and columns, or columns only.
pub(super) fn panels(text: &str) -> Result<Panels, String> {
    let found = match text.split_once('x') {
        Some((rows, columns)) => (count(rows).map(Some), count(columns)),
        None => (Some(None), count(text)),
    };
    match found {
        (Some(rows), Some(columns)) => Ok(Panels { rows, columns }),
        _ => Err(format!(
            "\"{text}\" is neither ROWSxCOLUMNS nor COLUMNS, such as 2x3 or 3"
        )),
    }
}

/// A number of rows or of columns.
fn count(text: &str) -> Option<usize> {
    text.parse().ok().filter(|count| (1..=100).contains(count))
}

pub(super) fn aspect(text: &str) -> Result<Aspect, String> {
    match (text, text.parse()) {
        ("auto", _) => Ok(Aspect::Auto),
        ("equal", _) => Ok(Aspect::Ratio(1.0)),
        (_, Ok(ratio)) if (0.01..=100.0).contains(&ratio) => Ok(Aspect::Ratio(ratio)),
        _ => Err(format!(
            "\"{text}\" is neither auto nor equal nor a ratio, such as 0.5"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_panels_and_ratios_are_read_or_refused() {
        assert_eq!(size("6x5.5"), Ok([6.0, 5.5]));
        assert!(size("6").is_err() && size("0x3").is_err() && size("6x41").is_err());
        let panels_of = |rows, columns| Ok(Panels { rows, columns });
        assert_eq!(panels("2x3"), panels_of(Some(2), 3));
        assert_eq!(panels("3"), panels_of(None, 3));
        assert!(panels("0x3").is_err() && panels("2x").is_err() && panels("101").is_err());
        assert_eq!(aspect("equal"), Ok(Aspect::Ratio(1.0)));
        assert_eq!(aspect("0.5"), Ok(Aspect::Ratio(0.5)));
        assert!(aspect("wide").is_err() && aspect("0").is_err() && aspect("NaN").is_err());
    }
}
