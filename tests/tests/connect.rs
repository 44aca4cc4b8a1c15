//! connect: the bend of a curve between two networks, whose loss is low along the curve.

use std::fs;

use files::{Contents, Dataset, Model, Note, Provenance, Shard, StateTensor, Target};
use ndarray::{ArrayD, Axis};
use tests::{Workdir, golden};

/// The network of `golden/training` and its eight examples, each of them 16 times: `net.h5` and
/// `data.h5`.
fn with_net() -> Workdir {
    let workdir = Workdir::new();
    let folder = golden("training");
    let shown = folder.display();
    workdir.ok(&format!(
        "import-data npz {shown}/data.npz --normalize none --output few.h5"
    ));
    workdir.ok(&format!(
        "import-model --program {shown}/net.pt2 --output net.h5"
    ));
    let mut data = Dataset::read(&workdir.path("few.h5")).unwrap().contents;
    for (_, examples) in &mut data.splits {
        for (_, input) in &mut examples.inputs {
            *input = repeated(input);
        }
        examples.targets = examples.targets.as_ref().map(repeated);
    }
    let target = Target::new(&workdir.path("data.h5"), true);
    data.write(&target, &Provenance::of_this_command(&[]))
        .unwrap();
    workdir
}

/// 16 times all examples, one after the other.
fn repeated(examples: &files::Tensor) -> files::Tensor {
    fn repeated<T: Clone>(array: &ArrayD<T>) -> ArrayD<T> {
        ndarray::concatenate(Axis(0), &vec![array.view(); 16]).unwrap()
    }
    match examples {
        files::Tensor::F32(array) => files::Tensor::F32(repeated(array)),
        files::Tensor::F64(array) => files::Tensor::F64(repeated(array)),
        files::Tensor::I64(array) => files::Tensor::I64(repeated(array)),
        files::Tensor::U8(array) => files::Tensor::U8(repeated(array)),
    }
}

/// A changed copy of a model.
fn write(workdir: &Workdir, from: &str, to: &str, change: impl Fn(&mut Model)) {
    let mut model = Model::read(&workdir.path(from)).unwrap().contents;
    change(&mut model);
    let target = Target::new(&workdir.path(to), true);
    model
        .write(&target, &Provenance::of_this_command(&[]))
        .unwrap();
}

fn entry<'a>(model: &'a mut Model, name: &str) -> &'a mut StateTensor {
    let entries = &mut model.state;
    entries.iter_mut().find(|entry| entry.name == name).unwrap()
}

/// Reverses the order of the channels between the layers: the same network with other weights.
fn with_other_channels(model: &mut Model) {
    for (name, axis) in [
        ("conv.weight", 0),
        ("norm.weight", 0),
        ("norm.bias", 0),
        ("norm.running_mean", 0),
        ("norm.running_var", 0),
        ("linear.weight", 1),
    ] {
        let tensor = &mut entry(model, name).tensor;
        let mut values: ArrayD<f32> = tensor.to_f32().to_owned();
        values.invert_axis(Axis(axis));
        *tensor = files::Tensor::F32(values.as_standard_layout().to_owned());
    }
}

/// The same network twice, `a.h5` and `b.h5`, with channels in another order.
fn with_ends() -> Workdir {
    let workdir = with_net();
    fs::rename(workdir.path("net.h5"), workdir.path("a.h5")).unwrap();
    write(&workdir, "a.h5", "b.h5", with_other_channels);
    workdir
}

/// The same, trained: their middle is poor.
fn with_trained_ends() -> Workdir {
    let workdir = with_net();
    workdir.ok(
        "train --program net.h5 --data data.h5 -o nets --epochs 4 --save-every 4 --batch 8 \
         --augment none --schedule constant --weight-decay 0 --device cpu --quiet",
    );
    fs::rename(workdir.path("nets/model-4.h5"), workdir.path("a.h5")).unwrap();
    write(&workdir, "a.h5", "b.h5", with_other_channels);
    workdir
}

const CONNECT: &str =
    "connect --model a.h5 --target b.h5 --data data.h5 --augment none --device cpu";

