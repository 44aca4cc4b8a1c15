//! What is measured along trajectories: checkpoints themselves, their places on the plane, points of
//! curves between networks; and axes that reach around trajectories.

use std::fs;

use files::{Contents, Measured, Surface, Trajectory};
use tests::{Workdir, python};

use crate::project::{MODELS, walk};

const EVAL: &str = "eval-grid --model model.h5 --data data.h5";

/// A walk of seven models on the plane of its principal components, and data.
fn run() -> Workdir {
    let workdir = walk();
    workdir.write_data("data.h5", 12, 16);
    workdir.ok("make-dirs --model model.h5 --pca run/model-*.h5 --output dirs.h5");
    workdir.ok("project --model model.h5 --directions dirs.h5 run/model-*.h5 --output run.h5");
    workdir
}

fn losses(measured: &Measured) -> Vec<f64> {
    measured.metrics[0].values.iter().copied().collect()
}

fn measured(workdir: &Workdir, options: &str, name: &str) -> (String, Trajectory) {
    workdir.ok(&format!(
        "{EVAL} --directions dirs.h5 {options} --output {name}-shard.h5"
    ));
    workdir.ok(&format!("merge {name}-shard.h5 --output {name}.h5"));
    let stored = Trajectory::read(&workdir.path(&format!("{name}.h5"))).unwrap();
    (stored.header.id.clone(), stored.contents)
}

/// The loss of a model at the origin of directions of its own.
fn own_loss(workdir: &Workdir, model: &str) -> f64 {
    workdir.ok(&format!(
        "make-dirs --model {model} --output own-dirs.h5 --force"
    ));
    point_loss(
        workdir,
        &format!("--model {model} --directions own-dirs.h5"),
        (0.0, 0.0),
    )
}

fn point_loss(workdir: &Workdir, files: &str, (x, y): (f64, f64)) -> f64 {
    workdir.ok(&format!(
        "eval-grid {files} --data data.h5 --x={x}:{x}:1 --y={y}:{y}:1 --output p.h5 --force"
    ));
    workdir.ok("merge p.h5 --output point.h5 --force");
    let surface = Surface::read(&workdir.path("point.h5")).unwrap();
    surface.metrics[0].values[[0, 0]]
}

