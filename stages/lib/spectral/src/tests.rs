use crate::{Element, Found, Study, Wanted};

/// An operator with these eigenvalues, whose vectors are no unit vectors: a reflection of a
/// diagonal matrix, (I - 2uuᵀ) D (I - 2uuᵀ), with all entries of u the same.
struct Quadratic(Vec<f64>);

impl Quadratic {
    fn product(&self, vector: &[f64]) -> Vec<f64> {
        let mut turned = reflected(vector);
        for (value, eigenvalue) in turned.iter_mut().zip(&self.0) {
            *value *= eigenvalue;
        }
        reflected(&turned)
    }

    fn study(&self, wanted: Wanted, element: Element) -> (Study, Found) {
        let mut study = Study::new(wanted, self.0.len(), element);
        while let Some(vector) = study.next() {
            study.take(self.product(&vector));
        }
        let found = study.found();
        (study, found)
    }

    /// The diagonal of the matrix.
    fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = Vec::new();
        for place in 0..self.0.len() {
            let mut unit = vec![0.0; self.0.len()];
            unit[place] = 1.0;
            diagonal.push(self.product(&unit)[place]);
        }
        diagonal
    }
}

fn reflected(vector: &[f64]) -> Vec<f64> {
    let mean = vector.iter().sum::<f64>() / vector.len() as f64;
    vector.iter().map(|value| value - 2.0 * mean).collect()
}

/// A spectrum like that of a trained network: a few large eigenvalues, many near zero, some
/// negative ones of a hundredth of the largest.
fn network() -> Vec<f64> {
    let mut values = Vec::new();
    for number in 0..1500 {
        let place = f64::from(number) / 1500.0;
        values.push(0.4 * (place - 0.5).powi(3));
    }
    values.extend([-0.31, -0.25, 4.0, 7.0, 11.0, 32.0]);
    values
}

fn wanted(bottom: usize, top: usize) -> Wanted {
    let wanted = Wanted {
        bottom,
        top,
        ..Wanted::ends(1e-8, 400, 3)
    };
    Wanted {
        max_basis: wanted.least_basis(),
        ..wanted
    }
}

#[test]
fn both_ends_of_the_spectrum_of_a_network() {
    for seed in 0..20 {
        let (_, found) = Quadratic(network()).study(Wanted::ends(1e-2, 120, seed), Element::F32);
        assert!(found.is_converged && found.products < 60, "{found:?}");
        let [min, max] = found.values[..] else {
            panic!("{found:?}")
        };
        assert!((min + 0.31).abs() < 1e-2 * 0.31, "{min}");
        assert!((max - 32.0).abs() < 1e-2 * 32.0, "{max}");
    }
}

#[test]
fn several_values_at_each_end_with_restarts_and_their_vectors() {
    let operator = Quadratic(network());
    let few = Wanted {
        max_basis: 14,
        ..wanted(2, 4)
    };
    let (study, found) = operator.study(few, Element::F64);
    assert!(found.is_converged, "{found:?}");
    assert!(study.basis().0 > 0, "no restart");
    let truth = [-0.31, -0.25, 4.0, 7.0, 11.0, 32.0];
    for (place, vector) in study.vectors().iter().enumerate() {
        let value = found.values[place];
        assert!(
            (value - truth[place]).abs() <= found.bounds[place].max(1e-12),
            "{found:?}"
        );
        let product = operator.product(vector);
        let mut residual = 0.0;
        for (product, entry) in product.iter().zip(vector) {
            residual += (product - value * entry).powi(2);
        }
        assert!(residual.sqrt() < found.bounds[place] * 1.01 + 1e-12);
    }
}

#[test]
fn spectra_of_all_kinds() {
    let spectra = [
        vec![0.5; 40],
        vec![0.0; 40],
        (1..=40).map(f64::from).collect(),
        (1..=40).map(|value| -f64::from(value)).collect(),
        vec![3.0],
        vec![-1.0, -1.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0],
    ];
    for spectrum in spectra {
        let smallest = spectrum.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = spectrum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for element in [Element::F32, Element::F64] {
            let (_, found) = Quadratic(spectrum.clone()).study(Wanted::ends(1e-6, 100, 1), element);
            assert!(found.is_converged, "{found:?}");
            let last = found.values.last().copied().unwrap();
            let near = 2e-6 * largest.abs().max(smallest.abs());
            assert!((last - largest).abs() <= near, "{spectrum:?}: {found:?}");
            assert!(
                (found.values[0] - smallest).abs() <= near,
                "{spectrum:?}: {found:?}"
            );
        }
    }
}

#[test]
fn copies_of_an_eigenvalue_are_found() {
    let mut spectrum = vec![1.0; 30];
    spectrum.extend([5.0; 4]);
    let (_, found) = Quadratic(spectrum).study(wanted(1, 4), Element::F64);
    for value in &found.values[1..] {
        assert!((value - 5.0).abs() < 1e-8, "{found:?}");
    }
}

