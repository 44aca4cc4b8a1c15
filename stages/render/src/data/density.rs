//! The spectral density by stochastic Lanczos quadrature: the mean over probes of Σ wₖ N(λ; θₖ, σ²)
//! (Ghorbani, Krishnan and Xiao, *An Investigation into Neural Net Optimization via Hessian
//! Eigenvalue Density*, 2019, algorithm 2).

use std::f64::consts::TAU;

use anyhow::{Context, ensure};
use ndarray::s;

use crate::data::{
    extent::{LARGEST, SMALLEST},
    number::number,
    spectra::NamedSpectrum,
};

/// σ by default, as a share of the range of all eigenvalues: as narrow as a picture shows.
const SIGMA: f64 = 0.005;
/// The least range that is one, as a share of the eigenvalues: rounding makes smaller ones.
const LEAST_RANGE: f64 = 1e-12;
/// How far Gaussians reach, and how far the axis goes on beyond the outermost eigenvalues, in σ.
const REACH: f64 = 9.0;
const MARGIN: f64 = 6.0;
/// Places at which the density is computed: in each σ, and in all at least and at most.
const PER_SIGMA: f64 = 4.0;
const LEAST: f64 = 1000.0;
const MOST: f64 = 40_000.0;

/// What Lanczos knows of the spectrum of one model.
pub(crate) struct Subject {
    pub(crate) name: String,
    /// For each probe its nodes, each with its weight.
    pub(crate) probes: Vec<Vec<[f64; 2]>>,
    /// Eigenvalues that are known one by one.
    pub(crate) eigenvalues: Vec<f64>,
    /// How many eigenvalues there are.
    pub(crate) dimension: usize,
}

/// Where densities are computed.
pub(crate) struct Window {
    /// The standard deviation of the Gaussians.
    pub(crate) sigma: f64,
    /// Ascending, at equal distances.
    pub(crate) places: Vec<f64>,
}

/// A density over the places of a window.
pub(crate) struct Density {
    pub(crate) mean: Vec<f64>,
    /// The standard error of the mean over probes; 0 of a single one. It is never above the mean,
    /// since no density is below 0.
    pub(crate) stderr: Vec<f64>,
}

impl Subject {
    /// A row of a spectrum; `None` where none of its nodes is finite.
    ///
    /// # Errors
    /// A spectrum without density.
    pub(crate) fn new(
        name: String,
        named: &NamedSpectrum,
        row: usize,
    ) -> anyhow::Result<Option<Self>> {
        let spectrum = &named.spectrum;
        let quadrature = spectrum.density.as_ref().with_context(|| {
            format!(
                "{}: it has no density: hessian --density measures it, --plot eigenvalues draws \
                 the eigenvalues",
                named.file()
            )
        })?;
        let mut probes = Vec::new();
        for probe in 0..quadrature.nodes.dim().1 {
            let nodes = quadrature.nodes.slice(s![row, probe, ..]);
            let weights = quadrature.weights.slice(s![row, probe, ..]);
            let mut kept = Vec::new();
            for (node, weight) in nodes.iter().zip(weights) {
                if node.is_finite() && weight.is_finite() && *weight > 0.0 {
                    kept.push([*node, *weight]);
                }
            }
            // products that were no numbers leave nothing
            if !kept.is_empty() {
                probes.push(kept);
            }
        }
        let eigenvalues = spectrum.eigenvalues.row(row);
        let eigenvalues = eigenvalues
            .iter()
            .copied()
            .filter(|value| value.is_finite());
        let subject = Self {
            name,
            probes,
            eigenvalues: eigenvalues.collect(),
            dimension: spectrum.dimension.max(1),
        };
        Ok((!subject.probes.is_empty()).then_some(subject))
    }

    /// The height of a single eigenvalue.
    pub(crate) fn single(&self, sigma: f64) -> f64 {
        1.0 / (self.dimension as f64 * sigma * TAU.sqrt())
    }
}

