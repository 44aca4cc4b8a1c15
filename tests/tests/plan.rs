//! plan: what a config becomes, what make does with it, and what is wrong in a wrong one.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use tests::{Workdir, golden};

/// A config that is right, to which each test does its harm.
const RIGHT: &str = "models:
  one: { file: model.h5 }
  two: { arch: resnet20, checkpoint: two.pt }
  three: { train: { arch: resnet20, epochs: 2 } }
data:
  squares: { file: data.h5 }
directions: { xignore: biasbn }
grid: { x: \"-1:1:3\", y: \"-1:1:2\" }
evaluate: { shards: 2, split: [train] }
pictures:
  - { plot: heat }
overview: { plot: heat }
sweep:
  model: [one]
  seed: [1, 2]
";

/// What is wrong, the words that are replaced in the right config, and what stands there instead.
const WRONG: [(&str, &str, &str); 41] = [
    ("a key that nobody knows", "overview:", "overveiw:"),
    ("a key of another part", "shards: 2", "shard: 2"),
    (
        "a key twice",
        "overview: { plot: heat }",
        "overview: { plot: heat }\noverview: { plot: heat }",
    ),
    (
        "a missing part",
        "grid: { x: \"-1:1:3\", y: \"-1:1:2\" }\n",
        "",
    ),
    ("a missing key", "- { plot: heat }", "- { format: pdf }"),
    ("a word for a number", "shards: 2", "shards: many"),
    ("no shards", "shards: 2", "shards: 0"),
    ("a number for a list", "seed: [1, 2]", "seed: 1"),
    ("a list for a part", "{ file: data.h5 }", "[data.h5]"),
    ("an unknown choice", "xignore: biasbn", "xignore: biasnb"),
    ("an unknown plot", "- { plot: heat }", "- { plot: heatmap }"),
    ("an axis of two numbers", "-1:1:3", "-1:1"),
    ("an axis that runs backwards", "-1:1:3", "1:-1:3"),
    ("an unknown architecture", "resnet20", "resnet21"),
    (
        "an architecture without weights",
        ", checkpoint: two.pt",
        "",
    ),
    (
        "two sources of one model",
        "{ file: model.h5 }",
        "{ file: model.h5, program: model.pt2 }",
    ),
    ("no source of data", "{ file: data.h5 }", "{ path: data }"),
    ("a name that files cannot have", "one: {", "one/a: {"),
    ("a model that is not there", "model: [one]", "model: [on]"),
    ("several models and no choice", "  model: [one]\n", ""),
    (
        "an exclude that excludes nothing",
        "seed: [1, 2]",
        "seed: [1, 2]\n  exclude: [{ seed: 3 }]",
    ),
    (
        "an option of another plot",
        "- { plot: heat }",
        "- { plot: heat, zmax: 3 }",
    ),
    (
        "a curve of a surface",
        "- { plot: heat }",
        "- { plot: curve }",
    ),
    (
        "a form that a plot does not have",
        "- { plot: heat }",
        "- { plot: page, format: pdf }",
    ),
    (
        "a mesh of all surfaces",
        "overview: { plot: heat }",
        "overview: { plot: vtp }",
    ),
    ("a tab", "  one:", "\tone:"),
    ("an axis without an end", "-1:1:3", "auto:0"),
    (
        "a training without an end",
        "arch: resnet20, epochs: 2",
        "arch: resnet20",
    ),
    (
        "an option that train does not have",
        "epochs: 2",
        "epochs: 2, learning_rate: 1",
    ),
    (
        "an option of another optimiser",
        "epochs: 2",
        "epochs: 2, optimizer: adam, momentum: 0.9",
    ),
    (
        "a decay after the end",
        "epochs: 2",
        "epochs: 2, decay_at: [1, 3]",
    ),
    (
        "a part of an epoch that no name tells",
        "epochs: 2",
        "epochs: 2, save_every: 0.0000001",
    ),
    (
        "a training of nothing",
        "arch: resnet20, epochs: 2",
        "epochs: 2",
    ),
    (
        "a training beside a file",
        "three: { train",
        "three: { file: model.h5, train",
    ),
    (
        "a run without checkpoints",
        "{ file: model.h5 }",
        "{ run: nets/model-*.h5 }",
    ),
    (
        "components with a seed",
        "{ xignore: biasbn }",
        "{ pca: run }",
    ),
    (
        "components of an unknown word",
        "{ xignore: biasbn }",
        "{ pca: rnu }",
    ),
    (
        "a trajectory of a model without a run",
        "- { plot: heat }",
        "- { plot: heat, trajectory: true }",
    ),
    (
        "a trajectory of a run that is none",
        "sweep:",
        "trajectory: { runs: [three, two] }\nsweep:",
    ),
    (
        "losses over training that are not measured",
        "- { plot: heat }",
        "- { plot: along }",
    ),
    (
        "two pictures of one name",
        "- { plot: heat }",
        "- { plot: heat }\n  - { plot: heat, log: true }",
    ),
];

#[test]
fn every_wrong_config_is_told_its_line_and_its_cure() {
    let workdir = Workdir::new();
    let mut said = String::new();
    for (what, right, wrong) in WRONG {
        assert!(RIGHT.contains(right), "{what}");
        fs::write(workdir.path("study.yaml"), RIGHT.replacen(right, wrong, 1)).unwrap();
        let stderr = workdir.fails("plan study.yaml --output-dir build");
        writeln!(said, "{what}:\n    {}", stderr.trim_end()).unwrap();
    }
    let path = golden("plan/wrong.txt");
    if std::env::var_os("UPDATE_HELP").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &said).unwrap();
    }
    assert!(
        said == fs::read_to_string(&path).unwrap_or_default(),
        "UPDATE_HELP=1 keeps these messages:\n{said}"
    );
}