#[test]
fn checkpoints_are_measured_themselves_or_where_they_are_on_the_plane() {
    let workdir = run();
    let (id, own) = measured(&workdir, "--points run.h5 --at-checkpoints", "own");
    let (_, plane) = measured(&workdir, "--points run.h5", "plane");
    let path = Trajectory::read(&workdir.path("run.h5")).unwrap();
    assert_eq!(
        (&own.x, &own.y, &own.checkpoint_ids),
        (&path.x, &path.y, &path.checkpoint_ids)
    );
    let own_measured = own.measured.as_ref().unwrap();
    let plane_measured = plane.measured.as_ref().unwrap();
    let points = own_measured.measurement.points.as_ref().unwrap();
    assert_eq!(points.id, path.header.id);
    let (own_losses, plane_losses) = (losses(own_measured), losses(plane_measured));
    // the last one is the model; the first lies off the plane
    assert_eq!(own_losses[0], own_loss(&workdir, "run/model-4.h5"));
    assert_eq!(own_losses[6], own_loss(&workdir, "model.h5"));
    let files = "--model model.h5 --directions dirs.h5";
    assert_eq!(plane_losses[2], point_loss(&workdir, files, path.place(2)));
    assert_ne!(plane_losses[2], own_losses[2]);

    for shard in 1..=3 {
        workdir.ok(&format!(
            "{EVAL} --directions dirs.h5 --points run.h5 --at-checkpoints --jobs 4 --shard {shard}/3 \
             --output s{shard}.h5"
        ));
    }
    workdir.ok("merge s3.h5 s1.h5 s2.h5 --output cut.h5");
    assert_eq!(
        Trajectory::read(&workdir.path("cut.h5")).unwrap().header.id,
        id
    );
    workdir.ok("merge s3.h5 s1.h5 --allow-missing --output holes.h5");
    let holes = Trajectory::read(&workdir.path("holes.h5"))
        .unwrap()
        .contents
        .measured
        .unwrap();
    let marks: Vec<u8> = holes.evaluated.iter().copied().collect();
    assert_eq!(marks, [1, 0, 1, 1, 0, 1, 1]);
    assert!(losses(&holes)[1].is_nan());

    // pictures: checkpoints in the colour of their own loss, and losses over training
    workdir.ok(&format!(
        "{EVAL} --directions dirs.h5 --split train --x=auto:5 --y=auto:4 --trajectory run.h5 \
         --output grid.h5"
    ));
    workdir.ok("merge grid.h5 --output surface.h5");
    let mut discs = Vec::new();
    for path in ["run", "own"] {
        workdir.ok(&format!(
            "render surface.h5 --plot heat --trajectory {path}.h5 --output {path}.svg"
        ));
        let svg = fs::read_to_string(workdir.path(&format!("{path}.svg"))).unwrap();
        let fills: std::collections::BTreeSet<&str> = svg.split("fill=\"").skip(1).collect();
        let colours: std::collections::BTreeSet<&str> = fills
            .iter()
            .map(|text| text.split('"').next().unwrap())
            .collect();
        discs.push(colours.len());
    }
    assert!(discs[1] >= discs[0] + 5, "{discs:?}");
    workdir.ok("render own.h5 plane.h5 --plot along --log --output both.png");
    workdir.ok("render own.h5 --plot along --output one.svg");
    let svg = fs::read_to_string(workdir.path("one.svg")).unwrap();
    assert!(svg.starts_with("<svg"), "{svg:.80}");
    workdir.ok("render run.h5 --plot along --surf-name residual --output residual.png");
    for (options, said) in [
        ("run.h5 --plot along", "nothing was measured along"),
        (
            "own.h5 --plot along --surf-name speed",
            "there is no speed along it",
        ),
        (
            "own.h5 --plot along --along parameter",
            "does not say its parameter",
        ),
    ] {
        let stderr = workdir.fails(&format!("render {options} --output no.png"));
        assert!(stderr.contains(said), "{options}: {stderr}");
    }
    let told = workdir.run("inspect --diff own.h5 plane.h5 --json").stdout;
    assert!(
        told.contains("at_checkpoints") && told.contains("train_loss"),
        "{told}"
    );

    let stderr = workdir.fails("merge s1.h5 plane-shard.h5 --output mixed.h5");
    assert!(stderr.contains("--at-checkpoints 1"), "{stderr}");
    let stderr = workdir.fails("merge s1.h5 grid.h5 --output mixed.h5");
    assert!(
        stderr.contains("points of a trajectory, but grid.h5 points of a grid"),
        "{stderr}"
    );
    workdir.ok("make-dirs --model model.h5 --output others.h5");
    let stderr = workdir.fails(&format!(
        "{EVAL} --directions others.h5 --points run.h5 --output f.h5"
    ));
    assert!(
        stderr.contains("run.h5 was made with the directions"),
        "{stderr}"
    );
    fs::copy(workdir.path("model.h5"), workdir.path("run/model-4.h5")).unwrap();
    let stderr = workdir.fails(&format!(
        "{EVAL} --directions dirs.h5 --points run.h5 --at-checkpoints --output f.h5"
    ));
    assert!(
        stderr.contains("its checkpoint run/model-4.h5 had the id"),
        "{stderr}"
    );
}

