//! project, and the axes that it is used with: principal components, planes through networks, parts
//! of a network. numpy finds the same by other ways.

use std::{fs, sync::OnceLock};

use files::{Contents, Directions, Mark, Metric, Surface, Trajectory};
use tests::{Kept, Workdir, golden, python};

/// Writes models beside model.h5, and reads models and directions as vectors.
pub(crate) const MODELS: &str = "
import h5py, numpy as np, shutil
def state(path):
    with h5py.File(path) as f:
        return {name: np.float64(f['state'][name][()]) for name in ('linear.weight', 'linear.bias')}
def write(path, weight, bias):
    shutil.copy('model.h5', path)
    with h5py.File(path, 'r+') as f:
        f['state/linear.weight'][...] = weight
        f['state/linear.bias'][...] = bias
        del f.attrs['id']
def vector(path, origin='model.h5', bias=True):
    a, b = state(path), state(origin)
    parts = [(a[n] - b[n]).ravel() * (bias or n.endswith('weight')) for n in ('linear.weight', 'linear.bias')]
    return np.concatenate(parts)
def axis(path, letter):
    with h5py.File(path) as f:
        group = f[letter + 'direction']
        return np.concatenate([np.float64(group[str(k)][()]).ravel() for k in range(len(group))])
def close(a, b, most): assert np.abs(np.float64(a) - b).max() <= most, (a, b)
";

/// Seven models on a walk away from model.h5, the last of which is the same as model.h5.
const WALK: &str = "
random = np.random.default_rng(0)
origin = state('model.h5')
weight, bias = random.normal(size=(10, 256)), random.normal(size=10)
import os
os.mkdir('run')
for step in range(7):
    scale = 6 - step
    write(f'run/model-{step + 4}.h5', origin['linear.weight'] + scale * 0.1 * weight, origin['linear.bias'] + scale * bias)
    weight, bias = weight + random.normal(size=(10, 256)), bias + random.normal(size=10)
";

pub(crate) fn walk() -> Workdir {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    let kept = KEPT.get_or_init(|| {
        let workdir = Workdir::new();
        workdir.write_linear_model("model.h5", 16);
        python(&workdir, &format!("{MODELS}{WALK}"));
        Kept::of(&workdir)
    });
    kept.copy()
}

/// The same by a singular value decomposition of the whole matrix; `tests/tools/pca_parity.py`
/// compares with scikit-learn.
#[test]
fn principal_components_are_those_of_the_matrix_of_checkpoints() {
    let workdir = walk();
    for (ignore, bias) in [("biasbn", "False"), ("none", "True")] {
        workdir.ok(&format!(
            "make-dirs --model model.h5 --pca run/model-*.h5 --xignore {ignore} --output {ignore}.h5"
        ));
        let script = format!(
            "
rows = np.array([vector(f'run/model-{{k}}.h5', bias={bias}) for k in range(4, 11)])
centred = rows - rows.mean(0)
_, singular, components = np.linalg.svd(centred, full_matrices=False)
with h5py.File('{ignore}.h5') as f:
    close(f['singular_values_'][()] / singular[:2], 1, 1e-6)
    close(f['explained_variance_'][()] / (singular[:2] ** 2 / 6), 1, 1e-6)
    close(f['explained_variance_ratio_'][()], singular[:2] ** 2 / (singular ** 2).sum(), 1e-6)
for letter, wanted in zip('xy', components):
    wanted = wanted * np.sign(wanted[np.abs(wanted).argmax()])
    close(axis('{ignore}.h5', letter), wanted, 1e-5)
"
        );
        python(&workdir, &format!("{MODELS}{script}"));
    }
    python(&workdir, &format!("{MODELS}write('nan.h5', np.nan, 0)"));
    let stderr =
        workdir.fails("make-dirs --model model.h5 --pca run/model-*.h5 nan.h5 --output p.h5");
    assert!(stderr.contains("nan.h5: it holds NaN"), "{stderr}");
    // where the model is not among the checkpoints, it is a row too
    workdir.ok("make-dirs --model model.h5 --pca run/model-5.h5 run/model-6.h5 --output two.h5");
    let directions = Directions::read(&workdir.path("two.h5")).unwrap();
    assert_eq!(directions.pca.as_ref().unwrap().singular_values.len(), 2);
    for (files, said) in [
        ("run/model-4.h5", "have no 2 principal components"),
        ("run/none-*.h5", "no file matches"),
        ("run/model-4.h5 --target model.h5", "cannot be used with"),
    ] {
        let stderr = workdir.fails(&format!(
            "make-dirs --model model.h5 --pca {files} --output p.h5"
        ));
        assert!(stderr.contains(said), "{files}: {stderr}");
    }
}

