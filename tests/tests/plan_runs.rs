//! plan with runs: networks that a study trains, checkpoints that exist, and their trajectories.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
};

use files::{Contents, Trajectory};
use tests::Workdir;

/// A linear model that is trained on from its weights, in the plane of its own checkpoints.
const STUDY: &str = "models:
  linear: { file: model.h5 }
  sgd: { train: { program: linear, epochs: 2, batch: 4, augment: none, save_every: 0.5 } }
  adam: { train: { program: linear, epochs: 1, batch: 4, augment: none, optimizer: adam } }
data: { squares: { file: data.h5 } }
directions: { pca: run }
grid: { x: \"-2:2:3\", y: \"-2:2:3\" }
evaluate: { split: [train] }
trajectory: { runs: [adam, sgd] }
pictures:
  - { plot: contour, trajectory: true }
  - { plot: trajectory }
  - { plot: page, trajectory: true }
  - { plot: vtp, trajectory: true }
sweep: { model: [sgd] }
";

/// Runs make on the plan; `bin` has the stages where they are stand-ins.
fn make(workdir: &Workdir, arguments: &[&str]) -> Output {
    Command::new("make")
        .args(["-f", "build/plan.mk"])
        .args(arguments)
        .env_remove("MAKEFLAGS")
        .env("OMP_WAIT_POLICY", "passive")
        .current_dir(workdir.path(""))
        .output()
        .unwrap()
}

/// Runs make, which must succeed; returns the commands that it ran.
fn made(workdir: &Workdir, arguments: &[&str]) -> String {
    let ran = make(workdir, arguments);
    let said = String::from_utf8_lossy(&ran.stderr).to_string();
    assert!(ran.status.success(), "{said}");
    String::from_utf8(ran.stdout).unwrap()
}

fn plan(workdir: &Workdir, config: &str) {
    fs::write(workdir.path("study.yaml"), config).unwrap();
    workdir.ok("plan study.yaml --output-dir build --slurm");
}

/// The names of the checkpoints of a run.
fn checkpoints(workdir: &Workdir, run: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workdir.path(&format!("build/runs/{run}"))).unwrap() {
        names.push(entry.unwrap().file_name().into_string().unwrap());
    }
    names.sort();
    names
}

#[test]
fn a_study_trains_its_networks_and_draws_their_runs() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(16);
    plan(&workdir, STUDY);
    made(&workdir, &["-j2"]);

    let all = ["0.5", "0", "1.5", "1", "2"].map(|epoch| format!("model-{epoch}.h5"));
    assert_eq!(checkpoints(&workdir, "sgd"), all);
    let found = Trajectory::read(&workdir.path("build/trajectories/sgd.h5")).unwrap();
    assert_eq!(found.runs, ["adam", "sgd"]);
    assert_eq!(found.run, [0, 0, 1, 1, 1, 1, 1]);
    // the last checkpoint is the model, which is the origin of the plane
    assert_eq!(found.distance.as_ref().unwrap()[6], 0.0);
    // both begin with the same weights
    assert_eq!(found.x[0], found.x[2]);
    for picture in ["contour.png", "trajectory.png", "page.html", "vtp.vtp"] {
        let picture = format!("build/pictures/sgd-{picture}");
        assert!(workdir.path(&picture).is_file(), "{picture}");
    }
    assert!(made(&workdir, &[]).contains("Nothing to be done"));

    // a shorter training leaves no checkpoint of the longer one
    plan(&workdir, &STUDY.replace("save_every: 0.5", "save_every: 1"));
    made(&workdir, &["-j2"]);
    let all = ["0", "1", "2"].map(|epoch| format!("model-{epoch}.h5"));
    assert_eq!(checkpoints(&workdir, "sgd"), all);
    let found = Trajectory::read(&workdir.path("build/trajectories/sgd.h5")).unwrap();
    assert_eq!(found.run, [0, 0, 1, 1, 1]);
}

