//! train and import-model: a network learns, its checkpoints are models, and PyTorch's are imported.

use std::{collections::BTreeMap, fs};

use files::{Contents, Model, Note};
use tests::{Workdir, golden};

/// The id of a model.
fn id(workdir: &Workdir, file: &str) -> String {
    Model::read(&workdir.path(file)).unwrap().header.id.clone()
}

/// All numbers of the entries of a model that are chosen by their names, one after the other.
fn numbers(workdir: &Workdir, file: &str, chosen: impl Fn(&str) -> bool) -> Vec<f32> {
    let model = Model::read(&workdir.path(file)).unwrap();
    let mut numbers = Vec::new();
    for entry in model.contents.state {
        if entry.tensor.is_float() && chosen(&entry.name) {
            numbers.extend(entry.tensor.to_f32());
        }
    }
    numbers
}

fn is_running(name: &str) -> bool {
    name.contains("running")
}

fn assert_near(what: &str, found: &[f32], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let off = (f64::from(*found) - wanted).abs();
        assert!(
            off < tolerance,
            "{what}, number {place}: {found} should be {wanted}"
        );
    }
}

/// Files that are made by `golden/training/make.py`: `net.h5`, `loss.h5`, `data.h5` and what
/// PyTorch makes of them.
fn with_pytorch(workdir: &Workdir) -> BTreeMap<String, Vec<f64>> {
    let folder = golden("training");
    let shown = folder.display();
    workdir.ok(&format!(
        "import-data npz {shown}/data.npz --normalize none --output data.h5"
    ));
    for name in ["net", "loss"] {
        workdir.ok(&format!(
            "import-model --program {shown}/{name}.pt2 --output {name}.h5"
        ));
    }
    serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap()
}

#[test]
fn a_network_learns_and_the_same_seed_gives_the_same_network() {
    let workdir = Workdir::new();
    workdir.write_data("data.h5", 32, 16);
    let train = |folder: &str, options: &str| {
        workdir.ok(&format!(
            "train --arch resnet20 --data data.h5 --output-dir {folder} --batch 16 --lr 0.05 --augment none \
             --quiet {options}"
        ))
    };
    let ran = train("nets", "--epochs 4 --save-every 3");
    let losses: Vec<f64> = ran
        .stdout
        .lines()
        .skip(1)
        .map(|l| l.split('\t').nth(2).unwrap().parse().unwrap())
        .collect();
    assert_eq!(losses.len(), 4);
    assert!(losses[3] < losses[0] * 0.8, "it did not learn: {losses:?}");
    let kept: Vec<bool> = (0..=4)
        .map(|epoch| workdir.path(&format!("nets/model-{epoch}.h5")).exists())
        .collect();
    assert_eq!(kept, [true, false, false, true, true]);

    train("again", "--epochs 4");
    train("other", "--epochs 1 --limit 16 --seed 1");
    let id = |file: &str| id(&workdir, file);
    assert_eq!(id("nets/model-4.h5"), id("again/model-4.h5"));
    assert_ne!(id("nets/model-0.h5"), id("other/model-0.h5"));
    let stderr = workdir.fails("train --arch resnet20 --data data.h5 --output-dir nets --epochs 4");
    assert!(
        stderr.contains("model-0.h5 exists: --force overwrites it"),
        "{stderr}"
    );
}

#[test]
fn a_checkpoint_of_pytorch_becomes_a_model() {
    let workdir = Workdir::new();
    let checkpoint = golden("checkpoints/float.t7");
    let import = |arch: &str, file: &std::path::Path| {
        format!(
            "import-model --arch {arch} --checkpoint {} --output model.h5",
            file.display()
        )
    };
    workdir.ok(&import("resnet20", &checkpoint));
    let model = Model::read(&workdir.path("model.h5")).unwrap();
    assert_eq!(
        model
            .parameters()
            .map(|entry| entry.tensor.len())
            .sum::<usize>(),
        272_474
    );
    assert_eq!(model.architecture, "resnet20");
    let stderr = workdir.fails(&import("resnet20", &checkpoint));
    assert!(
        stderr.contains("model.h5 exists: --force overwrites it"),
        "{stderr}"
    );

    let workdir = Workdir::new();
    let stderr = workdir.fails(&import("resnet56", &checkpoint));
    assert!(stderr.contains("--arch resnet20 imports it"), "{stderr}");
    let stderr = workdir.fails(&import("resnet21", &checkpoint));
    assert!(stderr.contains("resnet20"), "{stderr}");
    std::fs::write(workdir.path("text.pt"), "weights").unwrap();
    let stderr = workdir.fails(&import("resnet20", &workdir.path("text.pt")));
    assert!(
        stderr.contains("text.pt") && stderr.contains("no checkpoint that relief knows"),
        "{stderr}"
    );
    let list = workdir.ok("import-model --list").stdout;
    assert!(
        list.lines()
            .any(|line| line.split_whitespace().eq(["resnet56", "855770"])),
        "{list}"
    );
}

