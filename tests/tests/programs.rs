//! Any model: programs of torch.export through the whole pipeline, against PyTorch (`golden/programs/make.py`).

use std::{collections::BTreeMap, fs};

use files::{Contents, Model, Surface};
use tests::{Workdir, golden, python};

/// The loss and the second value at three points of the way from A to B.
type Expected = BTreeMap<String, Vec<(f64, Option<f64>)>>;

fn expected() -> Expected {
    serde_json::from_str(&fs::read_to_string(golden("programs/expected.json")).unwrap()).unwrap()
}

fn program(name: &str) -> String {
    golden(&format!("programs/{name}")).display().to_string()
}

/// Imports the program, its data, and the other weights as a target.
fn import(workdir: &Workdir, name: &str, other: &str, data: &str) {
    let (pt2, npz, other) = (
        program(&format!("{name}.pt2")),
        program(&format!("{name}.npz")),
        program(other),
    );
    workdir.ok(&format!("import-data npz {npz} {data} --output data.h5"));
    workdir.ok(&format!("import-model --program {pt2} --output a.h5"));
    workdir.ok(&format!(
        "import-model --program {pt2} --checkpoint {other} --output b.h5"
    ));
    workdir.ok("make-dirs --model a.h5 --target b.h5 --dims 1 --output dirs.h5");
}

/// Evaluates three points of the way and compares them.
fn compare(name: &str, other: &str, data: &str, eval: &str, second: Option<&str>) {
    let workdir = Workdir::new();
    import(&workdir, name, other, data);
    workdir
        .ok(&format!("eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=0:1:3 {eval} --output shard.h5"));
    workdir.ok("merge shard.h5 --output surface.h5");
    let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
    let losses = &surface.metric("train_loss").unwrap().values;
    for (k, (loss, value)) in expected()[name].iter().enumerate() {
        let error = losses[[k]] / loss - 1.0;
        assert!(
            error.abs() < 1e-5,
            "{name}: the loss at {k} is {} and should be {loss}",
            losses[[k]]
        );
        let found = second.map(|second| surface.metric(second).unwrap().values[[k]]);
        let close = |(found, wanted): (f64, f64)| (found / wanted - 1.0).abs() < 1e-5;
        assert!(
            found.zip(*value).is_none_or(close),
            "{name}: {found:?} at {k} should be {value:?}"
        );
        assert_eq!(found.is_some(), value.is_some(), "{name}");
    }
    assert_eq!(
        surface.metrics.len(),
        1 + usize::from(second.is_some()),
        "{name}"
    );
}

#[test]
fn archives_of_older_versions_of_pytorch() {
    for (name, version) in [("vit", "2.6"), ("gpt", "2.8")] {
        let workdir = Workdir::new();
        let program = program(&format!("{name}-{version}.pt2"));
        workdir.ok(&format!("import-model --program {program} --output a.h5"));
        workdir.ok(&format!(
            "import-data npz {} --output data.h5",
            self::program(&format!("{name}.npz"))
        ));
        workdir.ok("make-dirs --model a.h5 --dims 1 --seed 1 --output dirs.h5");
        workdir.ok("eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=0:0:1 --output shard.h5");
        workdir.ok("merge shard.h5 --output surface.h5");
        let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
        let expected = golden(&format!("programs/expected-{version}.json"));
        let (loss, accuracy): (f64, f64) =
            serde_json::from_str(&fs::read_to_string(expected).unwrap()).unwrap();
        let found =
            ["train_loss", "train_acc"].map(|metric| surface.metric(metric).unwrap().values[[0]]);
        assert!(
            (found[0] / loss - 1.0).abs() < 1e-6,
            "{name} {version}: {found:?}, should be {loss}"
        );
        assert!(
            (found[1] - accuracy).abs() < 1e-9,
            "{name} {version}: {found:?}, should be {accuracy}"
        );
    }
}

