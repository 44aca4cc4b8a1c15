//! hessian: eigenvalues, trace and density beside those of dense second derivatives (PyTorch).

use files::{Contents, Estimates, Shard, Spectrum, Stored, Surface};
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
        let workdir = Workdir::with_golden(case);
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
                let (found, bound) = (
                    spectrum.eigenvalues[[0, place]],
                    spectrum.bounds[[0, place]],
                );
                let off = (found - wanted).abs();
                assert!(off <= rounding * size, "{what}: {found} for {wanted}");
                assert!(
                    off <= bound + 1e-14,
                    "{what}: {found} ± {bound} for {wanted}"
                );
            }
            let square = size * size * count as f64;
            for (name, estimates, rounding) in [
                ("trace", &spectrum.trace, rounding * size * count as f64),
                (
                    "frobenius_squared",
                    &spectrum.frobenius_squared,
                    rounding * square,
                ),
                (
                    "diagonal_squared",
                    &spectrum.diagonal_squared,
                    rounding * square,
                ),
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
        assert!(
            off <= allowed,
            "{what}: moment {power} {mean} ± {stderr} for {truth}"
        );
    }
}

const MAP: &str = "eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --metric loss,hessian \
                   --x=-0.5:0.5:3 --quiet";

/// The id of a merged map, and its values at the model.
fn map(workdir: &Workdir, shards: &str) -> (String, Vec<(String, f64)>) {
    workdir.ok(&format!("merge {shards} --output map.h5 --force"));
    let surface = Surface::read(&workdir.path("map.h5")).unwrap();
    let mut values = Vec::new();
    for metric in &surface.metrics {
        values.push((metric.name.clone(), metric.values[[1]]));
    }
    (surface.header.id.clone(), values)
}

#[test]
fn a_map_of_eigenvalues_has_the_same_bits_in_any_cut() {
    let workdir = Workdir::with_golden("cnn");
    workdir.ok("make-dirs --model m.h5 --dims 1 --output dirs.h5");
    workdir.ok(&format!("{MAP} --jobs 1 --output whole.h5"));
    let (id, values) = map(&workdir, "whole.h5");
    let truth = &truth("cnn")["parameters"]["matrices"]["hessian"];
    let ends = [
        ("min_eig", reals(&truth["smallest"])[0]),
        ("max_eig", reals(&truth["largest"])[4]),
    ];
    for (name, wanted) in ends {
        let value_of = |name: &str| values.iter().find(|(it, _)| it == name).unwrap().1;
        let off = (value_of(name) - wanted).abs();
        assert!(off <= 1e-2 * wanted.abs(), "{name}: {values:?}");
        assert!(
            off <= value_of(&format!("{name}_bound")),
            "{name}: {values:?}"
        );
        assert_eq!(value_of("eig_converged"), 1.0);
    }
    // batches of the loss have no say in eigenvalues, jobs and shards in nothing
    for shard in 1..=3 {
        workdir.ok(&format!(
            "{MAP} --jobs 4 --shard {shard}/3 --output s{shard}.h5"
        ));
    }
    assert_eq!(map(&workdir, "s2.h5 s3.h5 s1.h5").0, id);
    workdir.ok(&format!("{MAP} --batch 4 --output few.h5"));
    let (_, of_few) = map(&workdir, "few.h5");
    assert_eq!(of_few[2..], values[2..]);
    let stderr = workdir.fails("merge whole.h5 s1.h5 --output mixed.h5");
    assert!(!stderr.is_empty());
    workdir.ok(&format!("{MAP} --tolerance 0.5 --output rough.h5"));
    let stderr = workdir.fails("merge rough.h5 s1.h5 --output mixed.h5");
    assert!(stderr.contains("--tolerance"), "{stderr}");
}

