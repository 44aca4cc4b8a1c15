//! sharpness: the measures beside those of PyTorch, many models, and runs that are killed.

use std::fs;

use files::{Contents, Shard, Sharpness, Stored};
use serde_json::Value;
use tests::{Workdir, golden, python};

/// The networks of `golden/sharpness` with their loss, and how far rounding may take numbers, over
/// their size.
const CASES: [(&str, &str, f64); 6] = [
    ("mlp", "crossentropy", 1e-4),
    ("cnn", "crossentropy", 1e-4),
    ("vit", "crossentropy", 1e-4),
    ("program", "program", 1e-4),
    ("linear64", "regression", 1e-8),
    ("softmax64", "crossentropy", 1e-8),
];

fn truth() -> Value {
    let file = golden("sharpness").join("sharpness.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn table(workdir: &Workdir, options: &str) -> Stored<Sharpness> {
    workdir.ok(&format!(
        "sharpness --model m.h5 --data d.h5 --output t.h5 --force --quiet {options}"
    ));
    Sharpness::read(&workdir.path("t.h5")).unwrap()
}

/// The number of the first model in a column.
fn number(table: &Sharpness, column: &str) -> f64 {
    table.column(column).unwrap().values[0]
}

#[test]
fn measures_are_those_of_pytorch() {
    let truth = truth();
    for (case, loss, rounding) in CASES {
        let workdir = Workdir::with_golden(case);
        let truth = &truth["cases"][case];
        let measures = "--measures sam,asam,epsilon,critical --line-tolerance 1e-10";
        for of_epsilon in truth["epsilon"].as_array().unwrap() {
            let epsilon = of_epsilon["epsilon"].as_f64().unwrap();
            let options = format!("--loss {loss} {measures} --epsilon {epsilon}");
            let table = table(&workdir, &options);
            for (column, wanted) in [
                ("loss", &truth["loss"]),
                ("gradient_norm", &truth["gradient_norm"]),
                ("sam", &truth["sam"]),
                ("asam", &truth["asam"]),
                ("critical", &truth["critical"]),
                ("epsilon", &of_epsilon["ours"]),
            ] {
                let (found, wanted) = (number(&table, column), wanted.as_f64().unwrap());
                let off = (found - wanted).abs() / wanted.abs();
                println!("{case} {column} {found} {wanted} {off:.1e}");
                assert!(off <= rounding, "{case}: {column} {found} for {wanted}");
            }
            // the ascent is as good as the paper's optimiser
            let lbfgsb = of_epsilon["lbfgsb_best_of_11"].as_f64().unwrap();
            assert!(number(&table, "epsilon") > 0.98 * lbfgsb, "{case}");
        }
    }
}

#[test]
fn random_steps_are_the_directions_of_make_dirs() {
    let workdir = Workdir::with_golden("cnn");
    let measures = "--measures average --perturbations 2 --rho-average 0.2 --seed 5";
    let table = table(&workdir, measures);
    workdir.ok("make-dirs --model m.h5 --seed 5 --output dirs.h5");
    let mut losses = Vec::new();
    for (x, y) in [(0.2, 0.0), (0.0, 0.2)] {
        workdir.ok(&format!(
            "eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --x={x}:{x}:1 --y={y}:{y}:1 \
             --output s.h5 --force --quiet"
        ));
        let shard = Shard::read(&workdir.path("s.h5")).unwrap();
        losses.push(shard.metrics[0].values[[0]] - number(&table, "loss"));
    }
    let mean = (losses[0] + losses[1]) / 2.0;
    let stderr = (losses[0] - losses[1]).abs() / 2.0;
    let column = table.column("average").unwrap();
    assert!((column.values[0] - mean).abs() < 1e-14, "{column:?} {mean}");
    let errors = column.stderr.as_ref().unwrap();
    assert!((errors[0] - stderr).abs() < 1e-14, "{column:?} {stderr}");
    // what needs a gradient is not measured
    let names: Vec<&str> = table.columns.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["loss", "average"]);
}

