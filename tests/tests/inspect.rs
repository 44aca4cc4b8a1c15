//! inspect: what files hold, whether they are whole, how to make them again, in what they differ.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;
use tests::{Kept, Ran, Workdir, python};

/// Surface and directions of the Python tool: no kind, no id, -1 where nothing was computed.
const OTHER_TOOL: &str = r#"
import h5py, numpy
with h5py.File("theirs.h5", "w") as f:
    f["xcoordinates"], f["ycoordinates"] = numpy.linspace(-1, 1, 3), numpy.linspace(0, 1, 2)
    f["train_loss"] = numpy.array([[0.5, -1, 2], [3, 4, 5]])
    f["dir_file"] = "directions.h5"
with h5py.File("their_dirs.h5", "w") as f:
    f["xdirection/0"], f["xdirection/1"] = numpy.full((2, 2), 2, "f4"), numpy.zeros(3, "f4")
with h5py.File("odd.h5", "w") as f:
    f["something"] = [1]
with h5py.File("newer.h5", "w") as f:
    f.attrs["kind"] = "aura"
"#;

fn json(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A folder with one file of each kind.
fn of_each_kind() -> Workdir {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    KEPT.get_or_init(|| Kept::of(&made_of_each_kind())).copy()
}

fn made_of_each_kind() -> Workdir {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    let eval =
        "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=-1:1:3 --y=0:1:2";
    for shard in 1..=3 {
        workdir.ok(&format!(
            "{eval} --shard {shard}/3 --output s{shard}.h5 --limit 3"
        ));
    }
    workdir.ok("merge s2.h5 s3.h5 s1.h5 --output surface.h5");
    workdir.ok("render surface.h5 --plot contourf --output picture.png");
    workdir.write_trajectory("run.h5", &[[0.5, 0.5], [0.0, 0.0]]);
    workdir
}

#[test]
fn each_kind_is_described() {
    let workdir = of_each_kind();
    python(&workdir, OTHER_TOOL);
    let files =
        "model.h5 data.h5 dirs.h5 s1.h5 surface.h5 run.h5 theirs.h5 their_dirs.h5 picture.png";
    let said = workdir.ok(&format!("inspect {files}")).stdout;
    for words in [
        "model.h5: model, format version 1",
        "verified      yes",
        "architecture  one linear layer",
        "2,570 in 2 tensors",
        "2 calls: aten::flatten.using_ints 1, aten::linear 1",
        "split train   4 examples: inputs u8 [4, 1, 16, 16], targets i64 [4]",
        "verified      no: --verify reads all",
        "x direction  random; f32 [2,570] in 2 tensors",
        "2 of shard 1/3",
        "6 of 6 computed",
        "loss in nats, 3 examples",
        "crossentropy, precision f32, batch ",
        "theirs.h5: surface\n",
        "no: the id was computed",
        "0.5 to 5, 1 not computed",
        "by another tool",
        "of unknown meaning; f32 [7] in 2 tensors, norm 4",
        "shows",
    ] {
        assert!(said.contains(words), "no {words:?} in\n{said}");
    }
    assert!(
        said.lines().all(|line| line.chars().count() <= 100),
        "{said}"
    );

    let told = json(&workdir.ok(&format!("inspect --json {files}")));
    let kinds: Vec<&str> = told.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    let wanted = "model dataset directions shard surface trajectory surface directions picture";
    assert_eq!(kinds.join(" "), wanted);
    let [model, data, dirs, shard, surface, run, theirs, ..] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(model["parameters"], 2570);
    assert_eq!(model["program"]["operators"]["aten::linear"], 1);
    assert_eq!(
        data["splits"][1]["targets"]["shape"],
        serde_json::json!([4])
    );
    assert_eq!(dirs["model"]["id"], model["id"]);
    assert_eq!(
        (&shard["shard"], &shard["points"]),
        (&"1/3".into(), &2.into())
    );
    for (role, file) in [("model", model), ("data", data), ("directions", dirs)] {
        assert_eq!(surface["measurement"][role]["id"], file["id"]);
    }
    assert_eq!(
        surface["grid"]["x"],
        serde_json::json!({"min": -1.0, "max": 1.0, "count": 3})
    );
    let history = surface["history"].as_array().unwrap();
    assert_eq!(history.len(), 4, "{history:?}");
    for (line, stage) in history[1..].iter().zip(["make-dirs", "eval-grid", "merge"]) {
        assert!(line.as_str().unwrap().starts_with(stage), "{line}");
    }
    assert_eq!(run["steps"], 2);
    assert_eq!(
        (&theirs["states_id"], &theirs["verified"]),
        (&false.into(), &false.into())
    );
    let metric = &surface["metrics"][0];
    assert_eq!(
        (&metric["meaning"], &metric["unit"], &metric["examples"]),
        (&"loss".into(), &"nats".into(), &3.into())
    );
    assert_eq!(theirs["metrics"][0]["missing"], 1);
    assert_eq!(theirs["metrics"][0]["examples"], Value::Null);
    assert_eq!(told[8]["shows"][0]["id"], surface["id"]);
    assert!(
        workdir
            .fails("inspect odd.h5")
            .contains("it holds something")
    );
    let newer = workdir.fails("inspect newer.h5");
    assert!(newer.contains("its kind is \"aura\""), "{newer}");
}

#[test]
fn damaged_files_are_told_and_the_others_too() {
    let workdir = of_each_kind();
    let files = "model.h5 data.h5 dirs.h5 s1.h5 surface.h5 run.h5 picture.png";
    let whole = workdir.ok(&format!("inspect --verify {files}"));
    assert_eq!(
        whole.stdout.matches(": verified").count(),
        6,
        "{}",
        whole.stdout
    );
    python(
        &workdir,
        "import h5py
with h5py.File('data.h5', 'r+') as f: f['train/inputs'][0, 0, 0, 0] ^= 1
with h5py.File('surface.h5', 'r+') as f: f['train_loss'][0, 0] += 1
open('cut.h5', 'wb').write(open('s1.h5', 'rb').read()[:3000])
",
    );
    workdir.ok("inspect data.h5");
    let ran = workdir.run("inspect --verify model.h5 data.h5 cut.h5 none.h5 surface.h5 dirs.h5");
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    let errors: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), 5, "{}", ran.stderr);
    for (error, file) in errors
        .iter()
        .zip(["data.h5", "cut.h5", "none.h5", "surface.h5"])
    {
        assert!(
            error.starts_with("error: ") && error.contains(file),
            "{error}"
        );
    }
    assert_eq!(errors[4], "error: 4 of 6 files failed");
    let told = workdir.run("inspect --verify --json data.h5 model.h5");
    let told = json(&told);
    assert!(
        told[0]["error"]
            .as_str()
            .unwrap()
            .contains("changed or damaged")
    );
    assert_eq!(told[1]["verified"], true);
}