/// A training that notes its arguments, and whether it found what an interrupted one had kept.
const TRAIN: &str = "#!/bin/sh
echo \"$* with $(cd build/runs/sgd && echo .resume.h5* model*)\" >>log
touch build/runs/sgd/model-2.h5
";

#[test]
fn an_interrupted_training_goes_on_unless_it_was_another_one() {
    let workdir = Workdir::new();
    let config = STUDY.replace("{ runs: [adam, sgd] }", "{}").replace(
        "linear: { file: model.h5 }",
        "linear: { file: \"it's.h5\" }",
    );
    fs::write(workdir.path("it's.h5"), "").unwrap();
    fs::write(workdir.path("data.h5"), "").unwrap();
    plan(&workdir, &config);
    fs::create_dir(workdir.path("bin")).unwrap();
    fs::write(workdir.path("bin/train"), TRAIN).unwrap();
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(workdir.path("bin/train"), executable).unwrap();
    let run = workdir.path("build/runs/sgd");
    fs::create_dir_all(&run).unwrap();
    let train = |kept: &str| {
        let _ = fs::remove_file(workdir.path("log"));
        let _ = fs::remove_file(run.join("model-2.h5"));
        for name in [".resume.h5", "model-0.h5"] {
            fs::write(run.join(name), "").unwrap();
        }
        let touched = Command::new("touch")
            .args(["-d", kept])
            .arg(run.join(".resume.h5"))
            .status();
        assert!(touched.unwrap().success());
        made(&workdir, &["BIN=bin", "build/runs/sgd/model-2.h5"]);
        fs::read_to_string(workdir.path("log")).unwrap()
    };
    let goes_on = train("tomorrow");
    let arguments = "--program=it's.h5 --data=data.h5 --augment=none --batch=4 --epochs=2 \
                     --save-every=0.5 --output-dir build/runs/sgd --quiet";
    assert_eq!(goes_on, format!("{arguments} with .resume.h5 model-0.h5\n"));
    // what is kept is older than the data: it is of another training
    let anew = train("yesterday");
    assert_eq!(anew, format!("{arguments} with .resume.h5* model*\n"));
}

