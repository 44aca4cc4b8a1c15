use std::str::FromStr;

use anyhow::ensure;
use files::{Normalization, Split, Tensor};
use import_data::Raw;

/// How inputs are normalised, as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Normalize {
    /// As the networks of the paper were trained.
    Paper,
    /// Divided by 255 only.
    None,
    /// With this mean and this deviation, a value or one a channel.
    Values(Vec<f64>, Vec<f64>),
}

/// Mean and deviation of CIFAR-10's channels, in 1/255, that the paper's networks were trained
/// with.
const PAPER: [[f64; 3]; 2] = [[125.3, 123.0, 113.9], [63.0, 62.1, 66.7]];

impl FromStr for Normalize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "paper" => return Ok(Self::Paper),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let Some((mean, std)) = pair(text) else {
            return Err(format!(
                "\"{text}\" is neither paper nor none nor MEAN/STD, such as 0.286/0.353"
            ));
        };
        let sensible = mean.iter().all(|mean| mean.is_finite())
            && std.iter().all(|std| std.is_finite() && *std > 0.0);
        if !sensible {
            Err(format!(
                "\"{text}\" has a deviation that is not above 0, or no number"
            ))
        } else {
            Ok(Self::Values(mean, std))
        }
    }
}

/// The numbers of MEAN/STD.
fn pair(text: &str) -> Option<(Vec<f64>, Vec<f64>)> {
    let (mean, std) = text.split_once('/')?;
    Some((list(mean)?, list(std)?))
}

/// Numbers with commas between them.
fn list(text: &str) -> Option<Vec<f64>> {
    text.split(',')
        .map(|value| value.trim().parse().ok())
        .collect()
}

/// The normalisation of a data set: what is asked for, else the paper's for CIFAR-10, else what
/// makes the training images (the test images where there are no others) of mean 0 and deviation 1
/// in each channel; what is no bytes is left as it is.
pub(crate) fn normalization(
    asked: Option<&Normalize>,
    cifar10: bool,
    raw: &Raw,
) -> anyhow::Result<Normalization> {
    let images = raw
        .splits
        .iter()
        .find(|(split, _)| *split == Split::Train)
        .or(raw.splits.first());
    let Some((_, examples)) = images else {
        return Ok(Normalization::none());
    };
    let (named, inputs) = (!examples.inputs[0].0.is_empty(), examples.input());
    ensure!(
        asked.is_none() || !named,
        "--normalize is for one unnamed input, named ones reach the network as they are"
    );
    let bytes = matches!(inputs, Tensor::U8(_)) && !named;
    let (mean, std) = match asked {
        Some(Normalize::Values(mean, std)) => (mean.clone(), std.clone()),
        Some(Normalize::Paper) if !cifar10 => {
            anyhow::bail!("--normalize paper is for CIFAR-10; give MEAN/STD or none")
        }
        Some(Normalize::None) => (vec![0.0], vec![1.0]),
        None if !bytes => (vec![0.0], vec![1.0]),
        None if !cifar10 => moments(inputs),
        Some(Normalize::Paper) | None => PAPER
            .map(|values| values.map(|value| value / 255.0).into())
            .into(),
    };
    let channels = inputs.shape().get(1).copied().unwrap_or(1);
    for (name, values) in [("means", &mean), ("deviations", &std)] {
        let fits = values.len() == 1 || values.len() == channels;
        ensure!(
            fits,
            "--normalize gives {} {name}, the inputs have {channels} channels",
            values.len()
        );
    }
    let scale = if bytes { 1.0 / 255.0 } else { 1.0 };
    Ok(Normalization {
        scale: vec![scale],
        mean,
        std,
    })
}

/// Mean and deviation of each channel of `[N, C, …]` bytes, in 1/255, exact but for the last
/// rounding.
fn moments(inputs: &Tensor) -> (Vec<f64>, Vec<f64>) {
    let (Tensor::U8(inputs), 2..) = (inputs, inputs.shape().len()) else {
        return (vec![0.0], vec![1.0]);
    };
    let count = (inputs.len() / inputs.shape()[1].max(1)) as f64;
    let (mut means, mut deviations) = (Vec::new(), Vec::new());
    for channel in inputs.axis_iter(ndarray::Axis(1)) {
        let (mut sum, mut squares) = (0u64, 0u64);
        for value in channel {
            sum += u64::from(*value);
            squares += u64::from(*value).pow(2);
        }
        let mean = sum as f64 / count;
        let variance = squares as f64 / count - mean * mean;
        means.push(mean / 255.0);
        // a channel of one value only keeps its scale
        deviations.push(if variance > 0.0 {
            variance.sqrt() / 255.0
        } else {
            1.0
        });
    }
    (means, deviations)
}

#[cfg(test)]
mod tests {
    use ndarray::Array4;

    use super::*;

    #[test]
    fn moments_are_those_of_each_channel() {
        let images =
            Array4::from_shape_fn(
                (2, 2, 1, 2),
                |(n, c, _, x)| if c == 0 { 51 } else { (n * 2 + x) as u8 },
            );
        let (mean, std) = moments(&Tensor::U8(images.into_dyn()));
        assert_eq!((mean[0], std[0]), (0.2, 1.0));
        assert!(
            (mean[1] * 255.0 - 1.5).abs() < 1e-12
                && (std[1] * 255.0 - 1.25f64.sqrt()).abs() < 1e-12
        );
    }

    #[test]
    fn values_are_a_mean_and_a_deviation() {
        assert_eq!(
            "0.5,0.25/1,2".parse(),
            Ok(Normalize::Values(vec![0.5, 0.25], vec![1.0, 2.0]))
        );
        for wrong in ["papper", "0.5", "0.5/0", "a/b", "0.5/nan", ""] {
            assert!(wrong.parse::<Normalize>().is_err(), "{wrong}");
        }
    }
}
