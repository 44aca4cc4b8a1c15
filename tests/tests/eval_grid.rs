//! eval-grid and merge: the same bits however the work is cut, nothing lost, no stale answer.

use std::{collections::HashSet, fs};

use files::{Contents, DatasetFile, Shard, Surface};
use tests::{Running, Workdir, python};

const EVAL: &str = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --batch 16";

fn id(workdir: &Workdir, name: &str) -> String {
    Surface::read(&workdir.path(name))
        .unwrap()
        .header
        .id
        .clone()
}

#[test]
fn any_cut_in_any_order_with_any_jobs_gives_the_same_surface() {
    let workdir = Workdir::new();
    workdir.write_landscape(20);
    let mut ids = HashSet::new();
    for (shards, jobs) in [(1, 2), (2, 1), (4, 3)] {
        let names: Vec<String> = (1..=shards)
            .rev()
            .map(|shard| format!("s-{shard}-of-{shards}.h5"))
            .collect();
        for (name, shard) in names.iter().zip((1..=shards).rev()) {
            workdir.ok(&format!(
                "{EVAL} --x=-1:1:3 --y=-0.5:1:3 --shard {shard}/{shards} --jobs {jobs} --output {name} --force"
            ));
        }
        workdir.ok(&format!(
            "merge {} --output surface-{shards}.h5 --force",
            names.join(" ")
        ));
        ids.insert(id(&workdir, &format!("surface-{shards}.h5")));
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    let surface = Surface::read(&workdir.path("surface-4.h5")).unwrap();
    assert_eq!(surface.grid.shape(), [3, 3]);
    assert_eq!(
        surface.metric_names(),
        ["train_loss", "train_acc", "test_loss", "test_acc"]
    );
    assert!(surface.evaluated.iter().all(|mask| *mask == 1));
}

/// The points in a journal: its line of JSON, then for each a mark, the point, the number of values
/// and a check, four values and a check.
fn journaled(bytes: &[u8]) -> Vec<u64> {
    let line = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| end + 1);
    let records = bytes[line..].chunks_exact(4 + 8 + 4 + 4 + 4 * 8 + 4);
    records
        .map(|record| u64::from_le_bytes(record[4..12].try_into().unwrap()))
        .collect()
}

/// The finished points of a run that is not over, in their order.
fn finished_points(workdir: &Workdir, partial: &str) -> Vec<u64> {
    fs::read(workdir.path(partial))
        .map(|bytes| journaled(&bytes))
        .unwrap_or_default()
}

/// When a run is killed: told by what it has done, so that it is the same moment on every machine.
#[derive(Debug)]
enum Moment {
    AtOnce,
    /// In its start-up, when it has read so many bytes.
    Read(u64),
    /// When it has finished so many points more.
    Points(usize),
}

impl Moment {
    /// So many of them, from a fixed seed.
    fn several(count: usize, bytes_of_inputs: u64) -> Vec<Self> {
        let mut random = 1u32;
        let mut moments = Vec::new();
        for kill in 0..count {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let drawn = random >> 16;
            moments.push(match kill % 4 {
                0 => Self::AtOnce,
                1 => Self::Read(u64::from(drawn) % bytes_of_inputs),
                _ => Self::Points(1 + drawn as usize % 8),
            });
        }
        moments
    }

    /// Whether it has come for a run that began with so many finished points and now has more.
    fn has_come(&self, run: &Running, before: usize, now: usize) -> bool {
        match self {
            Self::AtOnce => true,
            // where nobody tells what was read, the first point is the end of the start-up
            Self::Read(bytes) => {
                now > before || run.bytes_read().is_some_and(|read| read >= *bytes)
            }
            Self::Points(count) => now >= before + count,
        }
    }
}

#[test]
fn kills_lose_nothing_and_no_finished_point_is_computed_twice() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    // CI tries more of them
    let (kills, side) = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => (20, 12),
        None => (8, 7),
    };
    let points = side * side;
    let line = format!("{EVAL} --x=-1:1:{side} --y=-1:1:{side} --jobs 2 --output");
    workdir.ok(&format!("{line} whole.h5"));
    let id = |name| Shard::read(&workdir.path(name)).unwrap().header.id.clone();
    let bytes = |name| fs::metadata(workdir.path(name)).unwrap().len();
    let inputs = bytes("model.h5") + bytes("data.h5") + bytes("dirs.h5");
    let mut finished: Vec<u64> = Vec::new();
    for moment in Moment::several(kills, inputs) {
        let before = finished.len();
        let mut run = workdir.start(&format!("{line} killed.h5"));
        run.wait_until(|run| {
            let now = finished_points(&workdir, "killed.h5.partial").len();
            moment.has_come(run, before, now)
        });
        run.signal("KILL");
        let ran = run.end();
        if ran.status == Some(0) {
            // it was over before the signal came: the next run begins anew
            assert_eq!(id("killed.h5"), id("whole.h5"));
            fs::remove_file(workdir.path("killed.h5")).unwrap();
            finished.clear();
            continue;
        }
        assert_eq!(ran.status, None, "{}", ran.stderr);
        let now = finished_points(&workdir, "killed.h5.partial");
        assert!(
            now.starts_with(&finished),
            "{moment:?}: points were lost or written again"
        );
        finished = now;
    }
    let unique: HashSet<_> = finished.iter().collect();
    assert_eq!(
        unique.len(),
        finished.len(),
        "a finished point was computed twice"
    );
    let ran = workdir.ok(&format!("{line} killed.h5"));
    let summary = format!(
        "{points} points: {} computed now, {} before",
        points - finished.len(),
        finished.len()
    );
    assert!(
        ran.stderr.contains(&summary),
        "{summary} is not in: {}",
        ran.stderr
    );
    println!("{kills} kills left {} of {points} points", finished.len());
    assert_eq!(id("killed.h5"), id("whole.h5"));
    assert!(!workdir.path("killed.h5.partial").exists());
}

