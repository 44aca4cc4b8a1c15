//! eval-grid --recalibrate-bn: running statistics that are estimated anew at each point.

use files::{Contents, Metric, Surface};
use tests::Workdir;

const EVAL: &str = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --batch 16 \
                    --split test --x=-1:1:5";
const ANEW: &str = "--recalibrate-bn 19 --recalibrate-batch 4";

fn losses(workdir: &Workdir, name: &str) -> (String, Vec<f64>) {
    let surface = Surface::read(&workdir.path(name)).unwrap();
    let values = |metric: &Metric| metric.values.iter().copied().collect();
    (
        surface.header.id.clone(),
        values(surface.metric("test_loss").unwrap()),
    )
}

#[test]
fn statistics_are_estimated_anew_with_the_same_bits_in_any_cut() {
    let workdir = Workdir::new();
    workdir.write_landscape(20);
    workdir.ok(&format!("{EVAL} --output stored.h5"));
    workdir.ok("merge stored.h5 --output stored-surface.h5");
    let (_, stored) = losses(&workdir, "stored-surface.h5");
    workdir.ok(&format!("{EVAL} {ANEW} --jobs 1 --output anew.h5"));
    workdir.ok("merge anew.h5 --output anew-surface.h5");
    let (id, anew) = losses(&workdir, "anew-surface.h5");
    assert!(anew.iter().all(|loss| loss.is_finite()));
    // it also helps at the centre: the statistics of a short training lag behind
    assert!(anew[2] < stored[2], "{anew:?}, {stored:?}");

    // three shards with more jobs than points
    for shard in 1..=3 {
        workdir.ok(&format!(
            "{EVAL} {ANEW} --jobs 4 --shard {shard}/3 --output s{shard}.h5"
        ));
    }
    workdir.ok("merge s3.h5 s1.h5 s2.h5 --output cut.h5");
    assert_eq!(losses(&workdir, "cut.h5").0, id);

    // four batches of four: an incomplete one is left out
    let told = workdir.ok("inspect --json cut.h5").stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["measurement"]["recalibrate_bn"], 16, "{told}");
    assert_eq!(told["measurement"]["recalibrate_batch"], 4);
    let stderr = workdir.fails("merge stored.h5 s1.h5 --output mixed.h5");
    assert!(stderr.contains("--recalibrate-bn"), "{stderr}");
}

#[test]
fn what_cannot_be_estimated_is_refused() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(8);
    let stderr = workdir.fails(&format!("{EVAL} --recalibrate-bn 8 --output s.h5"));
    assert!(stderr.contains("no batch normalisation"), "{stderr}");
    tests::python(
        &workdir,
        "import h5py
with h5py.File('data.h5', 'r+') as f: del f['train'], f.attrs['id']",
    );
    let stderr = workdir.fails(&format!("{EVAL} --recalibrate-bn 8 --output s.h5"));
    assert!(stderr.contains("there is no train split"), "{stderr}");
}