#[test]
fn coordinates_off_oblique_axes_are_found_again() {
    let workdir = walk();
    // oblique axes, and what was made of them with something off the plane
    workdir.ok("make-dirs --model model.h5 --target run/model-5.h5 --target-y run/model-6.h5 --output dirs.h5");
    let make = "
x, y = axis('dirs.h5', 'x'), axis('dirs.h5', 'y')
off = np.random.default_rng(1).normal(size=x.size)
q, _ = np.linalg.qr(np.array([x, y, off]).T)
off = q[:, 2]
for k, (a, b, c) in enumerate([(0.5, -0.25, 0), (1, 1, 0.5), (-0.125, 2, 3)]):
    v = a * x + b * y + c * off
    o = state('model.h5')
    write(f'made-{k}.h5', o['linear.weight'] + v[:2560].reshape(10, 256), o['linear.bias'] + v[2560:])
";
    python(&workdir, &format!("{MODELS}{make}"));
    workdir.ok(
        "project --model model.h5 --directions dirs.h5 made-2.h5 made-0.h5 made-1.h5 --output t.h5",
    );
    let found = Trajectory::read(&workdir.path("t.h5")).unwrap();
    let wanted = [[0.5, -0.25, 0.0], [1.0, 1.0, 0.5], [-0.125, 2.0, 3.0]];
    let [y, residual] = [&found.y, &found.residual].map(|values| values.as_ref().unwrap());
    for (k, wanted) in wanted.iter().enumerate() {
        let place = [found.x[k], y[k], residual[k]];
        for (found, wanted) in place.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{k}: {found} for {wanted}");
        }
    }
    assert_eq!(found.checkpoints, ["made-0.h5", "made-1.h5", "made-2.h5"]);
    assert_eq!(found.checkpoint_ids.len(), 3);

    // the rule of the Python tool, which counts lengths along each axis by itself
    let ran = workdir
        .ok("project --method cos --model model.h5 --directions dirs.h5 made-1.h5 --output c.h5");
    assert!(
        ran.stderr.contains("are lengths, not those of grids"),
        "{}",
        ran.stderr
    );
    let rule = "
with h5py.File('c.h5') as f:
    for letter in 'xy':
        d = axis('dirs.h5', letter)
        close(f[f'proj_{letter}coord'][()], vector('made-1.h5') @ d / np.linalg.norm(d), 1e-6)
";
    python(&workdir, &format!("{MODELS}{rule}"));
}

/// `tests/golden/projection/make.py` has them from the code of the Python tool itself; the files of
/// directions have its layout.
#[test]
fn coordinates_are_those_of_the_python_tool() {
    let workdir = Workdir::new();
    workdir.write_linear_model("model.h5", 2);
    let golden = golden("projection/expected.json");
    let make = format!(
        "
import json
golden = json.load(open('{}'))
write('origin.h5', *golden['origin'])
for number, checkpoint in enumerate(golden['checkpoints']):
    write(f'model-{{number}}.h5', *checkpoint)
for name, plane in golden['planes'].items():
    with h5py.File(name + '.h5', 'w') as f:
        for letter, direction in zip('xy', plane):
            for number, tensor in enumerate(direction):
                f[f'{{letter}}direction/{{number}}'] = np.float32(tensor)
",
        golden.display()
    );
    python(&workdir, &format!("{MODELS}{make}"));
    let golden: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(golden).unwrap()).unwrap();
    for (plane, methods) in [
        ("oblique", ["cos", "lstsq"]),
        ("orthonormal", ["cos", "lstsq"]),
    ] {
        for method in methods {
            workdir.ok(&format!(
                "project --method {method} --model origin.h5 --directions {plane}.h5 model-0.h5 \
                 model-1.h5 model-2.h5 --output t.h5 --force"
            ));
            let found = Trajectory::read(&workdir.path("t.h5")).unwrap();
            for number in 0..3 {
                let wanted = &golden["coordinates"][format!("{plane} {method}")][number];
                let (x, y) = found.place(number);
                for (found, wanted) in [(x, &wanted[0]), (y, &wanted[1])] {
                    let off = (found - wanted.as_f64().unwrap()).abs();
                    assert!(off < 1e-6, "{plane} {method}: {found} for {wanted}");
                }
            }
        }
    }
}