/// Losses of the train split where x leads to b.h5 and y to a bend, each recalibrated.
fn losses(workdir: &Workdir, bend: &str, x: &str, y: &str) -> Vec<f64> {
    workdir.ok(&format!(
        "make-dirs --model a.h5 --target b.h5 --target-y {bend} --output plane.h5 --force"
    ));
    workdir.ok(&format!(
        "eval-grid --model a.h5 --data data.h5 --directions plane.h5 --split train --x={x} --y={y} \
         --recalibrate-bn 8 --recalibrate-batch 8 --output shard.h5 --force"
    ));
    train_losses(workdir, "shard.h5")
}

fn train_losses(workdir: &Workdir, file: &str) -> Vec<f64> {
    let shard = Shard::read(&workdir.path(file)).unwrap();
    let mut metrics = shard.metrics.iter();
    let loss = metrics.find(|metric| metric.name == "train_loss");
    loss.unwrap().values.iter().copied().collect()
}

#[test]
fn the_loss_along_a_curve_is_below_that_of_the_straight_line() {
    let workdir = with_trained_ends();
    let train = "--batch 8 --epochs 10 --lr 0.05 --schedule constant --weight-decay 0 --quiet";
    // the middle of the line is at (1/2, 0)
    workdir.ok(&format!("{CONNECT} {train} --output bend.h5"));
    let line = losses(&workdir, "bend.h5", "0:1:3", "0:1:2");
    let [end, middle, other] = [line[0], line[1], line[2]];
    assert!(middle > 3.0 * end.max(other), "{line:?}");
    // a Bezier curve is at x = t², y = 2t(1-t): t = 1/2 and 1/4
    let half = losses(&workdir, "bend.h5", "0.25:0.75:2", "0.5:1:2")[0];
    let quarter = losses(&workdir, "bend.h5", "0.0625:0.75:2", "0.375:1:2")[0];
    assert!(
        half < middle / 2.0 && quarter < middle / 2.0,
        "{middle}: {half}, {quarter}"
    );

    workdir.ok(&format!(
        "{CONNECT} {train} --curve chain --output chain.h5"
    ));
    // the bend itself, and halfway to it
    let chain = losses(&workdir, "chain.h5", "0:0.5:2", "0.5:1:2");
    assert!(
        chain[0] < middle / 2.0 && chain[2] < middle / 2.0,
        "{middle}: {chain:?}"
    );

    let model = Model::read(&workdir.path("chain.h5")).unwrap();
    let note = |name: &str| {
        let found = model.notes.iter().find(|(known, _)| known == name);
        found.unwrap().1.clone()
    };
    assert_eq!(note("curve"), Note::Text("chain".into()));
    assert_eq!(note("epoch"), Note::Integer(10));
    for (name, file) in [("curve_start", "a.h5"), ("curve_end", "b.h5")] {
        let id = Model::read(&workdir.path(file)).unwrap().header.id.clone();
        assert_eq!(note(name), Note::Text(id));
    }
    // a complete model, whose running statistics are those of the bend
    workdir.ok("make-dirs --model chain.h5 --target a.h5 --dims 1 --output back.h5");
    workdir.ok(
        "eval-grid --model chain.h5 --data data.h5 --directions back.h5 --split train --x=0:1:2 \
         --output stored.h5",
    );
    let stored = train_losses(&workdir, "stored.h5")[0];
    assert!((stored / chain[2] - 1.0).abs() < 1e-4, "{stored} {chain:?}");
}

#[test]
fn without_a_step_the_bend_is_the_middle() {
    let workdir = with_ends();
    workdir.ok(&format!(
        "{CONNECT} --lr 0 --epochs 1 --batch 4 --quiet --output bend.h5"
    ));
    let [a, b, bend] = ["a.h5", "b.h5", "bend.h5"].map(|file| {
        let model = Model::read(&workdir.path(file)).unwrap();
        let mut numbers = Vec::new();
        for entry in model.parameters() {
            numbers.extend(entry.tensor.to_f32().iter().copied());
        }
        numbers
    });
    assert_eq!(a.len(), bend.len());
    for ((a, b), bend) in a.iter().zip(&b).zip(&bend) {
        assert_eq!(*bend, 0.5 * a + 0.5 * b);
    }
}