#[test]
fn a_run_that_is_told_to_stop_stops_soon_says_so_and_goes_on() {
    let workdir = Workdir::new();
    workdir.write_landscape(16);
    // a million points: no machine is through with them before the signal comes
    let line = format!("{EVAL} --x=-1:1:1001 --y=-1:1:1001 --jobs 2 --output shard.h5");
    let mut before = 0;
    for signal in ["TERM", "USR1", "USR2"] {
        let mut run = workdir.start(&line);
        run.wait_until(|_| finished_points(&workdir, "shard.h5.partial").len() > before);
        run.signal(signal);
        let ran = run.end();
        assert_eq!(ran.status, Some(75), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("stopped by SIG{signal}: ")),
            "{}",
            ran.stderr
        );
        let went_on = format!("resuming: shard.h5.partial holds {before} of 1002001 points");
        let said = before == 0 || ran.stderr.contains(&went_on);
        assert!(said, "{went_on} is not in: {}", ran.stderr);
        before = finished_points(&workdir, "shard.h5.partial").len();
    }
    assert!(!workdir.path("shard.h5").exists());
}

#[test]
fn odd_grids_work() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    let grids = [
        ("--x=0:1:5", vec![5]),
        ("--x=-1:1:1 --y=0:0:1", vec![1, 1]),
        ("--x=-1:1:3 --y=-1:1:7", vec![7, 3]),
    ];
    for (grid, shape) in grids {
        workdir.ok(&format!("{EVAL} {grid} --force --output shard.h5"));
        workdir.ok("merge shard.h5 --force --output surface.h5");
        let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
        assert_eq!(
            (
                surface.grid.shape(),
                surface.metric("train_loss").unwrap().values.shape()
            ),
            (shape.clone(), &shape[..])
        );
    }
    // more shards than points: the last ones are empty
    workdir.ok(&format!("{EVAL} --x=0:1:2 --shard 3/3 --output empty.h5"));
    assert!(
        Shard::read(&workdir.path("empty.h5"))
            .unwrap()
            .points
            .is_empty()
    );
}