#[test]
fn differences_are_named() {
    let workdir = of_each_kind();
    workdir.write_data("more.h5", 5, 16);
    let eval = "eval-grid --model model.h5 --directions dirs.h5 --limit 3 --y=0:1:2";
    workdir.ok(&format!(
        "{eval} --data data.h5 --x=-1:1:3 --batch 2 --output s.h5"
    ));
    workdir.ok("merge s.h5 --output batch.h5");
    workdir.ok(&format!("{eval} --data more.h5 --x=-1:1:3 --output s4.h5"));
    workdir.ok("merge s4.h5 --output other-data.h5");
    workdir.ok(&format!("{eval} --data data.h5 --x=-1:1:5 --output s5.h5"));
    workdir.ok("merge s5.h5 --output grid.h5");

    let same = workdir.ok("inspect --diff surface.h5 surface.h5");
    assert!(
        same.stdout.ends_with("they are the same\n"),
        "{}",
        same.stdout
    );
    let compared = |line: &str| {
        let ran = workdir.run(&format!("inspect --diff {line}"));
        assert_eq!(ran.status, Some(1), "{}", ran.stderr);
        assert_eq!(ran.stderr, "");
        ran.stdout
    };
    let said = compared("surface.h5 batch.h5");
    assert!(said.contains("batch") && said.contains("b  2\n"), "{said}");
    assert!(!said.contains("data "), "{said}");
    let said = compared("surface.h5 other-data.h5");
    assert!(said.contains("b  ") && said.contains("data "), "{said}");
    assert!(!said.contains("batch "), "{said}");
    let said = compared("surface.h5 grid.h5");
    assert!(said.contains("-1 to 1, 5 values"), "{said}");
    assert!(said.contains("4 more in b only"), "{said}");
    assert!(
        said.contains("6 that both have are the same"),
        "points that both have are the same: {said}"
    );
    let said = compared("data.h5 more.h5");
    assert!(said.contains("[5, 1, 16, 16]"), "{said}");
    fs::copy(workdir.path("model.h5"), workdir.path("moved.h5")).unwrap();
    let change = "import h5py
with h5py.File('moved.h5', 'r+') as f:
    f['state/linear.weight'][0, :5] += 1
    del f.attrs['id']
";
    python(&workdir, change);
    let said = compared("model.h5 moved.h5");
    assert!(
        said.contains("linear.weight  5 of 2560 differ, by 1 at most"),
        "{said}"
    );
    assert!(!said.contains("linear.bias"), "{said}");

    let stderrs = "import h5py
for name, change in ('stderr1.h5', 0), ('stderr2.h5', 2):
    with h5py.File('surface.h5') as old, h5py.File(name, 'w') as f:
        for key in old: old.copy(key, f)
        f.attrs.update({key: value for key, value in old.attrs.items() if key != 'id'})
        f.attrs['metrics'] = [*f.attrs['metrics'], b'train_loss_stderr']
        f['train_loss_stderr'] = f['train_loss'][...] * 0
        f['train_loss_stderr'][0, 1] = change
";
    python(&workdir, stderrs);
    let said = workdir.ok("inspect stderr2.h5").stdout;
    assert!(
        said.contains("standard error in nats, 3 examples"),
        "{said}"
    );
    let said = compared("stderr1.h5 stderr2.h5");
    assert!(
        said.contains("train_loss_stderr  1 of 6 differ, by 2 at most"),
        "{said}"
    );
    let said = compared("surface.h5 stderr1.h5");
    assert!(
        said.contains("b  train_loss, train_loss_stderr, "),
        "{said}"
    );

    workdir.ok("make-dirs --model model.h5 --seed 1 --output dirs1.h5");
    let ran = workdir.run("inspect --json --diff dirs.h5 dirs1.h5");
    let told = json(&ran).remove(0);
    assert_eq!((ran.status, &told["same"]), (Some(1), &false.into()));
    assert_eq!(told["differences"][0]["what"], "x");
    for (files, why) in [
        ("dirs.h5 model.h5", "only files of one kind are compared"),
        ("dirs.h5 none.h5", "none.h5 cannot be read"),
    ] {
        let ran = workdir.run(&format!("inspect --diff {files}"));
        assert_eq!(ran.status, Some(2), "{files}");
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

/// The folder of the stages.
fn stages() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().into()
}

/// Runs a script in an empty folder.
fn run_elsewhere(script: &str) -> (Workdir, Ran) {
    let elsewhere = Workdir::new();
    let path = env::var("PATH").unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", script])
        .current_dir(elsewhere.path(""))
        .env("PATH", format!("{}:{path}", stages().display()));
    let ran = Ran::from(bash.output().unwrap());
    (elsewhere, ran)
}

fn id(workdir: &Workdir, file: &str) -> String {
    let told = json(&workdir.ok(&format!("inspect --json {file}")));
    told[0]["id"].as_str().unwrap().into()
}

#[test]
fn scripts_make_the_same_files_in_an_empty_folder() {
    let workdir = Workdir::new();
    let side = "
import numpy
for name, seed in ('my data.npz', 1), ('other.npz', 2):
    r = numpy.random.default_rng(seed)
    numpy.savez(name, train_inputs=r.integers(0, 256, (6, 1, 16, 16), 'u1'), train_targets=numpy.arange(6) % 3)
";
    python(&workdir, side);
    fs::create_dir_all(workdir.path("made/shards")).unwrap();
    let mut import = workdir.command("import-data npz");
    import.args(["my data.npz", "--output", "made/it's data.h5"]);
    assert!(import.status().unwrap().success());
    let mut train =
        workdir.command("train --arch resnet20 --output-dir nets --epochs 1 --batch 3 --quiet");
    train.args(["--data", "made/it's data.h5"]);
    assert!(train.status().unwrap().success());
    workdir.ok("make-dirs --model nets/model-1.h5 --output made/dirs.h5 --force");
    for shard in 1..=3 {
        let line = "eval-grid --model nets/model-1.h5 --directions ./made/../made/dirs.h5 --quiet";
        let line = format!("{line} --x=-1:1:3 --y=0:1:2 --shard {shard}/3");
        let mut eval = workdir.command(&line);
        eval.args(["--data", "made/it's data.h5", "-o"]);
        eval.arg(format!("made/shards/{shard}-of-3.h5"));
        assert!(eval.status().unwrap().success());
    }
    let shards = [3, 1, 2].map(|k| format!("made/shards/{k}-of-3.h5"));
    workdir.ok(&format!(
        "merge {} --output made/surface.h5",
        shards.join(" ")
    ));
    workdir.ok("render made/surface.h5 --plot heat --output made/heat.png");

    let model = workdir.ok("inspect --rerun nets/model-1.h5").stdout;
    let (elsewhere, ran) = run_elsewhere(&model);
    assert_eq!(ran.status, Some(0), "{}\n{model}", ran.stderr);
    assert_eq!(
        id(&elsewhere, "nets/model-1.h5"),
        id(&workdir, "nets/model-1.h5")
    );

    let surface = workdir.ok("inspect --rerun made/surface.h5").stdout;
    assert!(
        surface.contains("shard 3/3 made/shards/3-of-3.h5\nshard 1/3 "),
        "{surface}"
    );
    assert!(
        surface.contains("my data.npz'") && surface.contains("\nsame "),
        "{surface}"
    );
    let picture = workdir.ok("inspect --rerun made/heat.png").stdout;
    assert!(
        picture.contains("render made/surface.h5 --plot=heat"),
        "{picture}"
    );
    // the script of a picture makes the surface first, that of the surface ends there
    assert!(!surface.contains("render"), "{surface}");
    let (elsewhere, ran) = run_elsewhere(&picture);
    assert_eq!(ran.status, Some(0), "{}\n{picture}", ran.stderr);
    assert_eq!(
        id(&elsewhere, "made/surface.h5"),
        id(&workdir, "made/surface.h5")
    );
    assert!(elsewhere.path("made/heat.png").exists());

    // another file under the name of a foreign one is noticed
    fs::copy(workdir.path("other.npz"), workdir.path("my data.npz")).unwrap();
    let (_, ran) = run_elsewhere(&surface);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.contains("is another file: its SHA-256 is"),
        "{}",
        ran.stderr
    );
}