#[test]
fn points_of_a_curve_between_networks_are_measured_with_its_length() {
    let workdir = walk();
    workdir.write_data("data.h5", 12, 16);
    let [a, bend, b] = ["model.h5", "run/model-6.h5", "run/model-8.h5"];
    workdir.ok(&format!(
        "make-dirs --model {a} --target {b} --target-y {bend} --output dirs.h5"
    ));
    for (curve, name) in [("bezier", "bezier"), ("chain", "chain")] {
        workdir.ok(&format!(
            "project --model {a} --directions dirs.h5 --curve {curve} --count 5 {a} {bend} {b} \
             --output {name}.h5"
        ));
        measured(
            &workdir,
            &format!("--points {name}.h5 --split train"),
            &format!("{name}-losses"),
        );
    }
    let told = workdir.ok("inspect --json bezier-losses.h5").stdout;
    fs::write(workdir.path("told.json"), told).unwrap();
    // on oblique axes: b is at (1, 0), the bend at (0, 1)
    let check = "
import json
t = np.linspace(0, 1, 5)
bezier = np.array([(1 - t) ** 2, 2 * t * (1 - t), t ** 2])
chain = np.array([np.maximum(1 - 2 * t, 0), 1 - np.abs(1 - 2 * t), np.maximum(2 * t - 1, 0)])
vectors = np.array([vector('model.h5'), vector('run/model-6.h5'), vector('run/model-8.h5')])
for name, weights in [('bezier', bezier), ('chain', chain)]:
    points = weights.T @ vectors
    with h5py.File(name + '-losses.h5') as f:
        close(f['proj_xcoord'][()], weights[2], 1e-6)
        close(f['proj_ycoord'][()], weights[1], 1e-6)
        close(f['parameter'][()], t, 0)
        lengths = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
        close(f['arc_length'][()] / lengths[-1], lengths / lengths[-1], 1e-6)
        close(f['distance'][()], np.linalg.norm(points, axis=1), 1e-4)
        close(f['residual'][()], 0, 1e-3)
        assert f['train_loss'].shape == (5,)
with h5py.File('bezier-losses.h5') as f:
    loss, length = f['train_loss'][()], f['arc_length'][()]
along = json.load(open('told.json'))['along'][0]
mean = (np.diff(length) * (loss[1:] + loss[:-1]) / 2).sum() / length[-1]
close([along['min'], along['max'], along['mean']], [loss.min(), loss.max(), mean], 1e-12)
close(along['barrier'], (loss - ((1 - t) * loss[0] + t * loss[-1])).max(), 1e-12)
# any program can write points to measure and to draw
with h5py.File('foreign.h5', 'w') as f:
    f['proj_xcoord'], f['proj_ycoord'] = [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]
";
    python(&workdir, &format!("{MODELS}{check}"));
    let (_, foreign) = measured(
        &workdir,
        "--points foreign.h5 --split train",
        "foreign-losses",
    );
    let ends = losses(foreign.measured.as_ref().unwrap());
    let bezier = Trajectory::read(&workdir.path("bezier-losses.h5")).unwrap();
    let curve = losses(bezier.measured.as_ref().unwrap());
    assert_eq!(ends[0], curve[0]);
    assert!(foreign.arc_length.is_some());
    workdir.ok(&format!(
        "{EVAL} --directions dirs.h5 --x=0:1:3 --y=0:1:3 --output grid.h5"
    ));
    workdir.ok("merge grid.h5 --output surface.h5");
    workdir.ok("render surface.h5 --plot contour --trajectory foreign.h5 --output f.png");
    workdir.ok(
        "render bezier-losses.h5 chain-losses.h5 --plot along --along parameter --output c.svg",
    );

    for (line, said) in [
        (
            format!("--curve bezier {a}"),
            "two networks and two points at least",
        ),
        (
            format!("--curve chain --count 1 {a} {b}"),
            "two networks and two points at least",
        ),
    ] {
        let stderr = workdir.fails(&format!(
            "project --model {a} --directions dirs.h5 {line} --output f.h5"
        ));
        assert!(stderr.contains(said), "{line}: {stderr}");
    }
    let off = workdir.ok(&format!(
        "project --model {a} --directions dirs.h5 --curve bezier {a} run/model-4.h5 {b} --output off.h5"
    ));
    assert!(
        off.stderr.contains("warning: run/model-4.h5 lies"),
        "{}",
        off.stderr
    );
    let stderr = workdir.fails(&format!(
        "{EVAL} --directions dirs.h5 --points bezier.h5 --at-checkpoints --output f.h5"
    ));
    assert!(
        stderr.contains("does not say which files its checkpoints are"),
        "{stderr}"
    );
    workdir.ok(&format!(
        "project --method cos --model {a} --directions dirs.h5 {b} --output lengths.h5"
    ));
    let stderr = workdir.fails(&format!(
        "{EVAL} --directions dirs.h5 --points lengths.h5 --output f.h5"
    ));
    assert!(stderr.contains("its coordinates are lengths"), "{stderr}");
}

#[test]
fn automatic_axes_reach_around_a_trajectory_or_to_ten_times_the_loss() {
    let workdir = run();
    let grid = |options: &str| {
        let ran = workdir.ok(&format!(
            "{EVAL} --directions dirs.h5 --split train {options} --output g.h5 --force"
        ));
        workdir.ok("merge g.h5 --output grid.h5 --force");
        (
            ran.stderr,
            Surface::read(&workdir.path("grid.h5")).unwrap().contents,
        )
    };
    let path = Trajectory::read(&workdir.path("run.h5")).unwrap();
    let least = path.x.iter().copied().fold(f64::INFINITY, f64::min);
    let most = path.x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (said, around) = grid("--x=auto:3 --y=0:1:2 --trajectory run.h5");
    let margin = 0.3 * (most - least);
    assert_eq!(around.grid.x[..1], [least - margin]);
    assert_eq!(around.grid.x[2], most + margin);
    assert_eq!(around.grid.y, Some(vec![0.0, 1.0]));
    assert!(said.contains("--x=auto:3 is --x="), "{said}");

    let (_, grown) = grid("--x=auto:9");
    let losses: Vec<f64> = grown.metrics[0].values.iter().copied().collect();
    assert_eq!(grown.grid.x[8], -grown.grid.x[0]);
    assert!(losses[0].max(losses[8]) >= 10.0 * losses[4], "{losses:?}");
    assert!(losses[2].max(losses[6]) < 10.0 * losses[4], "{losses:?}");

    for (options, said) in [
        ("--x=-1:1:3 --trajectory run.h5", "is for automatic axes"),
        ("--x=auto", "is not MIN:MAX:COUNT"),
        ("--x=auto:3 --points run.h5", "cannot be used with"),
        ("", "--x <MIN:MAX:COUNT>"),
    ] {
        let stderr = workdir.fails(&format!(
            "{EVAL} --directions dirs.h5 {options} --output f.h5"
        ));
        assert!(stderr.contains(said), "{options}: {stderr}");
    }
}
