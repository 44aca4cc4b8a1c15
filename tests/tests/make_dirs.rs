//! make-dirs: the directions are those of the paper, whoever computes them.

use std::fs;

use files::{Contents, Directions};
use tests::{Workdir, python};

/// What numpy finds in the directions, against the weights.
const NORMS: &str = "
import h5py, numpy as np
def weights(path):
    with h5py.File(path) as f:
        entries = sorted((v.attrs['index'], v.attrs['role'], name) for name, v in f['state'].items())
        return [f['state'][name][()] for _, role, name in entries if role.decode() == 'parameter']
def direction(path, axis='x'):
    with h5py.File(path) as f:
        return [f[axis + 'direction'][str(k)][()] for k in range(len(f[axis + 'direction']))]
def filters(t): return np.linalg.norm(np.float64(t).reshape(len(t), -1), axis=1)
";

#[test]
fn norms_are_those_of_the_paper_by_numpy() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    for norm in ["filter", "layer", "weight", "dfilter", "dlayer", "none"] {
        workdir.ok(&format!(
            "make-dirs --model model.h5 --xnorm {norm} --output {norm}.h5"
        ));
        workdir.ok(&format!(
            "make-dirs --model model.h5 --xnorm {norm} --xignore none --output all-{norm}.h5"
        ));
    }
    let script = "
w, drawn = weights('model.h5'), direction('none.h5')
def close(a, b): assert np.allclose(a, b, rtol=1e-5, atol=1e-7), (a, b)
for name in ['filter', 'layer', 'weight', 'dfilter', 'dlayer', 'none']:
    for w_, d, raw, whole in zip(w, direction(name + '.h5'), drawn, direction('all-' + name + '.h5')):
        if w_.ndim <= 1:
            assert not d.any() and (whole == w_).all()
            continue
        assert d.shape == w_.shape and (d == whole).all()
        n = lambda t: np.linalg.norm(np.float64(t))
        if name == 'filter': close(filters(d), filters(w_))
        if name == 'layer': close(n(d), n(w_))
        if name == 'weight': close(d, raw * w_)
        if name == 'dfilter': close(filters(d), 1)
        if name == 'dlayer': close(n(d), 1)
        # a filter keeps its direction, whatever its length
        if name != 'weight': close(np.float64(d[0]) / n(d[0]), np.float64(raw[0]) / n(raw[0]))
entries = np.concatenate([d.ravel() for d in drawn if d.ndim > 1])
print(abs(entries.mean()) < 0.01, abs(entries.std() - 1) < 0.01)
";
    assert_eq!(
        python(&workdir, &format!("{NORMS}{script}")).trim(),
        "True True"
    );
}

#[test]
fn seeds_dimensions_and_axes() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    let make = |name: &str, options: &str| {
        let ran = workdir.ok(&format!(
            "make-dirs --model model.h5 {options} --output {name}.h5"
        ));
        (
            Directions::read(&workdir.path(&format!("{name}.h5"))).unwrap(),
            ran,
        )
    };
    let (two, ran) = make("two", "");
    assert!(
        ran.stderr.contains("cosine between x and y: ") || ran.stdout.contains("cosine"),
        "{ran:?}"
    );
    let (one, _) = make("one", "--dims 1");
    let (other, _) = make("other", "--seed 1");
    let (same, _) = make("same", "--same-dir");
    assert!(one.y.is_none() && one.x == two.x);
    assert!(other.x != two.x && other.y != two.y);
    assert_eq!(same.y.as_ref(), Some(&same.x));
    assert_ne!(two.y.as_ref(), Some(&two.x));
    assert_eq!(make("again", "").0.header.id, two.header.id);
}

#[test]
fn a_target_stands_at_one() {
    let workdir = Workdir::new();
    workdir.write_landscape(8);
    workdir.ok("make-dirs --model nets/model-0.h5 --target model.h5 --dir-type states --dims 1 --output to.h5");
    let eval = |model: &str, dirs: &str, x: &str, name: &str| {
        let line = format!(
            "eval-grid --model {model} --data data.h5 --directions {dirs} --x={x} --output s-{name}.h5"
        );
        workdir.ok(&line);
        workdir.ok(&format!("merge s-{name}.h5 --output {name}.h5"));
        let surface = files::Surface::read(&workdir.path(&format!("{name}.h5"))).unwrap();
        surface
            .metric("train_loss")
            .unwrap()
            .values
            .iter()
            .copied()
            .collect::<Vec<f64>>()
    };
    workdir.ok("make-dirs --model model.h5 --dims 1 --output at.h5");
    let (way, end) = (
        eval("nets/model-0.h5", "to.h5", "0:1:3", "way"),
        eval("model.h5", "at.h5", "0:0:1", "end"),
    );
    assert!(
        (way[2] / end[0] - 1.0).abs() < 1e-4,
        "{way:?} does not end at {end:?}"
    );

    workdir.write_linear_model("linear.h5", 16);
    let stderr = workdir.fails("make-dirs --model model.h5 --target linear.h5 --output d.h5");
    assert!(
        stderr.contains("linear.h5") && stderr.contains("model.h5"),
        "{stderr}"
    );
}

/// Changes the model of a landscape by a line of h5py, as another tool's that states no id.
fn change_model(workdir: &Workdir, change: &str) {
    let script = format!(
        "
import h5py
with h5py.File('model.h5', 'r+') as f:
    del f.attrs['id']
    {change}
"
    );
    python(workdir, &script);
}

#[test]
fn a_model_whose_training_diverged_is_refused() {
    let workdir = Workdir::new();
    workdir.write_landscape(8);
    change_model(
        &workdir,
        "f['state']['conv1.weight'][0, 0, 0, 0] = float('nan')",
    );
    for line in [
        "make-dirs --model model.h5",
        "make-dirs --model model.h5 --target nets/model-0.h5",
        "make-dirs --model nets/model-0.h5 --target model.h5",
    ] {
        let stderr = workdir.fails(&format!("{line} --output d.h5"));
        let said = "model.h5: \"conv1.weight\" holds NaN";
        assert!(stderr.contains(said), "{stderr}");
    }
}

#[test]
fn a_model_of_which_nothing_moves_is_refused() {
    let workdir = Workdir::new();
    workdir.write_landscape(8);
    change_model(&workdir, "del f['state']");
    let stderr = workdir.fails("make-dirs --model model.h5 --output d.h5");
    assert!(stderr.contains("model.h5: it holds no"), "{stderr}");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let workdir = Workdir::new();
    workdir.write_data("data.h5", 4, 16);
    fs::write(workdir.path("text.h5"), "not HDF5").unwrap();
    for (wrong, said) in [
        ("--model nowhere.h5", "nowhere.h5"),
        ("--model text.h5", "text.h5"),
        ("--model data.h5", "dataset"),
        ("--model m.h5 --xnorm spectral", "dfilter"),
        ("--model m.h5 --dims 1 --ynorm layer", "--dims 1 makes no y"),
        (
            "--model m.h5 --target b.h5 --xnorm layer",
            "cannot be used with",
        ),
        ("--model m.h5 --dims 3", "1..=2"),
    ] {
        let stderr = workdir.fails(&format!("make-dirs {wrong} --output d.h5"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}