impl Window {
    /// A window around all eigenvalues of some subjects, with the σ that was asked for or
    /// [`SIGMA`] of their range: the same for all, so that equal bumps are equally many.
    ///
    /// # Errors
    /// Eigenvalues beyond what a picture shows, or a σ that is too fine for one.
    pub(crate) fn around(subjects: &[Subject], asked: Option<f64>) -> anyhow::Result<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for subject in subjects {
            let nodes = subject.probes.iter().flatten().map(|[node, _]| node);
            for value in nodes.chain(&subject.eigenvalues) {
                low = low.min(*value);
                high = high.max(*value);
            }
        }
        ensure!(
            low >= -LARGEST && high <= LARGEST,
            "its eigenvalues go from {low:e} to {high:e}: a picture shows what is within \
             ±{LARGEST:e}"
        );
        let sigma = asked.unwrap_or(SIGMA * size(low, high));
        let (start, end) = (low - MARGIN * sigma, high + MARGIN * sigma);
        let count = ((end - start) / sigma * PER_SIGMA).ceil();
        ensure!(
            count <= MOST,
            "--sigma {sigma} is finer than a picture of eigenvalues from {} to {} shows: use {} \
             or more",
            number(low),
            number(high),
            number((high - low) * PER_SIGMA / (0.9 * MOST))
        );
        let count = count.max(LEAST);
        let step = (end - start) / count;
        let places = (0..=count as usize)
            .map(|k| start + k as f64 * step)
            .collect();
        Ok(Self { sigma, places })
    }

    pub(crate) fn density(&self, subject: &Subject) -> Density {
        let count = subject.probes.len() as f64;
        let mut sums = vec![0.0; self.places.len()];
        let mut squares = sums.clone();
        for nodes in &subject.probes {
            for (k, value) in self.of_probe(nodes).into_iter().enumerate() {
                sums[k] += value;
                squares[k] += value * value;
            }
        }
        let (mut mean, mut stderr) = (Vec::new(), Vec::new());
        for (sum, square) in sums.into_iter().zip(squares) {
            let middle = sum / count;
            let variance = (square / count - middle * middle).max(0.0);
            mean.push(middle);
            stderr.push((variance / (count - 1.0).max(1.0)).sqrt().min(middle));
        }
        Density { mean, stderr }
    }

    /// Σ wₖ N(λ; θₖ, σ²) of one probe.
    fn of_probe(&self, nodes: &[[f64; 2]]) -> Vec<f64> {
        let height = 1.0 / (self.sigma * TAU.sqrt());
        let mut values = vec![0.0; self.places.len()];
        for [node, weight] in nodes {
            let reach = REACH * self.sigma;
            let first = self.places.partition_point(|place| *place < node - reach);
            for (place, value) in self.places.iter().zip(&mut values).skip(first) {
                let away = (place - node) / self.sigma;
                if away > REACH {
                    break;
                }
                *value += weight * height * (-0.5 * away * away).exp();
            }
        }
        values
    }
}

/// The range of eigenvalues; their size where they are all the same, 1 where they are 0.
fn size(low: f64, high: f64) -> f64 {
    let size = low.abs().max(high.abs());
    if high - low > (LEAST_RANGE * size).max(SMALLEST) {
        high - low
    } else if size > SMALLEST {
        size
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(probes: &[&[[f64; 2]]]) -> Subject {
        Subject {
            name: String::new(),
            probes: probes.iter().map(|nodes| nodes.to_vec()).collect(),
            eigenvalues: Vec::new(),
            dimension: 10,
        }
    }

    #[test]
    fn a_density_integrates_to_one_and_knows_its_error() {
        let subject = subject(&[&[[0.0, 0.9], [10.0, 0.1]], &[[0.0, 0.7], [10.0, 0.3]]]);
        let window = Window::around(std::slice::from_ref(&subject), None).unwrap();
        assert_eq!(window.sigma, 0.05);
        let density = window.density(&subject);
        let step = window.places[1] - window.places[0];
        let mass: f64 = density.mean.iter().sum::<f64>() * step;
        assert!((mass - 1.0).abs() < 1e-6, "{mass}");
        // at the outlier: weights 0.1 and 0.3, whose mean is 0.2 ± 0.1
        let outlier = window.places.partition_point(|place| *place < 10.0);
        let away = (window.places[outlier] - 10.0) / window.sigma;
        let height = (-0.5 * away * away).exp() / (window.sigma * TAU.sqrt());
        assert!((density.mean[outlier] / height - 0.2).abs() < 1e-9);
        assert!((density.stderr[outlier] / height - 0.1).abs() < 1e-9);
    }

    #[test]
    fn spectra_of_no_extent_have_a_width() {
        for (node, sigma) in [(0.0, 0.005), (-4.0, 0.02)] {
            let subject = subject(&[&[[node, 1.0]]]);
            let window = Window::around(std::slice::from_ref(&subject), None).unwrap();
            assert_eq!(window.sigma, sigma);
            let density = window.density(&subject);
            assert!(density.stderr.iter().all(|error| *error == 0.0));
        }
    }

    #[test]
    fn too_fine_a_sigma_is_refused() {
        let subject = [subject(&[&[[0.0, 0.5], [1.0, 0.5]]])];
        let said = Window::around(&subject, Some(1e-6))
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(said.contains("--sigma 0.000001 is finer"), "{said}");
        assert!(Window::around(&subject, Some(1.2e-4)).is_ok());
    }
}