#[test]
fn a_killed_training_of_a_bend_goes_on_to_the_same_bits() {
    let workdir = with_ends();
    let connect = |name: &str, epochs: usize| {
        format!(
            "{CONNECT} --batch 8 --epochs {epochs} --optimizer adamw --schedule cosine --seed 3 \
             --log {name}.csv --output {name}.h5"
        )
    };
    let id = |name: &str| Model::read(&workdir.path(name)).unwrap().header.id.clone();
    let ran = workdir.ok(&connect("whole", 8));
    assert_eq!(ran.stdout.lines().count(), 9);
    assert!(
        ran.stdout
            .starts_with("epoch\trate\ttrain_loss\ttrain_err\tseconds\n1\t")
    );
    let mut running = workdir.start(&connect("killed", 8));
    let resume = workdir.path("killed.h5.resume");
    running.wait_until(|_| resume.exists());
    running.signal("KILL");
    running.end();
    if resume.exists() {
        let stderr = workdir.fails(&connect("killed", 9));
        assert!(
            stderr.contains("--epochs 8") && stderr.contains("--epochs 9"),
            "{stderr}"
        );
        let ran = workdir.ok(&connect("killed", 8));
        assert!(ran.stderr.contains("resuming after"), "{}", ran.stderr);
    }
    assert_eq!(id("whole.h5"), id("killed.h5"));
    let [whole, killed] =
        ["whole.csv", "killed.csv"].map(|log| fs::read_to_string(workdir.path(log)).unwrap());
    assert_eq!(whole, killed);
    assert!(!resume.exists());

    let stderr = workdir.fails(&connect("whole", 8));
    assert!(
        stderr.contains("whole.h5 exists: --force overwrites it"),
        "{stderr}"
    );
    workdir.ok(&format!(
        "{} --force --seed 4",
        connect("whole", 8).replace("--seed 3", "")
    ));
    assert_ne!(id("whole.h5"), id("killed.h5"));
}

#[test]
fn networks_that_no_curve_connects_are_refused() {
    let workdir = with_net();
    write(&workdir, "net.h5", "other.h5", with_other_channels);
    write(&workdir, "other.h5", "program.h5", |model| {
        model.program = model.program.replace("0.00001", "0.001");
    });
    write(&workdir, "other.h5", "shape.h5", |model| {
        entry(model, "linear.bias").tensor = files::Tensor::F32(ArrayD::zeros(vec![4]));
    });
    write(&workdir, "other.h5", "name.h5", |model| {
        entry(model, "linear.bias").name = "linear.offset".into();
    });
    write(&workdir, "other.h5", "role.h5", |model| {
        entry(model, "linear.bias").role = files::Role::Buffer;
    });
    write(&workdir, "net.h5", "statistics.h5", |model| {
        entry(model, "norm.running_mean").tensor = files::Tensor::F32(ArrayD::ones(vec![4]));
    });
    for (target, said) in [
        ("net.h5", "have the same weights"),
        ("statistics.h5", "have the same weights"),
        ("program.h5", "have two programs"),
        (
            "shape.h5",
            "are of two architectures: linear.bias [3] against linear.bias [4]",
        ),
        ("name.h5", "are of two architectures"),
        (
            "role.h5",
            "linear.bias is a parameter (f32) against a buffer (f32)",
        ),
    ] {
        let stderr = workdir.fails(&format!(
            "connect --model net.h5 --target {target} --data data.h5 --output bend.h5"
        ));
        let both = format!("net.h5 and {target}");
        assert!(stderr.contains(said) && stderr.contains(&both), "{stderr}");
    }
    let connect = "connect --model net.h5 --target other.h5 --data data.h5";
    for (options, said) in [
        ("--output other.h5", "other.h5 is the input"),
        (
            "--output bend.h5 --loss regression",
            "both must have the same shape",
        ),
        (
            "--output bend.h5 --lr 1e30 --batch 2",
            "the loss of the training set is",
        ),
    ] {
        let stderr = workdir.fails(&format!("{connect} {options}"));
        assert!(stderr.contains(said), "{stderr}");
    }
}