#[test]
fn a_name_that_two_directions_would_have_is_refused() {
    let workdir = Workdir::new();
    let config = "models: { a: { file: a.h5 }, a_seed-2: { file: b.h5 } }
data: { d: { file: d.h5 }, e: { file: e.h5 } }
grid: { x: \"-1:1:3\" }
sweep:
  model: [a]
  data: [d, e]
  seed: [1, 2]
  exclude: [{ data: d, seed: 2 }]
  include: [{ model: a_seed-2, data: d }]
";
    fs::write(workdir.path("study.yaml"), config).unwrap();
    let stderr = workdir.fails("plan study.yaml --output-dir build");
    let said = "study.yaml: build/directions/a_seed-2.h5 would be made in two ways";
    assert!(stderr.contains(said), "{stderr}");
}

#[test]
fn the_schema_is_that_of_the_types() {
    let found = Workdir::new().ok("plan --schema").stdout;
    let kept = golden("../../configs/schema.json");
    assert!(
        found == fs::read_to_string(kept).unwrap(),
        "`plan --schema >configs/schema.json` keeps it"
    );
}

#[test]
fn a_sweep_is_a_product_with_exceptions() {
    let workdir = Workdir::new();
    let sweep = "sweep:
  model: [one, two]
  xnorm: [filter, layer]
  seed: [1, 2]
  exclude: [{ model: two, xnorm: layer }, { model: one, seed: 2, xnorm: layer }]
  include: [{ model: two, x: \"0:1:5\" }]
";
    fs::write(
        workdir.path("study.yaml"),
        format!("{}{sweep}", RIGHT.split("sweep:").next().unwrap()),
    )
    .unwrap();
    let table = workdir
        .ok("plan study.yaml --output-dir build --dry-run")
        .stdout;
    let lines: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect())
        .collect();
    let names: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(
        names,
        [
            "one_seed-1_xnorm-filter_x--1_1_3",
            "one_seed-1_xnorm-layer_x--1_1_3",
            "one_seed-2_xnorm-filter_x--1_1_3",
            "two_seed-1_xnorm-filter_x--1_1_3",
            "two_seed-2_xnorm-filter_x--1_1_3",
            "two_x-0_1_5",
            "together"
        ]
    );
    assert_eq!(lines[5][1..3], ["10", "2"]);
    assert!(!workdir.path("build").exists());
}

#[test]
fn panels_of_an_overview_have_the_names_of_the_config() {
    let workdir = Workdir::new();
    let sweep = "sweep: { model: [one, two], seed: [1, 2], xnorm: [layer] }\n";
    let config = format!("{}{sweep}", RIGHT.split("sweep:").next().unwrap());
    fs::write(workdir.path("study.yaml"), config).unwrap();
    workdir.ok("plan study.yaml --output-dir build");
    let rules = fs::read_to_string(workdir.path("build/plan.mk")).unwrap();
    // xnorm does not vary, and is left out
    for title in ["one, seed 1", "one, seed 2", "two, seed 1", "two, seed 2"] {
        assert!(
            rules.contains(&format!("--panel-title={title}'")),
            "{title}: {rules}"
        );
    }
    assert_eq!(rules.matches("--panel-title").count(), 4);
}

/// The paths of all files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found
}

/// What changes in a file that is written again, also within one tick of the clock: a new file
/// takes its place.
#[derive(Debug, PartialEq)]
struct Written {
    inode: u64,
    modified: SystemTime,
}

/// How all files below a folder were written.
fn written(workdir: &Workdir, folder: &str) -> BTreeMap<PathBuf, Written> {
    let mut files = BTreeMap::new();
    for path in files_below(&workdir.path(folder)) {
        let found = fs::metadata(&path).unwrap();
        files.insert(
            path,
            Written {
                inode: found.ino(),
                modified: found.modified().unwrap(),
            },
        );
    }
    files
}

/// Makes all files an hour older. What is written from now on is newer for certain, however coarse
/// the clock is by which the file system dates files and however fast the machine.
fn let_an_hour_pass(workdir: &Workdir) {
    for path in files_below(&workdir.path("")) {
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        date_an_hour_before(&path, modified);
    }
}

fn date_an_hour_before(path: &Path, moment: SystemTime) {
    let file = fs::File::options().append(true).open(path).unwrap();
    let an_hour = Duration::from_secs(3600);
    file.set_modified(moment - an_hour).unwrap();
}

/// Runs make on the plan; returns the stages that it ran and the files that they made.
fn make(workdir: &Workdir, arguments: &[&str]) -> (bool, Vec<String>) {
    let ran = Command::new("make")
        .args(["-f", "build/plan.mk"])
        .args(arguments)
        .env_remove("MAKEFLAGS")
        .current_dir(workdir.path(""))
        .output()
        .unwrap();
    let log = String::from_utf8(ran.stdout).unwrap();
    let made = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = words.iter().position(|word| *word == "--output")?;
        words[output + 1]
            .strip_prefix("build/")
            .map(ToString::to_string)
    };
    let mut made: Vec<String> = log.lines().filter_map(made).collect();
    made.sort();
    (ran.status.success(), made)
}