#[test]
fn a_cnn_that_was_exported_in_training_is_evaluated() {
    compare(
        "cnn",
        "cnn-b.pt",
        "--normalize 0.5/0.25",
        "",
        Some("train_acc"),
    );
    let workdir = Workdir::new();
    let ran = workdir.ok(&format!(
        "import-model --program {} --output a.h5",
        program("cnn.pt2")
    ));
    assert!(
        ran.stderr
            .contains("warning: 2 calls were exported as in training"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_vision_transformer() {
    compare(
        "vit",
        "vit-b.safetensors",
        "",
        "--batch 8",
        Some("train_acc"),
    );
}

#[test]
fn a_gpt_with_tied_weights_and_ignored_targets() {
    compare("gpt", "gpt-b.pt", "", "", Some("train_acc"));
    let workdir = Workdir::new();
    workdir.ok(&format!(
        "import-model --program {} --output a.h5",
        program("gpt.pt2")
    ));
    let model = Model::read(&workdir.path("a.h5")).unwrap();
    let names: Vec<&str> = model
        .state
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert!(
        names.contains(&"tokens.weight") && !names.contains(&"head.weight"),
        "{names:?}"
    );
    assert_eq!(names.last(), Some(&"known"), "constants come last");
}

#[test]
fn a_regression_in_f64_of_two_named_inputs_for_one_batch_size() {
    compare("mlp", "mlp-b.npz", "", "--loss regression", None);
    let workdir = Workdir::new();
    import(&workdir, "mlp", "mlp-b.npz", "");
    let eval = "eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=0:1:3 --output s.h5";
    let stderr = workdir.fails(&format!("{eval} --loss regression --batch 8"));
    assert!(
        stderr.contains("exported for batches of 7, --batch is 8"),
        "{stderr}"
    );
    let stderr = workdir.fails(eval);
    assert!(
        stderr
            .contains("the train targets are f64, the loss crossentropy wants classes (integers)"),
        "{stderr}"
    );
    let stderr = workdir.fails(&format!("{eval} --loss program"));
    assert!(
        stderr.contains("must return one value per example"),
        "{stderr}"
    );
}

#[test]
fn a_loss_of_the_program_s_own_with_a_metric() {
    compare(
        "physics",
        "physics-b.npz",
        "",
        "--loss program",
        Some("train_metric"),
    );
}

#[test]
fn what_does_not_fit_a_program_is_refused_by_name() {
    let workdir = Workdir::new();
    let wrong = program("vit-b.safetensors");
    let stderr = workdir.fails(&format!(
        "import-model --program {} --checkpoint {wrong} --output m.h5",
        program("gpt.pt2")
    ));
    assert!(
        stderr.contains("other weights than the program wants\n  missing (")
            && stderr.contains("unexpected ("),
        "{stderr}"
    );
    let stderr = workdir.fails(&format!("import-model --program {wrong} --output m.h5"));
    assert!(
        stderr.contains("torch.export.save(torch.export.export(…), FILE) writes one"),
        "{stderr}"
    );

    // an operator of another library, in the zip archive of the program itself
    python(
        &workdir,
        &format!(
            "import zipfile
with zipfile.ZipFile('{}') as old, zipfile.ZipFile('new.pt2', 'w') as new:
    for name in old.namelist():
        new.writestr(name, old.read(name).replace(b'torch.ops.aten.linear.default', b'torch.ops.torchvision.nms.default'))
",
            program("vit.pt2")
        ),
    );
    let stderr = workdir.fails("import-model --program new.pt2 --output m.h5");
    let said = [
        "call ",
        "torch.ops.torchvision.nms.default",
        "make.py\", line ",
        "of torchvision, which does not exist outside Python",
    ];
    assert!(said.iter().all(|said| stderr.contains(said)), "{stderr}");
}

#[test]
fn checkpoints_of_every_kind_are_inspected() {
    let workdir = Workdir::new();
    for (file, line) in [
        ("vit-b.safetensors", "head.bias"),
        ("gpt-b.pt", "tokens.weight"),
        ("mlp-b.npz", "layers.0.weight"),
        ("gpt.pt2", "head.weight"),
    ] {
        let listed = workdir
            .ok(&format!("import-model --inspect {}", program(file)))
            .stdout;
        let line = listed
            .lines()
            .find(|found| found.starts_with(line))
            .unwrap_or_else(|| panic!("{file}: {listed}"));
        assert!(line.contains("norm "), "{line}");
    }
    let one = "{\"weight_map\": {\"head.bias\": \"vit-b.safetensors\"}}";
    fs::write(workdir.path("model.safetensors.index.json"), one).unwrap();
    fs::copy(
        program("vit-b.safetensors"),
        workdir.path("vit-b.safetensors"),
    )
    .unwrap();
    assert!(
        workdir
            .ok("import-model --inspect model.safetensors.index.json")
            .stdout
            .contains("head.bias")
    );
    fs::write(workdir.path("index.json"), one.replace("vit-b", "../vit-b")).unwrap();
    let stderr = workdir.fails("import-model --inspect index.json");
    assert!(stderr.contains("no file beside it"), "{stderr}");
}
