//! train and import-model: a network learns, its checkpoints are models, and PyTorch's are imported.

use files::{Contents, Model};
use tests::{Workdir, golden};

#[test]
fn a_network_learns_and_the_same_seed_gives_the_same_network() {
    let workdir = Workdir::new();
    workdir.write_data("data.h5", 64, 16);
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
    train("other", "--epochs 1 --seed 1");
    let id = |file: &str| Model::read(&workdir.path(file)).unwrap().header.id.clone();
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
