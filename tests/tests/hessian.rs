//! hessian: eigenvalues, trace and density beside those of dense second derivatives (PyTorch).

use files::{Contents, Estimates, Spectrum, Stored};
use serde_json::Value;
use tests::{Workdir, golden};

/// The networks of `golden/curvature` with their loss, and how far rounding may take results, over
/// the largest eigenvalue.
const CASES: [(&str, &str, f64); 11] = [
    ("linear", "regression", 1e-5),
    ("logistic", "crossentropy", 1e-5),
    ("softmax", "crossentropy", 1e-5),
    ("mlp", "crossentropy", 1e-5),
    ("cnn", "crossentropy", 1e-5),
    ("vit", "crossentropy", 1e-5),
    ("program", "program", 1e-5),
    ("negative", "program", 1e-5),
    ("flat", "program", 1e-5),
    ("linear64", "regression", 1e-9),
    ("softmax64", "crossentropy", 1e-9),
];

/// Whether CI asks for all combinations.
fn is_long() -> bool {
    std::env::var_os("RELIEF_LONG_TESTS").is_some()
}

fn with(case: &str) -> Workdir {
    let workdir = Workdir::new();
    let file = golden("curvature").join(case);
    let file = file.display();
    workdir.ok(&format!("import-model --program {file}.pt2 --output m.h5"));
    workdir.ok(&format!(
        "import-data npz {file}.npz --normalize none --output d.h5"
    ));
    workdir
}

fn truth(case: &str) -> Value {
    let file = golden("curvature").join(format!("{case}.json"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn reals(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn spectrum(workdir: &Workdir, options: &str) -> Stored<Spectrum> {
    workdir.ok(&format!(
        "hessian --model m.h5 --data d.h5 --output s.h5 --force --quiet {options}"
    ));
    Spectrum::read(&workdir.path("s.h5")).unwrap()
}

/// Whether an estimate is its truth but for four of its standard errors (there are many estimates
/// here) and rounding.
fn agrees(estimates: &Option<Estimates>, truth: &Value, rounding: f64) -> bool {
    let estimates = estimates.as_ref().unwrap();
    let off = (estimates.values[0] - truth.as_f64().unwrap()).abs();
    off <= 4.0 * estimates.stderr[0] + rounding
}

#[test]
fn spectra_are_those_of_dense_second_derivatives() {
    for (case, loss, rounding) in CASES {
        let workdir = with(case);
        let truth = truth(case);
        let mut combinations = vec![("all", "hessian")];
        if is_long() || case == "cnn" {
            combinations.extend([("matrices", "hessian"), ("all", "fisher")]);
        }
        if loss != "program" && (is_long() || case == "mlp") {
            combinations.extend([("all", "ggn"), ("matrices", "ggn")]);
        }
        for (parameters, operator) in combinations {
            let truth = &truth["parameters"][parameters];
            let count = truth["count"].as_u64().unwrap() as usize;
            let truth = &truth[operator];
            let pairs = 5.min(count / 2);
            // zero is an eigenvalue of these many times over, and one vector finds one copy
            let bottom = if operator == "hessian" { pairs } else { 1 };
            let spectrum = spectrum(
                &workdir,
                &format!(
                    "--loss {loss} --parameters {parameters} --operator {operator} --top {pairs} \
                     --bottom {bottom} --tolerance 1e-6 --max-products 900 --max-basis 300 --trace \
                     30 --density 30 --density-steps 8"
                ),
            );
            let what = format!("{case}, {operator} of {parameters}");
            assert_eq!(spectrum.dimension, count, "{what}");
            assert_eq!(spectrum.converged[0], 1, "{what}: {spectrum:?}");

            let mut wanted = reals(&truth["smallest"])[..bottom].to_vec();
            let largest = reals(&truth["largest"]);
            wanted.extend(&largest[largest.len() - pairs..]);
            let mut size = 0.0;
            for value in &wanted {
                size = f64::max(size, value.abs());
            }
            for (place, wanted) in wanted.iter().enumerate() {
                let (found, bound) =
                    (spectrum.eigenvalues[[0, place]], spectrum.bounds[[0, place]]);
                let off = (found - wanted).abs();
                assert!(off <= rounding * size, "{what}: {found} for {wanted}");
                assert!(off <= bound + 1e-14, "{what}: {found} ± {bound} for {wanted}");
            }
            let square = size * size * count as f64;
            for (name, estimates, rounding) in [
                ("trace", &spectrum.trace, rounding * size * count as f64),
                ("frobenius_squared", &spectrum.frobenius_squared, rounding * square),
                ("diagonal_squared", &spectrum.diagonal_squared, rounding * square),
            ] {
                let is_near = agrees(estimates, &truth[name], rounding);
                assert!(is_near, "{what}: {name} {estimates:?} for {}", truth[name]);
            }
            check_moments(&spectrum, &reals(&truth["moments"]), size, &what);
        }
    }
}

/// Checks the mean eigenvalue, square, cube and fourth power against the density.
fn check_moments(spectrum: &Spectrum, truth: &[f64], size: f64, what: &str) {
    let density = spectrum.density.as_ref().unwrap();
    let (_, probes, _) = density.nodes.dim();
    for (place, truth) in truth.iter().enumerate() {
        let power = place as i32 + 1;
        let mut moments = Vec::new();
        for probe in 0..probes {
            let mut moment = 0.0;
            let nodes = density.nodes.slice(ndarray::s![0, probe, ..]);
            let weights = density.weights.slice(ndarray::s![0, probe, ..]);
            for (node, weight) in nodes.iter().zip(weights) {
                if *weight > 0.0 {
                    moment += weight * node.powi(power);
                }
            }
            moments.push(moment);
        }
        let count = probes as f64;
        let mean = moments.iter().sum::<f64>() / count;
        let squares: f64 = moments.iter().map(|moment| (moment - mean).powi(2)).sum();
        let stderr = (squares / (count - 1.0) / count).sqrt();
        let off = (mean - truth).abs();
        let allowed = 4.0 * stderr + 1e-6 * size.powi(power);
        assert!(off <= allowed, "{what}: moment {power} {mean} ± {stderr} for {truth}");
    }
}