#[test]
fn the_average_of_a_quadratic_loss_is_half_a_trace() {
    let workdir = Workdir::with_golden("linear64");
    let truth = truth();
    let rho = truth["settings"]["rho_average"].as_f64().unwrap();
    let wanted = truth["cases"]["linear64"]["average"].as_f64().unwrap();
    let table = table(
        &workdir,
        &format!("--loss regression --measures average --perturbations 300 --rho-average {rho}"),
    );
    let found = number(&table, "average");
    let stderr = table.column("average").unwrap().stderr.as_ref().unwrap()[0];
    assert!((found - wanted).abs() < 4.0 * stderr, "{found} ± {stderr}");
}

#[test]
fn a_loss_that_never_rises_has_no_critical_step() {
    // linear in the weights
    let workdir = Workdir::with_golden("flat");
    let ran = workdir
        .ok("sharpness --model m.h5 --data d.h5 --loss program --measures critical --output t.h5");
    let table = Sharpness::read(&workdir.path("t.h5")).unwrap();
    assert!(number(&table, "critical").is_nan(), "{table:?}");
    assert!(
        ran.stderr.contains("its critical sharpness is NaN"),
        "{}",
        ran.stderr
    );
}

#[test]
fn jobs_change_no_bit() {
    let workdir = Workdir::with_golden("cnn");
    workdir.ok(
        "train --program m.h5 --data d.h5 --epochs 1 --batch 8 --lr 0.01 --output-dir nets --quiet",
    );
    let line = "sharpness --model nets/model-*.h5 --data d.h5 --batch 4 --perturbations 4 \
                --ascent-steps 4 --epsilon 0.02 --quiet";
    let mut ids = Vec::new();
    for jobs in [1, 3] {
        workdir.ok(&format!("{line} --jobs {jobs} --output jobs-{jobs}.h5"));
        let table = Sharpness::read(&workdir.path(&format!("jobs-{jobs}.h5"))).unwrap();
        assert!(table.models.len() >= 2, "{:?}", table.models);
        ids.push(table.header.id.clone());
    }
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_run_that_is_killed_again_and_again_goes_on() {
    let workdir = Workdir::with_golden("cnn");
    let options = "--batch 4 --perturbations 2 --ascent-steps 3 --epsilon 0.02 \
                   --line-tolerance 0.3 --jobs 1";
    let whole = table(&workdir, options);
    let line = format!("sharpness --model m.h5 --data d.h5 {options} --output killed.h5 --quiet");
    // a slow test may come too late to kill, and tries again
    while kills(&workdir, &line) == 0 {
        fs::remove_file(workdir.path("killed.h5")).unwrap();
    }
    let killed = Sharpness::read(&workdir.path("killed.h5")).unwrap();
    assert_eq!(killed.header.id, whole.header.id);
    let names = workdir.names();
    assert!(
        !names.iter().any(|name| name.starts_with("killed.h5.")),
        "{names:?}"
    );
}

/// Runs a command that is killed after each of its passes until it is done; how often it was killed.
fn kills(workdir: &Workdir, line: &str) -> usize {
    let mut kills = 0;
    loop {
        let before = states(workdir);
        let mut run = workdir.start(line);
        run.wait_until(|_| states(workdir) != before);
        run.signal("KILL");
        let ran = run.end();
        if ran.status == Some(0) {
            return kills;
        }
        kills += 1;
        // it goes on each time: one that starts anew would never end
        assert!(kills < 200, "{}", ran.stderr);
    }
}

/// What is kept of unfinished models, and how much of finished ones.
fn states(workdir: &Workdir) -> Vec<Vec<u8>> {
    let mut states = Vec::new();
    for name in workdir.names() {
        let is_state = name.starts_with("killed.h5.") && !name.contains("vectors");
        // files come and go while they are read
        if is_state && let Ok(bytes) = fs::read(workdir.path(&name)) {
            states.push(bytes);
        }
    }
    states
}

/// Compares all three forms with the file.
const CHECK: &str = r#"
import csv, json
import h5py, numpy
with h5py.File("t.h5") as f:
    names = f.attrs["columns"].astype(str).tolist()
    names += [name for name in [n + "_stderr" for n in names] if name in f]
    columns = {name: f[name][:] for name in names}
    ids, models = f["model_ids"].asstr()[:].tolist(), f["models"].asstr()[:].tolist()
arrays = numpy.load("table.npz", allow_pickle=False)
assert set(arrays) == {"models", "model_ids", *names}, list(arrays)
table = json.load(open("table.json"))
rows = list(csv.DictReader(open("table.csv")))
assert arrays["models"].tolist() == table["models"] == [row["model"] for row in rows] == models
assert arrays["model_ids"].tolist() == table["model_ids"] == [row["model_id"] for row in rows] == ids
for name, values in columns.items():
    assert arrays[name].tolist() == table["columns"][name] == values.tolist()
    assert [float(row[name]) for row in rows] == values.tolist()
print(len(rows), "models")
"#;

#[test]
fn many_models_are_rows_of_a_table() {
    let workdir = Workdir::with_golden("mlp");
    fs::copy(workdir.path("m.h5"), workdir.path("m-2, again.h5")).unwrap();
    let two = ["m.h5", "m-2, again.h5"];
    let mut command =
        workdir.command("sharpness --data d.h5 --perturbations 3 --output t.h5 --quiet --model");
    assert!(command.args(two).status().unwrap().success());
    for form in ["csv", "json", "npz"] {
        workdir.ok(&format!("to-table t.h5 --output table.{form}"));
    }
    assert_eq!(python(&workdir, CHECK), "2 models\n");
    workdir.ok("to-table t.h5 --surf-name critical,sam --output some.csv");
    let text = fs::read_to_string(workdir.path("some.csv")).unwrap();
    assert!(text.starts_with("model,model_id,critical,sam\n"), "{text}");
    assert!(text.contains("\n\"m-2, again.h5\","), "{text}");
    let error = workdir.fails("to-table t.h5 --surf-name sharp --output no.csv");
    assert!(
        error.contains("use some of loss, gradient_norm, average"),
        "{error}"
    );

    let report = workdir.ok("inspect t.h5").stdout;
    assert!(
        report.contains("critical") && report.contains(" ± "),
        "{report}"
    );
    workdir.ok("sharpness --model m.h5 --data d.h5 --rho 0.1 --perturbations 3 --output u.h5");
    let differences = workdir.run("inspect --diff t.h5 u.h5").stdout;
    assert!(
        differences.contains("sam") && differences.contains("rho 0.1"),
        "{differences}"
    );
    let script = workdir.ok("inspect --rerun u.h5").stdout;
    assert!(script.contains("sharpness --model"), "{script}");
}

#[test]
fn a_spectrum_has_a_line_for_each_model() {
    let workdir = Workdir::with_golden("mlp");
    workdir.ok("hessian --model m.h5 --data d.h5 --top 2 --trace 4 --output s.h5 --quiet");
    workdir.ok("to-table s.h5 --output s.csv");
    let text = fs::read_to_string(workdir.path("s.csv")).unwrap();
    let names = text.lines().next().unwrap();
    assert_eq!(
        names,
        "model,model_id,smallest_1,smallest_1_bound,largest_1,largest_1_bound,largest_2,\
         largest_2_bound,converged,products,trace,trace_stderr,frobenius_squared,\
         frobenius_squared_stderr,diagonal_squared,diagonal_squared_stderr"
    );
    let line = text.lines().nth(1).unwrap();
    let values: Vec<&str> = line.split(',').collect();
    let [largest, second]: [f64; 2] = [4, 6].map(|place| values[place].parse().unwrap());
    assert!(largest > second && values[0] == "m.h5", "{text}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let workdir = Workdir::with_golden("mlp");
    for (options, error) in [
        ("--rho 0", "invalid size \"0\""),
        ("--line-tolerance 1", "invalid part \"1\""),
        ("--perturbations 1", "1 is not in 2.."),
        ("--measures flatness", "possible values: average"),
    ] {
        let line = format!("sharpness --model m.h5 --data d.h5 --output t.h5 {options}");
        let said = workdir.fails(&line);
        assert!(said.contains(error), "{options}: {said}");
    }
}