#[test]
fn optimizers_make_the_steps_of_pytorch() {
    let workdir = Workdir::new();
    let expected = with_pytorch(&workdir);
    let adam = "--optimizer adam --schedule constant";
    for (name, options) in [
        ("sgd", "--schedule constant"),
        (
            "plain",
            "--schedule constant --no-nesterov --weight-decay 0",
        ),
        ("adam", adam),
        (
            "betas",
            &format!("{adam} --lr 0.01 --beta1 0.8 --beta2 0.95 --eps 1e-4 --weight-decay 0"),
        ),
        ("adamw", "--optimizer adamw --schedule constant"),
        ("cosine", "--optimizer adamw --lr 0.01 --schedule cosine"),
        ("mse", &format!("{adam} --lr 0.01 --loss mse")),
    ] {
        workdir.ok(&format!(
            "train --program net.h5 --data data.h5 -o nets --batch 8 --epochs 5 --augment none \
             --device cpu --quiet --force {options}"
        ));
        let found = numbers(&workdir, "nets/model-5.h5", |name| !is_running(name));
        assert_near(name, &found, &expected[name], 2e-6);
    }
    // forward and backward in bf16, which PyTorch's autocast rounds a little elsewhere: a rounding
    // is off by 2^-9 at most, and the steps move these weights by some tenths
    workdir.ok(
        "train --program net.h5 --data data.h5 -o nets --batch 8 --epochs 5 --augment none \
         --device cpu --quiet --force --schedule constant --precision bf16",
    );
    let mut found = numbers(&workdir, "nets/model-5.h5", |name| !is_running(name));
    let parameters = found.len();
    found.extend(numbers(&workdir, "nets/model-5.h5", is_running));
    assert_near("bf16", &found, &expected["bf16"], 2e-3);
    let single: Vec<f32> = expected["sgd"]
        .iter()
        .map(|number| *number as f32)
        .collect();
    assert!(found[..parameters] != single[..]);
    // the program computes the loss itself
    workdir.ok(
        "train --program loss.h5 --data data.h5 -o nets --batch 8 --epochs 5 --augment none \
         --device cpu --quiet --force --schedule constant --loss program",
    );
    let found = numbers(&workdir, "nets/model-5.h5", |name| !is_running(name));
    assert_near("program", &found, &expected["sgd"], 2e-6);
}

#[test]
fn averages_are_those_of_pytorch() {
    let workdir = Workdir::new();
    let expected = with_pytorch(&workdir);
    let train = "train --program net.h5 --data data.h5 -o nets --augment none --device cpu \
                 --quiet --force --schedule constant";
    for (name, options) in [
        ("swa", "--average swa --average-from 2"),
        ("ema", "--average ema --ema-decay 0.7"),
    ] {
        workdir.ok(&format!("{train} --batch 8 --epochs 5 {options}"));
        let file = "nets/model-average.h5";
        let mut found = numbers(&workdir, file, |name| !is_running(name));
        found.extend(numbers(&workdir, file, is_running));
        assert_near(name, &found, &expected[name], 2e-6);
    }
    // weights that stay: what is left is the mean over the batches of the training set
    workdir.ok(&format!(
        "{train} --batch 3 --epochs 1 --lr 0 --average swa"
    ));
    let found = numbers(&workdir, "nets/model-average.h5", is_running);
    assert_near("statistics", &found, &expected["statistics"], 2e-6);
    let start = numbers(&workdir, "net.h5", |name| !is_running(name));
    let same = numbers(&workdir, "nets/model-average.h5", |name| !is_running(name));
    assert_eq!(start, same);
}