/// With batch normalisation: its stored statistics move along (`states`), or are estimated anew.
#[test]
fn networks_on_a_plane_have_their_own_losses_there() {
    let workdir = Workdir::new();
    workdir.write_landscape(16);
    let third = "
import h5py, numpy as np, shutil
shutil.copy('model.h5', 'third.h5')
with h5py.File('third.h5', 'r+') as f:
    del f.attrs['id']
    for name in f['state']:
        value = f['state'][name]
        if value.dtype == np.float32 and value.ndim > 1:
            value[...] += np.float32(0.1) * np.abs(value[...]).mean() * np.sin(np.arange(value.size)).reshape(value.shape)
";
    python(&workdir, third);
    for (dir_type, options) in [
        ("states", ""),
        ("weights", "--recalibrate-bn 16 --recalibrate-batch 8"),
    ] {
        let eval = |model: &str, directions: &str, [x, y]: [f64; 2]| {
            workdir.ok(&format!(
                "eval-grid --model {model} --data data.h5 --directions {directions} {options} \
                 --split train --x={x}:{x}:1 --y={y}:{y}:1 --output s.h5 --force"
            ));
            workdir.ok("merge s.h5 --output surface.h5 --force");
            let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
            values(surface.metric("train_loss").unwrap())[0]
        };
        workdir.ok(&format!(
            "make-dirs --model model.h5 --target nets/model-0.h5 --target-y third.h5 --orthonormal \
             --dir-type {dir_type} --output plane.h5 --force"
        ));
        let marks = Mark::all(&Directions::read(&workdir.path("plane.h5")).unwrap().notes);
        for (mark, file) in marks[1..].iter().zip(["nets/model-0.h5", "third.h5"]) {
            workdir.ok(&format!("make-dirs --model {file} --output own.h5 --force"));
            let there = eval("model.h5", "plane.h5", mark.at);
            let own = eval(file, "own.h5", [0.0; 2]);
            assert!(
                (there / own - 1.0).abs() < 1e-6,
                "{dir_type} {file}: {there} on the plane, {own} itself"
            );
        }
    }
}

