//! A folder to work in and the stages to run there, for the tests of `tests/tests/`, one file a stage.
//!
//! The stages must be built before (`make test` does): a test that finds no binary says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod curvature;
mod kept;
mod linear;
mod running;

pub use kept::Kept;
pub use running::Running;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use files::{
    Contents, Dataset, Examples, Measurement, Metric, Normalization, Origin, Provenance, Quantity,
    Split, Surface, Target, Trajectory,
};
use grid::Grid;
use ndarray::ArrayD;
use tempfile::TempDir;

/// A temporary folder in which stages run.
pub struct Workdir(TempDir);

/// What a stage left: its exit status and what it said.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Workdir {
    /// An empty folder, removed at the end of the test.
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Names of the files in the folder, sorted, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A stage, to be run in the folder, with arguments as they are typed (split at spaces).
    pub fn command(&self, line: &str) -> Command {
        let mut words = line.split_whitespace();
        let mut command = Command::new(binary(words.next().unwrap()));
        command
            .args(words)
            .current_dir(self.0.path())
            // threads of train that wait leave the processors to other tests
            .env("OMP_WAIT_POLICY", "passive")
            .env_remove("COLUMNS");
        command
    }

    /// Runs a stage to its end, whatever comes of it.
    pub fn run(&self, line: &str) -> Ran {
        self.command(line).output().unwrap().into()
    }

    /// Runs a stage that must succeed.
    pub fn ok(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.status, Some(0), "{line}\n{}", ran.stderr);
        ran
    }

    /// Runs a stage that must fail with one clear error and leave no new file; returns what it said.
    pub fn fails(&self, line: &str) -> String {
        let before = self.names();
        let ran = self.run(line);
        assert!(
            matches!(ran.status, Some(1 | 2)),
            "{line}: status {:?}\n{}",
            ran.status,
            ran.stderr
        );
        assert!(
            ran.stderr.contains("error: ") && !ran.stderr.contains("panicked"),
            "{line}\n{}",
            ran.stderr
        );
        assert_eq!(self.names(), before, "{line} left something");
        ran.stderr
    }
}

impl Workdir {
    /// Unpacks an archive of `tests/golden` into the folder.
    pub fn unpack(&self, name: &str) {
        let archive = fs::File::open(golden(name)).unwrap();
        tar::Archive::new(flate2::read::GzDecoder::new(archive))
            .unpack(self.0.path())
            .unwrap();
    }

    /// Writes `data.h5`: so many images `[1, side, side]` a split, made up, of 10 classes.
    pub fn write_data(&self, name: &str, images: usize, side: usize) {
        let examples = |salt: usize| {
            // a square that moves with the class, on a texture
            let pixel = |image: usize, y: usize, x: usize| {
                let class = (image * 7 + salt) % 10;
                let square = y / 3 == class / 4 + 1 && x / 3 == class % 4 + 1;
                if square {
                    230
                } else {
                    ((image * 31 + y * 17 + x * 13 + salt) % 60) as u8
                }
            };
            let inputs = ArrayD::from_shape_fn(vec![images, 1, side, side], |index| {
                pixel(index[0], index[2], index[3])
            });
            let targets =
                ArrayD::from_shape_fn(vec![images], |index| ((index[0] * 7 + salt) % 10) as i64);
            Examples::new(files::Tensor::U8(inputs), files::Tensor::I64(targets))
        };
        let normalization = Normalization {
            scale: vec![1.0 / 255.0],
            mean: vec![0.2],
            std: vec![0.3],
        };
        let splits = vec![(Split::Train, examples(0)), (Split::Test, examples(5))];
        let classes = (0..10).map(|class: i32| class.to_string()).collect();
        let data = Dataset {
            splits,
            normalization,
            classes,
            notes: Vec::new(),
        };
        data.write(
            &Target::new(&self.path(name), true),
            &Provenance::of_this_command(&[]),
        )
        .unwrap();
    }

    /// Writes a surface over [-1, 1]² with this loss and an accuracy that follows it; `None` was not computed.
    pub fn write_surface(
        &self,
        name: &str,
        nx: usize,
        ny: usize,
        loss: impl Fn(f64, f64) -> Option<f64>,
    ) {
        let axis = |count: usize| format!("-1:1:{count}").parse::<grid::Axis>().unwrap();
        self.write_measured(name, Grid::new(&axis(nx), Some(&axis(ny))), loss);
    }

    /// Writes a curve over [-1, 1].
    pub fn write_curve(&self, name: &str, nx: usize) {
        let axis = format!("-1:1:{nx}").parse::<grid::Axis>().unwrap();
        self.write_measured(name, Grid::new(&axis, None), |x, _| Some(0.1 + 2.0 * x * x));
    }

    /// Writes a curve of these losses.
    pub fn write_losses(&self, name: &str, losses: &[f64]) {
        let x = (0..losses.len()).map(|k| k as f64).collect();
        let loss = |x: f64, _| Some(losses[x as usize]);
        self.write_measured(name, Grid { x, y: None }, loss);
    }