#[test]
fn checkpoints_within_epochs_and_a_table_of_steps() {
    let workdir = Workdir::new();
    with_pytorch(&workdir);
    let train = "train --program net.h5 --data data.h5 --batch 2 --augment none --device cpu";
    workdir.ok(&format!(
        "{train} -o nets --epochs 2 --save-every 0.25 --log log.csv --schedule cosine --warmup 0.5 \
         --quiet"
    ));
    for name in [
        "0", "0.25", "0.50", "0.75", "1", "1.25", "1.50", "1.75", "2",
    ] {
        let model = Model::read(&workdir.path(&format!("nets/model-{name}.h5"))).unwrap();
        let epoch = model.notes.iter().find(|(name, _)| name == "epoch");
        let epoch = match &epoch.unwrap().1 {
            Note::Integer(epoch) => *epoch as f64,
            Note::Real(epoch) => *epoch,
            Note::Text(_) => f64::NAN,
        };
        assert_eq!(epoch, name.parse::<f64>().unwrap());
    }
    let log = fs::read_to_string(workdir.path("log.csv")).unwrap();
    let rows: Vec<Vec<f64>> = log
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert!(log.starts_with("step,epoch,rate,loss,error\n"), "{log}");
    let column = |k: usize| rows.iter().map(|row| row[k]).collect::<Vec<_>>();
    assert_eq!(column(0), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert_eq!(column(1), [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
    let rates = column(2);
    assert_eq!(rates[..3], [0.05, 0.1, 0.1]);
    assert!(
        (rates[5] - 0.05).abs() < 1e-12 && rates[7] < rates[6],
        "{rates:?}"
    );

    for (options, said) in [
        (
            "--save-every 0.1",
            "--save-every is less than one of the 4 steps of an epoch",
        ),
        ("--save-every 1e-1", "invalid number of epochs \"1e-1\""),
        (
            "--optimizer adam --momentum 0.5",
            "--momentum does nothing with --optimizer adam",
        ),
        (
            "--schedule cosine --lr-decay 0.5",
            "--lr-decay does nothing",
        ),
        (
            "--ema-decay 0.5",
            "--ema-decay does nothing without --average ema",
        ),
        ("--loss regression", "both must have the same shape"),
    ] {
        fs::create_dir_all(workdir.path("wrong")).unwrap();
        let stderr = workdir.fails(&format!("{train} -o wrong --epochs 1 {options}"));
        assert!(stderr.contains(said), "{stderr}");
    }
}

#[test]
fn a_killed_training_goes_on_to_the_same_bits() {
    let workdir = Workdir::new();
    workdir.write_data("data.h5", 32, 16);
    let train = |folder: &str, epochs: usize| {
        format!(
            "train --arch resnet20 --data data.h5 -o {folder} --epochs {epochs} --batch 8 \
             --optimizer adamw --schedule cosine --save-every 0.5 --average swa --device cpu \
             --log {folder}.csv"
        )
    };
    workdir.ok(&format!("{} --quiet", train("whole", 3)));
    for first in ["model-0.5.h5", "model-1.h5", "model-2.5.h5"] {
        let mut running = workdir.start(&train("killed", 3));
        let file = workdir.path("killed").join(first);
        running.wait_until(|_| file.exists());
        running.signal("KILL");
        running.end();
        if workdir.path("killed/.resume.h5").exists() {
            let stderr = workdir.fails(&train("killed", 4));
            assert!(
                stderr.contains("--epochs 3") && stderr.contains("--epochs 4"),
                "{stderr}"
            );
            let ran = workdir.ok(&train("killed", 3));
            assert!(ran.stderr.contains("resuming after"), "{}", ran.stderr);
        }
        for name in ["0", "0.5", "1", "1.5", "2", "2.5", "3", "average"] {
            let file = format!("model-{name}.h5");
            let [whole, killed] =
                ["whole", "killed"].map(|of| id(&workdir, &format!("{of}/{file}")));
            assert_eq!(whole, killed, "{file}");
        }
        let [whole, killed] =
            ["whole.csv", "killed.csv"].map(|log| fs::read_to_string(workdir.path(log)).unwrap());
        assert_eq!(whole, killed);
        assert!(!workdir.path("killed/.resume.h5").exists());
        fs::remove_dir_all(workdir.path("killed")).unwrap();
        fs::remove_file(workdir.path("killed.csv")).unwrap();
    }
}