#[test]
fn runs_are_groups_and_their_files_in_the_order_of_training() {
    let workdir = walk();
    fs::create_dir(workdir.path("other")).unwrap();
    fs::copy(
        workdir.path("run/model-4.h5"),
        workdir.path("other/model-0.5.h5"),
    )
    .unwrap();
    workdir.ok("make-dirs --model model.h5 --pca run/model-*.h5 --output dirs.h5");
    workdir.ok(
        "project --model model.h5 --directions dirs.h5 --run sgd=run/model-*.h5 --run adam=other/*.h5 \
         --output t.h5",
    );
    let found = Trajectory::read(&workdir.path("t.h5")).unwrap();
    assert_eq!(found.runs, ["sgd", "adam"]);
    assert_eq!(found.run, [0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(found.checkpoints[0], "run/model-4.h5");
    assert_eq!(found.checkpoints[6], "run/model-10.h5");
    let [distance, residual] =
        [&found.distance, &found.residual].map(|values| values.as_ref().unwrap());
    // the last checkpoint is the model, the first of both runs is one file
    assert_eq!((distance[6], residual[6], found.x[6]), (0.0, 0.0, 0.0));
    assert_eq!((distance[0], found.x[0]), (distance[7], found.x[7]));
    let runs = found.by_run();
    assert_eq!(runs[1].0.as_deref(), Some("adam"));
    assert_eq!(runs[1].1.x, [found.x[7]]);

    for (line, said) in [
        (
            "--run a=run/model-4.h5 --run a=run/model-5.h5",
            "two runs the name a",
        ),
        ("--run sgd", "use NAME=PATTERN"),
        ("", "there are no checkpoints"),
        ("--run a=b-*.h5", "b-*.h5: no file matches"),
    ] {
        let stderr = workdir.fails(&format!(
            "project --model model.h5 --directions dirs.h5 {line} --output f.h5"
        ));
        assert!(stderr.contains(said), "{line}: {stderr}");
    }
    workdir.write_linear_model("small.h5", 8);
    let stderr =
        workdir.fails("project --model model.h5 --directions dirs.h5 small.h5 --output f.h5");
    assert!(
        stderr.contains("[10, 256]") && stderr.contains("[10, 64]"),
        "{stderr}"
    );
    let stderr =
        workdir.fails("project --model run/model-4.h5 --directions dirs.h5 model.h5 --output f.h5");
    assert!(
        stderr.contains("dirs.h5 was made with the model"),
        "{stderr}"
    );
}

/// Garipov et al. 2018: u = b - a, v = c - a less its part along u, both of unit length.
#[test]
fn a_plane_through_three_networks_has_them_where_they_are() {
    let workdir = walk();
    workdir.write_data("data.h5", 12, 16);
    workdir.ok(
        "make-dirs --model model.h5 --target run/model-5.h5 --target-y run/model-7.h5 --orthonormal \
         --dir-type states --output plane.h5",
    );
    let directions = Directions::read(&workdir.path("plane.h5")).unwrap();
    let marks = Mark::all(&directions.notes);
    let names: Vec<&str> = marks.iter().map(|mark| mark.name.as_str()).collect();
    assert_eq!(names, ["model", "model-5", "model-7"]);
    let place = "
a, b = vector('run/model-5.h5'), vector('run/model-7.h5')
u = a / np.linalg.norm(a)
v = b - (b @ u) * u
close(axis('plane.h5', 'x'), u, 1e-7)
close(axis('plane.h5', 'y'), v / np.linalg.norm(v), 1e-7)
print(np.linalg.norm(a), b @ u, np.linalg.norm(v))
";
    let printed = python(&workdir, &format!("{MODELS}{place}"));
    let wanted: Vec<f64> = printed
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    let found = [marks[1].at[0], marks[2].at[0], marks[2].at[1]];
    for (found, wanted) in found.iter().zip(&wanted) {
        assert!((found / wanted - 1.0).abs() < 1e-6, "{found:?}, {wanted:?}");
    }
    assert_eq!((marks[0].at, marks[1].at[1]), ([0.0, 0.0], 0.0));

    let loss = |dirs: &str, model: &str, [x, y]: [f64; 2]| {
        workdir.ok(&format!(
            "eval-grid --model {model} --data data.h5 --directions {dirs} --x={x}:{x}:1 --y={y}:{y}:1 \
             --output s.h5 --force"
        ));
        workdir.ok("merge s.h5 --output surface.h5 --force");
        let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
        assert_eq!(
            Mark::all(&surface.notes).len(),
            if dirs == "plane.h5" { 3 } else { 0 }
        );
        values(surface.metric("train_loss").unwrap())[0]
    };
    for (mark, file) in marks[1..].iter().zip(["run/model-5.h5", "run/model-7.h5"]) {
        workdir.ok(&format!("make-dirs --model {file} --output own.h5 --force"));
        let [there, own] = [
            loss("plane.h5", "model.h5", mark.at),
            loss("own.h5", file, [0.0; 2]),
        ];
        assert!(
            (there / own - 1.0).abs() < 1e-6,
            "{file}: {there} on the plane, {own} itself"
        );
    }

    let stderr = workdir.fails(
        "make-dirs --model model.h5 --target run/model-5.h5 --target-y run/model-5.h5 --orthonormal --output p.h5",
    );
    assert!(stderr.contains("lie on one line"), "{stderr}");
}

fn values(metric: &Metric) -> Vec<f64> {
    metric.values.iter().copied().collect()
}

#[test]
fn a_part_of_a_network_moves() {
    let workdir = walk();
    let moved = |options: &str| {
        let ran = workdir.ok(&format!(
            "make-dirs --model model.h5 {options} --output d.h5 --force"
        ));
        let directions = Directions::read(&workdir.path("d.h5")).unwrap();
        let moves: Vec<bool> = directions
            .x
            .iter()
            .map(|tensor| tensor.iter().any(|value| *value != 0.0))
            .collect();
        (ran.stderr, moves)
    };
    let (said, moves) = moved("--only *.weight");
    assert!(said.contains("2560 of 2570 weights move"), "{said}");
    assert_eq!(moves, [true, false]);
    assert_eq!(
        moved("--except *.weight --target run/model-4.h5 --dims 1").1,
        [false, true]
    );
    assert_eq!(moved("--xignore none").1, [true, true]);
    assert_eq!(
        moved("--pca run/model-*.h5 --xignore none --only *.bias").1,
        [false, true]
    );
    let stderr = workdir.fails("make-dirs --model model.h5 --only layer9.* --output e.h5");
    assert!(
        stderr.contains("layer9.* matches no tensor") && stderr.contains("linear.weight"),
        "{stderr}"
    );
    let stderr = workdir.fails("make-dirs --model model.h5 --only *.bias --output e.h5");
    assert!(
        stderr.contains("nothing moves: --xignore biasbn"),
        "{stderr}"
    );
}
