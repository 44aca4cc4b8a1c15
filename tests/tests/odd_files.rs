//! Pipes, folders and full devices where files are wanted: one error, never a wait and never a panic.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use tests::Workdir;

const STAGES: [&str; 10] = [
    "import-data",
    "import-model",
    "make-dirs",
    "merge",
    "render",
    "to-vtp",
    "to-table",
    "plan",
    "eval-grid",
    "train",
];

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_and_folders_are_no_files() {
    let workdir = Workdir::new();
    make_pipe(&workdir.path("pipe"));
    make_pipe(&workdir.path("pipe.gz"));
    fs::create_dir(workdir.path("folder")).unwrap();
    workdir.write_surface("s.h5", 3, 3, |x, _| Some(x));
    fs::create_dir_all(workdir.path("images/cat")).unwrap();
    make_pipe(&workdir.path("images/cat/a.png"));
    for line in [
        "plan pipe --output-dir out",
        "import-model --arch resnet20 --checkpoint pipe --output m.h5",
        "import-model --program pipe --output m.h5",
        "import-model --inspect pipe",
        "import-data npz pipe --output d.h5",
        "import-data cifar10 pipe --output d.h5",
        "import-data folder images --output d.h5",
        "render s.h5 --plot heat --font pipe --output p.png",
    ] {
        let said = workdir.fails(line);
        assert!(
            said.contains("it is a pipe, not a regular file"),
            "{line}: {said}"
        );
    }
    let said = workdir.fails("plan folder --output-dir out");
    assert!(
        said.contains("it is a folder, not a regular file"),
        "{said}"
    );
}

#[test]
fn a_pipe_among_idx_files_is_not_waited_for() {
    let workdir = Workdir::new();
    fs::create_dir(workdir.path("idx")).unwrap();
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
        make_pipe(&workdir.path("idx").join(name));
    }
    workdir.fails("import-data idx idx --output d.h5");
}

#[test]
fn no_stage_panics_where_nothing_can_be_said() {
    let workdir = Workdir::new();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for stage in STAGES {
        for (arguments, out, err) in [
            ("--help", true, false),
            ("--version", true, true),
            ("--nonsense", false, true),
            ("", true, true),
        ] {
            let line = format!("{stage} {arguments}");
            let mut command = workdir.command(&line);
            command.stdout(if out { full().into() } else { Stdio::piped() });
            command.stderr(if err { full().into() } else { Stdio::piped() });
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                matches!(output.status.code(), Some(0..=2)),
                "{line}: {:?}",
                output.status
            );
            assert!(!said.contains("panicked"), "{line}: {said}");
        }
    }
}

#[test]
fn data_that_cannot_be_printed_are_an_error() {
    let workdir = Workdir::new();
    workdir.write_surface("s.h5", 3, 3, |x, _| Some(x));
    workdir.write_data("data.h5", 4, 16);
    for (line, status) in [
        ("import-model --list", 1),
        ("plan --schema", 1),
        ("render s.h5 --plot heat --output -", 1),
        // 1 would say that they differ
        ("inspect --diff s.h5 s.h5", 2),
        (
            "train --arch resnet20 --data data.h5 --output-dir nets --epochs 1 --quiet",
            1,
        ),
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = workdir.command(line).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{line}");
        assert!(
            said.starts_with("error: stdout cannot be written to"),
            "{line}: {said}"
        );
    }
    // the training itself went on
    assert!(workdir.path("nets/model-1.h5").exists());
}

/// A log on a full disk must not cost a study its points.
#[test]
fn measuring_goes_on_where_nobody_can_be_told() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(20);
    let line = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=-1:1:3 --output";
    workdir.ok(&format!("{line} heard.h5"));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let line = format!("{line} unheard.h5");
    let status = workdir.command(&line).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let read = |name: &str| fs::read(workdir.path(name)).unwrap().len();
    assert!(read("unheard.h5") > 0 && read("heard.h5") > 0);
    assert!(
        !workdir
            .names()
            .iter()
            .any(|name| name.ends_with(".partial"))
    );

    // nor do those of a run that goes on from another
    let line = line
        .replace("unheard.h5", "requeued.h5")
        .replace(":3 ", ":2001 ");
    let partial = workdir.path("requeued.h5.partial");
    let mut killed = workdir.start(&line);
    killed.wait_until(|_| fs::metadata(&partial).is_ok_and(|journal| journal.len() > 2000));
    killed.signal("KILL");
    killed.end();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = workdir.command(&line).stderr(full).status().unwrap();
    assert_eq!((status.code(), partial.exists()), (Some(0), false));
}
