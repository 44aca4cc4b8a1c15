//! The keys and words of a config are those of the stages' options: what a stage takes and a config
//! does not, or the other way round, is named here with the reason.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use tests::{Workdir, golden};

/// A part of a config and the stages whose options it has.
struct Part {
    /// Its name in the schema.
    name: &'static str,
    /// Command lines before the options.
    stages: &'static [&'static str],
    /// Keys that are no options of these stages; `plan` reads them itself.
    own: &'static [&'static str],
    /// Keys with another name than their option.
    renamed: &'static [(&'static str, &'static str)],
    /// Options that a config does not have.
    left_out: &'static [&'static str],
}

/// Options of every stage: `plan` sets them, or nobody wants them in a study.
const OF_EVERY_STAGE: [&str; 5] = ["output", "force", "quiet", "help", "version"];

const PARTS: [Part; 10] = [
    Part {
        name: "Model",
        stages: &["import-model"],
        // a model.h5 is not imported, nor is a run
        own: &["file", "run", "train"],
        renamed: &[],
        // they print and write no file
        left_out: &["list", "inspect"],
    },
    Part {
        name: "Training",
        stages: &["train"],
        // libtorch takes it from the environment
        own: &["threads"],
        renamed: &[],
        // plan names files, and the model of a study is the last checkpoint
        left_out: &["output-dir", "log", "average", "average-from", "ema-decay"],
    },
    Part {
        name: "Trajectory",
        stages: &["project"],
        // measuring is eval-grid's
        own: &["measure"],
        renamed: &[("runs", "run")],
        // the surface decides both; curves are between networks, not along runs
        left_out: &["model", "directions", "curve", "count"],
    },
    Part {
        name: "Data",
        stages: &[
            "import-data cifar10",
            "import-data idx",
            "import-data npz",
            "import-data folder",
        ],
        // a data.h5 is not imported; format and path are words without an option
        own: &["file", "format", "path"],
        renamed: &[],
        left_out: &[],
    },
    Part {
        name: "Directions",
        stages: &["make-dirs"],
        // a directions.h5 is not made
        own: &["file"],
        renamed: &[],
        // the surface decides both
        left_out: &["model", "dims", "eigenvectors", "which"],
    },
    Part {
        name: "Grid",
        stages: &["eval-grid"],
        own: &[],
        renamed: &[],
        left_out: OF_EVALUATE,
    },
    Part {
        name: "Evaluate",
        stages: &["eval-grid"],
        own: &[],
        renamed: &[("shards", "shard")],
        // the surface decides the files, Grid the axes; a study is checked by hand before it runs
        left_out: &[
            "model",
            "data",
            "directions",
            "x",
            "y",
            "trajectory",
            "points",
            "start",
            "at-checkpoints",
            "check-precision",
        ],
    },
    Part {
        name: "Choice",
        stages: &["make-dirs", "eval-grid"],
        own: &[],
        renamed: &[],
        // a sweep varies what changes the values of a surface
        left_out: &[
            "dims",
            "same-dir",
            "target",
            "target-y",
            "orthonormal",
            "pca",
            "eigenvectors",
            "which",
            "only",
            "except",
            "directions",
            "trajectory",
            "points",
            "start",
            "at-checkpoints",
            "shard",
            "metric",
            "class-axis",
            "ignore-index",
            "check-precision",
            "operator",
            "parameters",
            "hessian-only",
            "hessian-examples",
            "tolerance",
            "max-products",
            "hessian-seed",
            "data-memory",
            "device",
            "jobs",
        ],
    },
    Part {
        name: "Picture",
        stages: &["render", "to-vtp", "to-table"],
        // they make the name of the output
        own: &["format", "name"],
        renamed: &[],
        // panels are of overviews; animations are of no sweep; spectra are of no study
        left_out: &[
            "along",
            "sigma",
            "learning-rate",
            "panel",
            "panel-title",
            "share-range",
            "animate",
            "frames",
            "fps",
        ],
    },
    Part {
        name: "Overview",
        stages: &["render"],
        own: &["format"],
        renamed: &[("columns", "panel")],
        // plan writes the titles; the others are of single pictures
        left_out: &[
            "trajectory",
            "along",
            "sigma",
            "learning-rate",
            "panel-title",
            "animate",
            "frames",
            "fps",
            "xlabel",
            "ylabel",
            "signed",
            "floor",
            "elevation",
            "azimuth",
        ],
    },
];

/// What Grid leaves to other parts.
const OF_EVALUATE: &[&str] = &[
    "model",
    "data",
    "directions",
    "trajectory",
    "start",
    "points",
    "at-checkpoints",
    "shard",
    "split",
    "loss",
    "metric",
    "class-axis",
    "ignore-index",
    "batch",
    "limit",
    "precision",
    "check-precision",
    "stop-above",
    "recalibrate-bn",
    "recalibrate-batch",
    "operator",
    "parameters",
    "hessian-only",
    "hessian-examples",
    "tolerance",
    "max-products",
    "hessian-seed",
    "data-memory",
    "device",
    "jobs",
];

/// Plots of a config that render does not draw: a page has no --plot, other stages make the others.
const OTHER_PLOTS: [&str; 3] = ["page", "vtp", "table"];
/// Plots of spectra, which a study does not measure.
const OF_SPECTRA: [&str; 2] = ["density", "eigenvalues"];
/// Endings of render that no form is: animations are of no sweep.
const ANIMATIONS: [&str; 2] = ["apng", "gif"];

fn schema() -> Value {
    serde_json::from_str(&Workdir::new().ok("plan --schema").stdout).unwrap()
}