#[test]
fn a_point_that_was_killed_goes_on_from_its_last_product() {
    let workdir = Workdir::with_golden("vit");
    workdir.ok("make-dirs --model m.h5 --dims 1 --output dirs.h5");
    let line = format!("{MAP} --tolerance 1e-5 --jobs 1");
    workdir.ok(&format!("{line} --output whole.h5"));
    let (id, _) = map(&workdir, "whole.h5");
    // in the middle of the second point; a slow test may come too late to kill, and tries again
    let vectors = workdir.path("killed.h5.state-1.vectors-0");
    while !workdir.path("killed.h5.state-1").exists() {
        for name in workdir.names() {
            if name.starts_with("killed.h5") {
                std::fs::remove_file(workdir.path(&name)).unwrap();
            }
        }
        let mut run = workdir.start(&format!("{line} --output killed.h5"));
        run.wait_until(|_| std::fs::metadata(&vectors).is_ok_and(|it| it.len() > 50_000));
        run.signal("KILL");
        run.end();
    }
    let line = line.replace(" --quiet", "");
    let said = workdir.ok(&format!("{line} --output killed.h5")).stderr;
    assert!(said.contains("holds 1 of 3 points"), "{said}");
    assert!(
        said.contains("1 points go on from their last pass"),
        "{said}"
    );
    assert_eq!(map(&workdir, "killed.h5").0, id);
    let left = workdir
        .names()
        .into_iter()
        .filter(|name| name.contains(".state-"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_search_from_known_eigenvectors_takes_fewer_products() {
    let workdir = Workdir::with_golden("cnn");
    workdir.ok("make-dirs --model m.h5 --dims 1 --output dirs.h5");
    let line = "hessian --model m.h5 --data d.h5 --tolerance 1e-4 --quiet";
    workdir.ok(&format!("{line} --parameters matrices --output s.h5"));
    workdir.ok(&format!("{line} --output all.h5"));
    let map_line = MAP.replace("-0.5:0.5:3", "0:0:1");
    let mut products = Vec::new();
    for (name, start) in [("random.h5", ""), ("known.h5", "--start s.h5")] {
        workdir.ok(&format!("{map_line} {start} --output {name}"));
        let shard = Shard::read(&workdir.path(name)).unwrap();
        let mut found = shard.metrics.iter();
        let metric = found.find(|metric| metric.name == "eig_products").unwrap();
        products.push(metric.values[[0]]);
    }
    assert!(products[1] < products[0], "{products:?}");
    let stderr = workdir.fails("merge random.h5 known.h5 --output no.h5");
    assert!(stderr.contains("--start"), "{stderr}");
    let stderr = workdir.fails(&format!("{map_line} --start all.h5 --output no.h5"));
    assert!(stderr.contains("--parameters"), "{stderr}");
}

#[test]
fn axes_along_eigenvectors_bend_as_their_eigenvalues_say() {
    let workdir = Workdir::with_golden("mlp");
    workdir.ok("hessian --model m.h5 --data d.h5 --top 2 --tolerance 1e-4 --output s.h5 --quiet");
    workdir.ok("make-dirs --model m.h5 --eigenvectors s.h5 --which=1,-1 --output dirs.h5");
    workdir.ok(
        "eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --x=-0.02:0.02:3 --y=-0.02:0.02:3 \
         --output grid.h5 --quiet",
    );
    workdir.ok("merge grid.h5 --output map.h5");
    let surface = Surface::read(&workdir.path("map.h5")).unwrap();
    let spectrum = Spectrum::read(&workdir.path("s.h5")).unwrap();
    let losses = &surface.metric("train_loss").unwrap().values;
    let centre = losses[[1, 1]];
    let bend = |a: f64, b: f64| (a - 2.0 * centre + b) / 0.02f64.powi(2);
    for (found, wanted) in [
        (
            bend(losses[[1, 0]], losses[[1, 2]]),
            spectrum.eigenvalues[[0, 2]],
        ),
        (
            bend(losses[[0, 1]], losses[[2, 1]]),
            spectrum.eigenvalues[[0, 0]],
        ),
    ] {
        assert!(
            (found - wanted).abs() < 0.02 * wanted.abs(),
            "{found} for {wanted}"
        );
    }
    let stderr =
        workdir.fails("make-dirs --model m.h5 --eigenvectors s.h5 --which 1,3 --output no.h5");
    assert!(stderr.contains("2 largest eigenvalues"), "{stderr}");
}

#[test]
fn checkpoints_of_a_run_have_a_row_each_and_what_makes_no_sense_is_refused() {
    let workdir = Workdir::with_golden("softmax");
    std::fs::copy(workdir.path("m.h5"), workdir.path("net-2.h5")).unwrap();
    std::fs::copy(workdir.path("m.h5"), workdir.path("net-10.h5")).unwrap();
    workdir.ok("hessian --model net-*.h5 --data d.h5 --trace 4 --output run.h5 --quiet");
    let run = Spectrum::read(&workdir.path("run.h5")).unwrap();
    assert_eq!(run.models, ["net-2.h5", "net-10.h5"]);
    assert_eq!(run.eigenvalues.row(0), run.eigenvalues.row(1));
    assert!(run.vectors.is_none());
    let told = workdir.ok("inspect run.h5").stdout;
    assert!(told.contains("Hessian of 45 parameters"), "{told}");

    let line = "hessian --model m.h5 --data d.h5 --output no.h5";
    for (wrong, said) in [
        ("--top 0 --bottom 0", "nothing is asked for"),
        ("--trace 1", "2 probes or more"),
        ("--max-basis 5", "20 or more"),
        ("--tolerance 2", "between 0 and 1"),
        ("--only nothing.*", "matches no tensor"),
        ("--split val", "no val split"),
    ] {
        let stderr = workdir.fails(&format!("{line} {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
    let of_program = Workdir::with_golden("program");
    let stderr = of_program.fails(&format!("{line} --loss program --operator ggn"));
    assert!(stderr.contains("returns no outputs"), "{stderr}");
}