#[test]
fn the_trace_lies_within_its_error() {
    let operator = Quadratic(network());
    let trace: f64 = operator.0.iter().sum();
    let frobenius: f64 = operator.0.iter().map(|value| value * value).sum();
    let diagonal: f64 = operator.diagonal().iter().map(|value| value * value).sum();
    let (mut outside, mut far) = (0, 0);
    for seed in 0..100 {
        let wanted = Wanted {
            probes: 40,
            seed,
            ..Wanted::ends(1e-2, 20, seed)
        };
        let (_, found) = operator.study(wanted, Element::F32);
        let estimate = found.trace.unwrap();
        outside += usize::from((estimate.value - trace).abs() > 3.0 * estimate.stderr);
        for (estimate, truth) in [(found.frobenius, frobenius), (found.diagonal, diagonal)] {
            let estimate = estimate.unwrap();
            far += usize::from((estimate.value - truth).abs() > 3.0 * estimate.stderr);
        }
        // plain probes would be off by some 34: the root of twice the sum of squares over 40 probes
        assert!(estimate.stderr < 1.0, "{estimate:?}");
    }
    assert!(outside <= 1, "{outside}");
    assert!(far <= 4, "{far}");
}

#[test]
fn moments_of_the_density_are_those_of_the_spectrum() {
    let operator = Quadratic(network());
    let wanted = Wanted {
        density_probes: 40,
        density_steps: 30,
        ..Wanted::ends(1e-2, 0, 5)
    };
    let wanted = Wanted {
        bottom: 0,
        top: 0,
        ..wanted
    };
    let (study, found) = operator.study(wanted, Element::F64);
    assert_eq!(study.products(), 40 * 30);
    for power in 1..=4 {
        let count = operator.0.len() as f64;
        let truth = operator
            .0
            .iter()
            .map(|value| value.powi(power))
            .sum::<f64>()
            / count;
        let moments = found.density.moments(power);
        let mean = moments.iter().sum::<f64>() / 40.0;
        let spread: f64 = moments.iter().map(|moment| (moment - mean).powi(2)).sum();
        let stderr = (spread / 39.0 / 40.0).sqrt();
        assert!(
            (mean - truth).abs() < 3.0 * stderr,
            "{power}: {mean} ± {stderr}, {truth}"
        );
    }
}

/// PyHessian took the squares of all entries of the vectors for weights, which sum to 1 for each
/// node: the density was then the same for every node.
#[test]
fn weights_of_the_density_are_squares_of_first_entries() {
    // the start vector has one part in 1000 in the direction of the large eigenvalue
    let mut spectrum = vec![0.0; 999];
    spectrum.push(100.0);
    let wanted = Wanted {
        density_probes: 20,
        density_steps: 2,
        bottom: 0,
        top: 0,
        ..Wanted::ends(1e-2, 0, 5)
    };
    let (_, found) = Quadratic(spectrum).study(wanted, Element::F64);
    let mut share = 0.0;
    for (nodes, weights) in found.density.nodes.iter().zip(&found.density.weights) {
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((nodes[1] - 100.0).abs() < 1e-9, "{nodes:?}");
        share += weights[1] / 20.0;
    }
    assert!((2e-4..4e-3).contains(&share), "{share}");
}

#[test]
fn a_study_goes_on_from_what_was_kept() {
    let operator = Quadratic(network());
    let wanted = Wanted {
        probes: 4,
        density_probes: 2,
        density_steps: 5,
        ..wanted(1, 2)
    };
    let (_, whole) = operator.study(wanted, Element::F32);
    let mut study = Study::new(wanted, operator.0.len(), Element::F32);
    while let Some(vector) = study.next() {
        study.take(operator.product(&vector));
        let (_, basis) = study.basis();
        let vectors: Vec<Vec<u8>> = basis.iter().map(|one| one.bytes().to_vec()).collect();
        let kept = postcard::to_allocvec(&study).unwrap();
        study = postcard::from_bytes(&kept).unwrap();
        assert!(study.set_basis(&vectors));
    }
    assert_eq!(study.found().values, whole.values);
    assert_eq!(format!("{:?}", study.found()), format!("{whole:?}"));
}

#[test]
fn products_that_are_not_finite_end_a_study() {
    let wanted = Wanted {
        probes: 3,
        ..Wanted::ends(1e-2, 120, 0)
    };
    let mut study = Study::new(wanted, 5, Element::F32);
    let start = study.next().unwrap();
    study.take(start.iter().map(|value| value / 0.0).collect());
    assert_eq!(study.next(), None);
    let found = study.found();
    assert!(!found.is_converged && found.values.iter().all(|value| value.is_nan()));
}