#[test]
fn files_that_were_renamed_are_foreign() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    fs::rename(workdir.path("dirs.h5"), workdir.path("renamed.h5")).unwrap();
    workdir.ok("eval-grid --model model.h5 --data data.h5 --directions renamed.h5 --x=-1:1:3 --output s.h5");
    workdir.ok("merge s.h5 --output surface.h5");
    let script = workdir.ok("inspect --rerun surface.h5").stdout;
    let not_run = "#   make-dirs --model model.h5 --xignore biasbn --output dirs.h5\n";
    assert!(
        script.contains("/renamed.h5\n") && script.contains(not_run),
        "{script}"
    );
    let (elsewhere, ran) = run_elsewhere(&script);
    assert_eq!(ran.status, Some(0), "{}\n{script}", ran.stderr);
    assert_eq!(id(&elsewhere, "surface.h5"), id(&workdir, "surface.h5"));
    assert!(!elsewhere.path("dirs.h5").exists());
}

/// A surface whose history was written by somebody who means harm.
const HOSTILE: &str = r##"
import h5py
lines = [
    "rm -rf ../.. /", "touch owned", "import-data npz a.npz --output data.h5; touch owned",
    "make-dirs --model '$(touch owned)' --output '`touch owned`'",
    "make-dirs --model 'x\ny' --output dirs.h5\ntouch owned",
    "eval-grid --model m --data data.h5 --directions '`touch owned`' --x=0:1:2 --shard '1/2;touch owned' "
    "--output ../../../s1.h5 # shards=1-2/2 'folder=/x;touch owned' \ntouch owned",
    "eval-grid --model m --plugin x --output y", "\x1b[2J\x1b]0;title\x07", "'unbalanced", "",
    "merge ../../../s1.h5 s2.h5 --output '/etc/\x1b[31m.h5' --force # shards=1-2/2",
]
with h5py.File("surface.h5", "r+") as f:
    f.attrs["history"] = lines
    f.attrs["xmeaning"] = "target \x1b[2J"