#[test]
fn make_makes_what_is_missing_or_older_and_nothing_else() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(8);
    fs::write(workdir.path("study.yaml"), RIGHT).unwrap();
    workdir.ok("plan study.yaml --output-dir build --slurm");
    let planned = written(&workdir, "build");
    workdir.ok("plan study.yaml --output-dir build --slurm");
    assert_eq!(
        written(&workdir, "build"),
        planned,
        "the same config wrote files again"
    );

    // a dry run makes nothing, and names everything
    let (done, all) = make(&workdir, &["-n"]);
    assert!(done, "make -n failed");
    assert_eq!(written(&workdir, "build"), planned, "make -n wrote files");
    assert_eq!(all.len(), 2 + 4 + 2 + 2 + 1, "{all:?}");
    assert_eq!(make(&workdir, &["-j2"]), (true, all));
    assert_eq!(make(&workdir, &["-j2"]), (true, vec![]));

    // shards that were lost, and what is made of them
    let_an_hour_pass(&workdir);
    fs::remove_file(workdir.path("build/shards/one_seed-2/1-of-2.h5")).unwrap();
    let again = [
        "overview.png",
        "pictures/one_seed-2-heat.png",
        "shards/one_seed-2/1-of-2.h5",
        "surfaces/one_seed-2.h5",
    ];
    assert_eq!(
        make(&workdir, &["-j2"]),
        (true, again.map(String::from).to_vec())
    );

    // a shard that fails leaves the others; nothing is made of what is not whole
    let_an_hour_pass(&workdir);
    fs::remove_dir_all(workdir.path("build/shards")).unwrap();
    fs::create_dir_all(workdir.path("build/shards/one_seed-1/1-of-2.h5.partial/in-the-way"))
        .unwrap();
    assert!(!make(&workdir, &["-k"]).0);
    let there = |name: &str| workdir.path(&format!("build/shards/{name}")).is_file();
    assert!(
        !there("one_seed-1/1-of-2.h5")
            && there("one_seed-1/2-of-2.h5")
            && there("one_seed-2/1-of-2.h5")
    );
    fs::remove_dir_all(workdir.path("build/shards/one_seed-1/1-of-2.h5.partial")).unwrap();
    let_an_hour_pass(&workdir);
    let again = [
        "overview.png",
        "pictures/one_seed-1-heat.png",
        "shards/one_seed-1/1-of-2.h5",
        "surfaces/one_seed-1.h5",
    ];
    assert_eq!(
        make(&workdir, &[]),
        (true, again.map(String::from).to_vec())
    );

    // another setting makes anew what depends on it
    let_an_hour_pass(&workdir);
    fs::write(
        workdir.path("study.yaml"),
        RIGHT.replace("- { plot: heat }", "- { plot: heat, cmap: magma }"),
    )
    .unwrap();
    workdir.ok("plan study.yaml --output-dir build");
    let pictures = [
        "pictures/one_seed-1-heat.png",
        "pictures/one_seed-2-heat.png",
    ];
    assert_eq!(
        make(&workdir, &[]),
        (true, pictures.map(String::from).to_vec())
    );

    // a model that was replaced by one of an older date
    let_an_hour_pass(&workdir);
    let file = workdir.path("model.h5");
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let change = "import h5py\nwith h5py.File('model.h5', 'r+') as f:\n    f['state/linear.bias'][0] += 1\n    \
                  del f.attrs['id']";
    tests::python(&workdir, change);
    date_an_hour_before(&file, before);
    assert_eq!(make(&workdir, &[]), (true, vec![]));
    workdir.ok("plan study.yaml --output-dir build");
    assert_eq!(make(&workdir, &["-n"]).1.len(), 2 + 4 + 2 + 2 + 1);

    assert!(make(&workdir, &["timed"]).0);
    let table = workdir
        .ok("plan study.yaml --output-dir build --dry-run --estimate")
        .stdout;
    // 2 surfaces of 6 points, 8 examples each
    let together = table.lines().find(|line| line.starts_with("together"));
    let counts: Vec<&str> = together.unwrap().split_whitespace().collect();
    assert_eq!(counts[1..4], ["12", "4", "96"], "{table}");
    let hours: f64 = counts[4].parse().unwrap();
    let last = table.lines().last().unwrap();
    let node_hours = last.strip_suffix(" node-hours, 1 points at once per node");
    let node_hours: f64 = node_hours
        .unwrap_or_else(|| panic!("{table}"))
        .parse()
        .unwrap();
    assert!(hours >= 0.0 && node_hours == hours, "{table}");
}