#[test]
fn checkpoints_that_exist_are_a_run() {
    let workdir = Workdir::new();
    fs::create_dir(workdir.path("nets")).unwrap();
    for epoch in ["0", "2", "10"] {
        fs::write(workdir.path(&format!("nets/model-{epoch}.h5")), epoch).unwrap();
    }
    fs::write(workdir.path("data.h5"), "").unwrap();
    let config = "models: { sgd: { run: nets/model-*.h5 } }
data: { squares: { file: data.h5 } }
directions: { pca: run }
grid: { x: \"auto:5\", y: \"-1:1:3\" }
trajectory: { method: cos, measure: both }
evaluate: { shards: 4 }
pictures:
  - { plot: heat, trajectory: true }
  - { plot: along, log: true }
";
    plan(&workdir, config);
    let rules = fs::read_to_string(workdir.path("build/plan.mk")).unwrap();
    let files = "nets/model-0.h5 nets/model-2.h5";
    let plane = "build/directions/directions.h5";
    for rule in [
        // the last checkpoint by number is the model
        format!(
            "{plane}: nets/model-10.h5 {files} build/commands/directions-directions.txt\n\
             \t@mkdir -p $(@D)\n\
             \t$(BIN)/make-dirs --model=nets/model-10.h5 --dims=2 '--pca=nets/model-*.h5' --quiet"
        ),
        format!(
            "build/trajectories/directions.h5: nets/model-10.h5 {plane} {files} \
             build/commands/trajectory-directions.txt\n\
             \t@mkdir -p $(@D)\n\
             \t$(BIN)/project --model=nets/model-10.h5 --directions={plane} \
             '--run=sgd=nets/model-*.h5' --method=cos --quiet"
        ),
        "--x=auto:5 --y=-1:1:3 --trajectory=build/trajectories/directions.h5 --shard $*/4".into(),
        // three checkpoints have three shards at most
        "# surface+plane: 3 points".into(),
        "--points=build/trajectories/directions.h5 --shard $*/3".into(),
        "--points=build/trajectories/directions.h5 --at-checkpoints --shard $*/3".into(),
        "$(BIN)/render build/surfaces/surface.h5 --plot=heat \
         --trajectory=build/trajectories/surface+plane.h5 \
         --trajectory=build/trajectories/surface+checkpoints.h5 --quiet"
            .into(),
        "$(BIN)/render build/trajectories/surface+plane.h5 \
         build/trajectories/surface+checkpoints.h5 --plot=along --log --quiet"
            .into(),
    ] {
        assert!(rules.contains(&rule), "{rule}\nis not in\n{rules}");
    }
    let table = workdir
        .ok("plan study.yaml --output-dir build --dry-run")
        .stdout;
    assert!(table.contains("together                   21"), "{table}");
    // one point of the surface needs no range
    let timed = "--directions=build/directions/directions.h5 --x=0:0:1 --y=0:0:1 --jobs=1";
    assert!(rules.contains(timed), "{rules}");
}

#[test]
fn axes_of_a_run_need_one() {
    let workdir = Workdir::new();
    let config = STUDY.replace("sweep: { model: [sgd] }", "sweep: { model: [linear] }");
    fs::write(workdir.path("study.yaml"), config).unwrap();
    let stderr = workdir.fails("plan study.yaml --output-dir build");
    let said = "study.yaml:6:13: pca: run needs checkpoints, but linear has no run";
    assert!(stderr.contains(said), "{stderr}");
}

#[test]
fn jobs_that_train_come_between_imports_and_planes() {
    let workdir = Workdir::new();
    fs::write(workdir.path("model.h5"), "").unwrap();
    fs::write(workdir.path("data.h5"), "").unwrap();
    let slurm = "slurm:
  time: \"01:00:00\"
  cpus_per_task: 8
  gres: gpu:1
  train: { time: \"08:00:00\", gres: none, options: [--nice=5] }
";
    let config = STUDY.replace(
        "{ runs: [adam, sgd] }",
        "{ runs: [adam, sgd], measure: plane }",
    );
    plan(&workdir, &format!("{config}{slurm}"));
    let script =
        |name: &str| fs::read_to_string(workdir.path(&format!("build/slurm/{name}"))).unwrap();
    let train = script("train-sgd.sbatch");
    for line in [
        "#SBATCH --time=08:00:00",
        "#SBATCH --gres=none",
        // one for each thread
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --nice=5",
        "#SBATCH --requeue",
        "#SBATCH --signal=USR1@60",
        "export OMP_NUM_THREADS=1",
    ] {
        assert!(train.lines().any(|it| it == line), "{line}: {train}");
    }
    assert!(!script("prepare.sbatch").contains("make-dirs"));
    let planes = script("planes.sbatch");
    assert!(
        planes.find("make-dirs") < planes.find("project"),
        "{planes}"
    );
    let submitted: Vec<String> = script("submit.sh")
        .lines()
        .filter(|line| line.contains(".sbatch"))
        .map(|line| {
            line.replace("submit \"$@\" ", "")
                .replace("build/slurm/", "")
        })
        .collect();
    let wanted = [
        "ready=$(prepare.sbatch)",
        "training=$($(after $ready) train-adam.sbatch)",
        "training=$($(after $ready) train-sgd.sbatch)",
        "ready=$($(after $trainings) planes.sbatch)",
        "shards=$($(after $ready) shards-sgd+plane.sbatch)",
        "merge=$($(after $shards) merge-sgd+plane.sbatch)",
        "shards=$($(after $ready) shards-sgd.sbatch)",
        "merge=$($(after $shards$before) merge-sgd.sbatch)",
    ];
    assert_eq!(submitted, wanted);
}