/// The options that the help of a command names; `help` checks that the help which is kept is what
/// the stage says.
fn options(command: &str) -> BTreeSet<String> {
    let kept = golden(&format!("help/{}.txt", command.replace(' ', "-")));
    let help = fs::read_to_string(kept).unwrap();
    let mut options = BTreeSet::new();
    for line in help.lines() {
        let line = line.trim_start();
        // "-o, --output <FILE>", or "--force"
        let option = line.strip_prefix("--").or_else(|| {
            let (short, long) = line.split_once(", --")?;
            (short.len() == 2).then_some(long)
        });
        if let Some(option) = option {
            let end = option.find([' ', '[', ',']).unwrap_or(option.len());
            options.insert(option[..end].to_string());
        }
    }
    for option in OF_EVERY_STAGE {
        options.remove(option);
    }
    assert!(!options.is_empty(), "{command}: {help}");
    options
}

#[test]
fn keys_are_options() {
    let schema = schema();
    for part in &PARTS {
        let mut options_of_all = BTreeSet::new();
        for stage in part.stages {
            options_of_all.extend(options(stage));
        }
        let mut named = BTreeSet::new();
        for key in schema["$defs"][part.name]["properties"]
            .as_object()
            .unwrap()
            .keys()
        {
            if part.own.contains(&key.as_str()) {
                continue;
            }
            let renamed = part.renamed.iter().find(|(name, _)| name == key);
            let option = match renamed {
                Some((_, option)) => option.to_string(),
                None => key.replace('_', "-"),
            };
            assert!(
                options_of_all.contains(&option),
                "{}: the key {key} is no option of {:?}",
                part.name,
                part.stages
            );
            named.insert(option);
        }
        for option in part.left_out {
            assert!(
                named.insert(option.to_string()),
                "{}: --{option} is left out and a key",
                part.name
            );
        }
        assert_eq!(
            options_of_all, named,
            "{}: options of {:?} (left) and keys (right)",
            part.name, part.stages
        );
    }
}

/// The words of a type in the schema.
fn words(schema: &Value, name: &str) -> BTreeSet<String> {
    let found = &schema["$defs"][name];
    let mut words = BTreeSet::new();
    for word in found["enum"].as_array().into_iter().flatten() {
        words.insert(word.as_str().unwrap().to_string());
    }
    for word in found["oneOf"].as_array().into_iter().flatten() {
        words.insert(word["const"].as_str().unwrap().to_string());
    }
    assert!(!words.is_empty(), "{name}: {found}");
    words
}

/// The words of an option, which its refusal of another word lists.
fn known(stage: &str, option: &str) -> BTreeSet<String> {
    let ran = Workdir::new().run(&format!("{stage} --{option}=unknown"));
    let list = ran.stderr.split_once("[possible values: ");
    let list = list.and_then(|(_, rest)| rest.split_once(']'));
    let (list, _) = list.unwrap_or_else(|| panic!("{stage} --{option}: {}", ran.stderr));
    list.split(", ").map(String::from).collect()
}

#[test]
fn words_are_those_of_the_options() {
    let schema = schema();
    for (name, stage, option) in [
        ("DirType", "make-dirs", "dir-type"),
        ("Norm", "make-dirs", "xnorm"),
        ("Norm", "make-dirs", "ynorm"),
        ("Ignore", "make-dirs", "xignore"),
        ("Ignore", "make-dirs", "yignore"),
        ("Loss", "eval-grid", "loss"),
        ("Precision", "eval-grid", "precision"),
        ("ClassAxis", "eval-grid", "class-axis"),
        ("Style", "render", "style"),
        ("Loss", "train", "loss"),
        ("Optimizer", "train", "optimizer"),
        ("Schedule", "train", "schedule"),
        ("Augment", "train", "augment"),
        ("Rounding", "train", "precision"),
        ("Method", "project", "method"),
    ] {
        assert_eq!(
            words(&schema, name),
            known(stage, option),
            "{name} and {stage} --{option}"
        );
    }
}

#[test]
fn plots_are_those_of_render() {
    let mut plots = words(&schema(), "Plot");
    for other in OTHER_PLOTS {
        assert!(plots.remove(other), "{other}");
    }
    plots.extend(OF_SPECTRA.map(String::from));
    assert_eq!(plots, known("render", "plot"));
}

/// The endings that a stage writes, as its refusal of another one names them.
fn endings(line: &str) -> BTreeSet<String> {
    let said = Workdir::new().fails(&format!("{line} --output a.unknown"));
    let mut endings = BTreeSet::new();
    for word in said.split([' ', ',', '\n']) {
        if let Some(ending) = word.strip_prefix('.') {
            endings.insert(ending.to_string());
        }
    }
    endings
}

#[test]
fn forms_are_the_endings_of_the_stages() {
    let mut known = endings("render s.h5 --plot heat");
    for ending in ANIMATIONS {
        assert!(known.remove(ending), "{ending}");
    }
    known.extend(endings("to-vtp s.h5"));
    known.extend(endings("to-table s.h5"));
    assert_eq!(words(&schema(), "Form"), known);
}

#[test]
fn formats_of_data_are_the_commands_of_import_data() {
    let help = Workdir::new().ok("import-data --help").stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let mut commands = BTreeSet::new();
    for line in list.lines() {
        // lines that are indented further go on with the help of the command above
        match line.strip_prefix("  ") {
            Some(line) if !line.starts_with(' ') => {
                commands.extend(line.split(' ').next().map(String::from));
            }
            _ => {}
        }
    }
    assert!(commands.remove("help"));
    assert_eq!(words(&schema(), "Format"), commands);
}