/// Numbers that make no sense by themselves are tested in `stages/eval-grid/src/args.rs`.
#[test]
fn what_makes_no_sense_is_refused_before_any_work() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    for (wrong, said) in [
        ("--x=0:1:5 --metric loss,hinge", "use some of loss, acc"),
        ("--x=0:1:5 --metric metric", "with the loss crossentropy"),
        (
            "--x=0:1:5 --split validation",
            "has no validation split; it has train, test",
        ),
        ("--x=0:1:5 --device cuda", "the device cuda cannot be used"),
    ] {
        let stderr = workdir.fails(&format!("{EVAL} {wrong} --output shard.h5"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
    assert!(
        workdir
            .fails("make-dirs --model model.h5 --xnorm fliter --output d.h5")
            .contains("filter")
    );
    let missing = workdir.fails(
        "eval-grid --model no.h5 --data data.h5 --directions dirs.h5 --x=0:1:5 --output s.h5",
    );
    assert!(missing.contains("no.h5 does not exist"), "{missing}");
    let swapped = workdir.fails(
        "eval-grid --model data.h5 --data data.h5 --directions dirs.h5 --x=0:1:5 --output s.h5",
    );
    assert!(
        swapped.contains("data.h5 is a dataset file, but a model file is wanted"),
        "{swapped}"
    );
}

#[test]
fn data_of_another_shape_is_refused_with_both_shapes() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    python(
        &workdir,
        "import h5py, numpy
with h5py.File('rgb.h5', 'w') as f:
    f['train/inputs'] = numpy.zeros((4, 3, 16, 16), 'u1')
    f['train/targets'] = numpy.zeros(4, 'i8')
with h5py.File('many.h5', 'w') as f:
    f['train/inputs'] = numpy.zeros((4, 1, 16, 16), 'u1')
    f['train/targets'] = numpy.array([0, 1, 2, 12])
",
    );
    let eval = |data: &str| {
        workdir.fails(&format!(
            "eval-grid --model model.h5 --data {data} --directions dirs.h5 --x=0:1:5 --output s.h5"
        ))
    };
    let stderr = eval("rgb.h5");
    assert!(
        stderr.contains("[any, 1, any, any]") && stderr.contains("3, 16, 16"),
        "{stderr}"
    );
    let stderr = eval("many.h5");
    assert!(
        stderr.contains("model.h5 with many.h5")
            && stderr.contains("target 12 is out of range: the network has classes 0 to 9"),
        "{stderr}"
    );
}

#[test]
fn a_normalisation_of_other_channels_is_refused_by_name() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(8);
    fs::rename(workdir.path("data.h5"), workdir.path("right.h5")).unwrap();
    let wrong = [
        ("mean", "np.zeros(2)", "holds 2 numbers"),
        ("std", "np.zeros(0)", "holds 0 numbers"),
        ("std", "np.array([1.0, 0.0, 1.0])", "holds 0: "),
        ("scale", "h5py.Empty('f8')", "\"scale\""),
        ("scale", "np.array([np.nan])", "holds NaN"),
    ];
    let mut script = "import h5py, numpy as np, shutil\n".to_string();
    for (number, (name, values, _)) in wrong.iter().enumerate() {
        script += &format!(
            "
shutil.copy('right.h5', 'data-{number}.h5')
with h5py.File('data-{number}.h5', 'a') as f:
    del f.attrs['id']
    f.attrs['{name}'] = {values}
"
        );
    }
    python(&workdir, &script);
    for (number, (name, values, said)) in wrong.iter().enumerate() {
        let file = format!("data-{number}.h5");
        let refusal = match DatasetFile::open(&workdir.path(&file)) {
            Ok(_) => panic!("{name} = {values} was accepted"),
            Err(refusal) => refusal.to_string(),
        };
        let told = refusal.contains(&file) && refusal.contains(said);
        assert!(
            told && refusal.contains(name),
            "{name} = {values}: {refusal}"
        );
    }
    fs::create_dir(workdir.path("nets")).unwrap();
    for line in [
        "eval-grid --model model.h5 --data data-0.h5 --directions dirs.h5 --x 0:1:2 --output s.h5",
        "train --arch resnet20 --data data-0.h5 --epochs 1 --output-dir nets --force",
    ] {
        let stderr = workdir.fails(line);
        assert!(stderr.contains("holds 2 numbers"), "{stderr}");
    }
}

#[test]
fn strangers_never_meet() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    fs::rename(workdir.path("nets/model-0.h5"), workdir.path("other.h5")).unwrap();
    let stderr = workdir.fails(
        "eval-grid --model other.h5 --data data.h5 --directions dirs.h5 --x=0:1:5 --output s.h5",
    );
    assert!(
        stderr.contains("dirs.h5 was made with the model")
            && stderr.contains("train --arch resnet20"),
        "{stderr}"
    );

    workdir.ok(&format!("{EVAL} --x=0:1:5 --shard 1/2 --output a.h5"));
    workdir.ok("make-dirs --model model.h5 --seed 7 --output dirs.h5 --force --quiet");
    workdir.ok(&format!("{EVAL} --x=0:1:5 --shard 2/2 --output b.h5"));
    let stderr = workdir.fails("merge a.h5 b.h5 --output s.h5");
    assert!(
        stderr.contains("directions") && stderr.contains("--seed 7"),
        "{stderr}"
    );

    workdir.ok(&format!("{EVAL} --x=0:1:6 --shard 1/2 --output c.h5"));
    assert!(
        workdir
            .fails("merge b.h5 c.h5 --output s.h5")
            .contains("0:1:5")
    );
    workdir.ok(&format!(
        "{EVAL} --x=0:1:5 --shard 1/2 --loss mse --output d.h5"
    ));
    assert!(
        workdir
            .fails("merge b.h5 d.h5 --output s.h5")
            .contains("--loss mse")
    );
    assert!(
        workdir
            .fails(&format!("{EVAL} --x=0:1:5 --output d.h5"))
            .contains("--force")
    );
}

#[test]
fn merge_names_what_is_missing_and_what_is_there_twice() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    for shard in [1, 3] {
        workdir.ok(&format!(
            "{EVAL} --x=0:1:10 --shard {shard}/4 --output s{shard}.h5"
        ));
    }
    let stderr = workdir.fails("merge s1.h5 s3.h5 --output surface.h5");
    assert!(
        stderr.contains("5 of 10 points") && stderr.contains("2/4, 4/4"),
        "{stderr}"
    );
    assert!(stderr.contains("--allow-missing"), "{stderr}");
    assert!(
        workdir
            .fails("merge s1.h5 s3.h5 s1.h5 --output surface.h5")
            .contains("both hold point 0")
    );
    workdir.ok("merge s1.h5 s3.h5 --allow-missing --output surface.h5");
    let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
    assert_eq!(
        surface.evaluated.iter().copied().collect::<Vec<_>>(),
        [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    );
    assert!(surface.metric("train_loss").unwrap().values[[1]].is_nan());
}
