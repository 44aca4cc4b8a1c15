//! eval-grid's ways to be faster: none changes what is measured beyond what it says.

use std::{collections::HashSet, fs};

use files::{Contents, Shard, Surface};
use tests::{Workdir, python};

const EVAL: &str = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5";

fn shard_id(workdir: &Workdir, name: &str) -> String {
    Shard::read(&workdir.path(name)).unwrap().header.id.clone()
}

#[test]
fn one_point_is_shared_by_all_jobs_and_has_the_same_bits() {
    let workdir = Workdir::new();
    workdir.write_landscape(20);
    let ids: HashSet<String> = [1, 2, 3, 7, 100]
        .into_iter()
        .map(|jobs| {
            workdir.ok(&format!(
                "{EVAL} --x=0.5:0.5:1 --batch 8 --jobs {jobs} --output s.h5 --force"
            ));
            shard_id(&workdir, "s.h5")
        })
        .collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn data_that_do_not_stay_in_memory_give_the_same_bits() {
    let workdir = Workdir::new();
    workdir.write_landscape(20);
    let grid = "--x=-1:1:2 --y=-1:1:2 --batch 8";
    workdir.ok(&format!("{EVAL} {grid} --output resident.h5"));
    for jobs in [1, 4] {
        let ran = workdir.ok(&format!(
            "{EVAL} {grid} --jobs {jobs} --data-memory 1K --output streamed.h5 --force"
        ));
        assert!(
            ran.stderr.contains("data.h5 is larger than --data-memory"),
            "{}",
            ran.stderr
        );
        assert_eq!(
            shard_id(&workdir, "streamed.h5"),
            shard_id(&workdir, "resident.h5")
        );
    }
}

#[test]
fn losses_in_bfloat16_are_close_told_apart_and_never_merged_with_others() {
    let workdir = Workdir::new();
    workdir.write_landscape(20);
    let grid = "--x=-0.5:0.5:4";
    workdir.ok(&format!("{EVAL} {grid} --shard 1/2 --output exact.h5"));
    let ran = workdir.ok(&format!(
        "{EVAL} {grid} --shard 1/2 --precision bf16 --check-precision 2 --output half.h5"
    ));
    assert!(
        ran.stderr.contains("in bf16") && ran.stderr.contains("losses in bf16 are off by"),
        "{}",
        ran.stderr
    );
    let read = |name: &str| Shard::read(&workdir.path(name)).unwrap();
    let (exact, half) = (read("exact.h5"), read("half.h5"));
    assert_eq!(
        (
            exact.measurement.precision.as_str(),
            half.measurement.precision.as_str()
        ),
        ("f32", "bf16")
    );
    assert!(
        half.precision_error.is_some_and(|error| error < 0.05) && exact.precision_error.is_none()
    );
    for (found, wanted) in half.metrics[0].values.iter().zip(&exact.metrics[0].values) {
        assert!(
            found != wanted && (found / wanted - 1.0).abs() < 0.05,
            "{found} for {wanted}"
        );
    }
    workdir.ok(&format!("{EVAL} {grid} --shard 2/2 --output other.h5"));
    let stderr = workdir.fails("merge half.h5 other.h5 --output s.h5");
    assert!(
        stderr.contains("--precision bf16") && stderr.contains("--precision f32"),
        "{stderr}"
    );
}

#[test]
fn what_stops_early_is_a_lower_bound_and_its_pictures_are_those_of_the_whole() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(60);
    let grid = "--x=-2:2:9 --y=-2:2:7 --batch 8";
    workdir.ok(&format!("{EVAL} {grid} --output whole.h5"));
    workdir.ok("merge whole.h5 --output exact.h5");
    let exact = Surface::read(&workdir.path("exact.h5")).unwrap();
    let exact = &exact.metric("train_loss").unwrap().values;
    let mut all: Vec<f64> = exact.iter().copied().collect();
    all.sort_by(f64::total_cmp);
    let stop = all[all.len() / 2];
    for shard in [1, 2] {
        workdir.ok(&format!(
            "{EVAL} {grid} --stop-above {stop} --jobs 5 --shard {shard}/2 --output s{shard}.h5"
        ));
    }
    workdir.ok("merge s1.h5 s2.h5 --output surface.h5");
    let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
    let bounds = surface.metrics[0].at_least.as_ref().unwrap();
    assert!(bounds.iter().filter(|bound| **bound == 1).count() > 20);
    let accuracies = &surface.metric("train_acc").unwrap().values;
    let values = surface
        .metric("train_loss")
        .unwrap()
        .values
        .iter()
        .zip(exact)
        .zip(bounds)
        .zip(accuracies);
    for (((&found, &exact), &bound), &accuracy) in values {
        assert_eq!(bound == 1, exact >= stop, "{found} for {exact}");
        assert!(
            if bound == 1 {
                stop <= found && found <= exact
            } else {
                found == exact
            },
            "{found} for {exact}"
        );
        assert_eq!(bound == 1, accuracy.is_nan());
    }

    for plot in ["contour", "contourf", "heat", "surface3d"] {
        for (of, clip) in [
            ("exact", format!("--clip {stop}")),
            ("surface", String::new()),
        ] {
            workdir.ok(&format!(
                "render {of}.h5 --plot {plot} {clip} --no-provenance --output {of}.png --force"
            ));
        }
        let [one, other] =
            ["exact.png", "surface.png"].map(|name| fs::read(workdir.path(name)).unwrap());
        assert!(one == other, "{plot}: pictures differ");
    }
    let stderr = workdir.fails(&format!(
        "render surface.h5 --plot heat --clip {} --output p.png",
        2.0 * stop
    ));
    assert!(stderr.contains("--stop-above"), "{stderr}");

    // the whole and the partial never meet
    workdir.ok(&format!("{EVAL} {grid} --shard 2/2 --output s2.h5 --force"));
    assert!(
        workdir
            .fails("merge s1.h5 s2.h5 --output s.h5")
            .contains("--stop-above")
    );
    let csv =
        "import csv; rows = list(csv.DictReader(line for line in open('t.csv') if line[0] != '#'))
assert sum(int(float(row['train_loss_at_least'])) for row in rows) > 20";
    workdir.ok("to-table surface.h5 --output t.csv");
    python(&workdir, csv);
}