    /// Writes a trajectory that belongs to the surfaces and curves that are written here.
    pub fn write_trajectory(&self, name: &str, steps: &[[f64; 2]]) {
        let trajectory = Trajectory {
            x: steps.iter().map(|step| step[0]).collect(),
            y: Some(steps.iter().map(|step| step[1]).collect()),
            directions: Some(Origin {
                id: "directions".into(),
                command: "a test".into(),
            }),
            ..Trajectory::default()
        };
        trajectory
            .write(
                &Target::new(&self.path(name), true),
                &Provenance::of_this_command(&[]),
            )
            .unwrap();
    }

    fn write_measured(&self, name: &str, grid: Grid, loss: impl Fn(f64, f64) -> Option<f64>) {
        let losses: Vec<Option<f64>> = (0..grid.len())
            .map(|k| loss(grid.point(k).0, grid.point(k).1))
            .collect();
        let array = |values: Vec<f64>| ArrayD::from_shape_vec(grid.shape(), values).unwrap();
        let metric = |name: &str, of: fn(f64) -> f64| {
            let values = losses
                .iter()
                .map(|loss| loss.map_or(f64::NAN, of))
                .collect();
            Metric::new(Quantity::of_name(name), array(values))
        };
        let origin = |id: &str| Origin {
            id: id.into(),
            command: "a test".into(),
        };
        let surface = Surface {
            metrics: vec![
                metric("train_loss", |loss| loss),
                metric("train_acc", |loss| 100.0 * (-loss).exp().min(1.0)),
            ],
            evaluated: array(
                losses
                    .iter()
                    .map(|loss| f64::from(u8::from(loss.is_some())))
                    .collect(),
            )
            .mapv(|mask| mask as u8),
            measurement: Some(Measurement {
                model: origin("model"),
                data: origin("data"),
                directions: origin("directions"),
                points: None,
                start: None,
                loss: "crossentropy".into(),
                ignore_index: None,
                class_axis: None,
                precision: "f32".into(),
                batch: 128,
                limit: None,
                stop_above: None,
                recalibrate_bn: None,
                recalibrate_batch: None,
                at_checkpoints: false,
                hessian: None,
            }),
            dir_file: String::new(),
            notes: Vec::new(),
            grid,
        };
        surface
            .write(
                &Target::new(&self.path(name), true),
                &Provenance::of_this_command(&[]),
            )
            .unwrap();
    }

    /// Writes what eval-grid reads: `data.h5`, a network that was trained a little as `model.h5`
    /// (before that: `nets/model-0.h5`), and `dirs.h5`.
    pub fn write_landscape(&self, images: usize) {
        self.write_data("data.h5", images, 16);
        let [untrained, trained] = networks();
        fs::create_dir(self.path("nets")).unwrap();
        fs::write(self.path("nets/model-0.h5"), untrained).unwrap();
        fs::write(self.path("model.h5"), trained).unwrap();
        self.ok("make-dirs --model model.h5 --xignore biasbn --output dirs.h5");
    }
}

/// A ResNet-20 before and after a little training, which is done once for all tests of a file.
fn networks() -> &'static [Vec<u8>; 2] {
    static NETWORKS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    NETWORKS.get_or_init(|| {
        let workdir = Workdir::new();
        workdir.write_data("data.h5", 16, 16);
        workdir.ok(
            "train --arch resnet20 --data data.h5 --output-dir nets --epochs 1 --batch 16 \
             --augment none --quiet",
        );
        ["nets/model-0.h5", "nets/model-1.h5"].map(|name| fs::read(workdir.path(name)).unwrap())
    })
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into(),
            stderr: String::from_utf8_lossy(&output.stderr).into(),
        }
    }
}

/// Runs a Python script in the folder, with the packages of `tests/requirements.txt` (h5py, numpy, vtk).
pub fn python(workdir: &Workdir, script: &str) -> String {
    let mut command = python_command();
    command.args(["-c", script]).current_dir(workdir.path(""));
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    ran.stdout
}

/// Python with the packages of `tests/requirements.txt`.
pub fn python_command() -> Command {
    let packages = std::env::var_os("RELIEF_TEST_PYTHONPATH");
    let packages =
        packages.expect("RELIEF_TEST_PYTHONPATH is not set: run the tests with `make test`");
    let mut command = Command::new(interpreter());
    // one thread: more of them would only take processors from other tests; and compiled modules
    // are kept for the next start
    command
        .env("PYTHONPATH", packages)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .env("OPENBLAS_NUM_THREADS", "1");
    command
}

/// The program behind `python3`, which may be a script that looks for it anew at each start.
fn interpreter() -> &'static Path {
    static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
    INTERPRETER.get_or_init(|| {
        let script = "import sys; print(sys.executable, end='')";
        let found = Command::new("python3").args(["-c", script]).output();
        String::from_utf8(found.unwrap().stdout).unwrap().into()
    })
}

/// A file of `tests/golden`.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
}

/// The binary of a stage, in the folder that the test itself was built in.
fn binary(stage: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(stage);
    assert!(
        path.exists(),
        "{} is not built: run the tests with `make test`",
        path.display()
    );
    path
}