"##;

#[test]
fn a_hostile_history_is_text_and_no_command() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 3, 2, |x, _| Some(x));
    python(&workdir, HOSTILE);
    let said = workdir.ok("inspect surface.h5").stdout;
    let script = workdir.ok("inspect --rerun surface.h5").stdout;
    for text in [&said, &script] {
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n'),
            "{text:?}"
        );
    }
    for line in script.lines().filter(|line| line.contains("touch owned")) {
        let is_quoted = line.contains('\'') || line.starts_with('#');
        assert!(is_quoted, "{line}");
    }
    // the stages are there, but none of the foreign files
    let (elsewhere, ran) = run_elsewhere(&script);
    assert_eq!(ran.status, Some(1), "{script}");
    assert!(!elsewhere.path("owned").exists());
    // without its checks, and with stages that say what they are told
    let start = script.find("mkdir").unwrap_or(0);
    let stubs = "for s in import-data make-dirs eval-grid merge; do eval \"$s() { printf '%s\\n' \\\"\\$0\\\" \\\"\\$@\\\"; }\"; done
same() { :; }; same_id() { :; }; file_1=a file_2=b file_3=c file_4=d\n";
    let (elsewhere, ran) = run_elsewhere(&format!("{stubs}{}", &script[start..]));
    assert_eq!(ran.status, Some(0), "{}\n{script}", ran.stderr);
    assert!(!elsewhere.path("owned").exists(), "{script}");
    let written: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("--output="))
        .collect();
    assert!(!written.is_empty(), "{}", ran.stdout);
    let outside = |path: &&str| path.starts_with('/') || path.contains("..");
    assert!(!written.iter().any(outside), "{written:?}");
}
