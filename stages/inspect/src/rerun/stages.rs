//! The stages and their options, as far as a script must know them: which words are files.

mod networks;

/// A stage whose commands may be run again.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// Options whose value is a file that is read.
    pub(crate) reads: &'static [&'static str],
    /// Options with another value.
    pub(crate) takes: &'static [&'static str],
    /// Options with no value, or with one behind `=` or as the next word if that is not an option.
    pub(crate) flags: &'static [&'static str],
    /// Words before the files: import-data names a form.
    pub(crate) words: usize,
}

/// Of every stage: without a value, and no part of a script.
pub(crate) const DROPPED: [&str; 2] = ["force", "quiet"];
/// Options that name what is written: a file, or a folder.
pub(crate) const OUTPUT: &str = "output";
pub(crate) const OUTPUT_FOLDER: &str = "output-dir";

/// All that write files or pictures; tests compare them with `tests/golden/help`.
pub(crate) const STAGES: [Stage; 13] = [
    networks::IMPORT_MODEL,
    networks::IMPORT_DATA,
    networks::TRAIN,
    networks::CONNECT,
    Stage {
        name: "make-dirs",
        reads: &["model", "target", "target-y", "pca", "eigenvectors"],
        takes: &[
            "dims", "seed", "dir-type", "xnorm", "xignore", "ynorm", "yignore", "only", "except",
            "which",
        ],
        flags: &["same-dir", "orthonormal"],
        words: 0,
    },
    Stage {
        name: "eval-grid",
        reads: &[
            "model",
            "data",
            "directions",
            "trajectory",
            "points",
            "start",
        ],
        takes: &[
            "x",
            "y",
            "shard",
            "split",
            "loss",
            "metric",
            "class-axis",
            "ignore-index",
            "batch",
            "limit",
            "precision",
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
        ],
        flags: &["check-precision", "at-checkpoints"],
        words: 0,
    },
    Stage {
        name: "hessian",
        reads: &["model", "data", "directions"],
        takes: &[
            "x",
            "y",
            "top",
            "bottom",
            "density-steps",
            "operator",
            "parameters",
            "only",
            "except",
            "tolerance",
            "max-products",
            "max-basis",
            "seed",
            "split",
            "limit",
            "loss",
            "class-axis",
            "ignore-index",
            "batch",
            "device",
            "jobs",
        ],
        flags: &["trace", "density"],
        words: 0,
    },
    Stage {
        name: "sharpness",
        reads: &["model", "data"],
        takes: &[
            "measures",
            "perturbations",
            "rho-average",
            "rho",
            "rho-adaptive",
            "epsilon",
            "ascent-steps",
            "line-tolerance",
            "seed",
            "split",
            "limit",
            "loss",
            "class-axis",
            "ignore-index",
            "batch",
            "device",
            "jobs",
        ],
        flags: &[],
        words: 0,
    },
    Stage {
        name: "merge",
        reads: &[],
        takes: &[],
        flags: &["allow-missing"],
        words: 0,
    },
    Stage {
        name: "project",
        reads: &["model", "directions"],
        takes: &["run", "method", "curve", "count"],
        flags: &[],
        words: 0,
    },
    Stage {
        name: "render",
        reads: &["trajectory", "font"],
        takes: &[
            "plot",
            "along",
            "surf-name",
            "vmin",
            "vmax",
            "vlevel",
            "levels",
            "clip",
            "smooth",
            "sigma",
            "learning-rate",
            "panel",
            "panel-title",
            "style",
            "cmap",
            "title",
            "xlabel",
            "ylabel",
            "size",
            "dpi",
            "font-size",
            "aspect",
            "elevation",
            "azimuth",
            "animate",
            "frames",
            "fps",
        ],
        flags: &[
            "signed",
            "log",
            "linear",
            "share-range",
            "dark",
            "no-axes",
            "no-colorbar",
            "no-provenance",
            "floor",
        ],
        words: 0,
    },
    Stage {
        name: "to-vtp",
        reads: &["trajectory"],
        takes: &["surf-name", "zmax", "zscale", "interp", "cmap"],
        flags: &["log"],
        words: 0,
    },
    Stage {
        name: "to-table",
        reads: &[],
        takes: &["surf-name"],
        flags: &[],
        words: 0,
    },
];

impl Stage {
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        STAGES.iter().find(|stage| stage.name == name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Options of a page of help: those that take a value, and the others.
    fn options(page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut takes, mut flags) = (BTreeSet::new(), BTreeSet::new());
        for line in page.lines().map(str::trim) {
            let line =
                line.split_once(", ").map_or(
                    line,
                    |(short, long)| {
                        if short.len() == 2 { long } else { line }
                    },
                );
            let Some(option) = line.strip_prefix("--") else {
                continue;
            };
            let name: String = option
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')
                .collect();
            if option[name.len()..].starts_with(" <") {
                takes.insert(name);
            } else {
                flags.insert(name);
            }
        }
        (takes, flags)
    }

    #[test]
    fn options_are_those_of_the_help() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/help");
        for stage in &STAGES {
            let (mut takes, mut flags) = (BTreeSet::new(), BTreeSet::new());
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let page = path.file_stem().unwrap().to_str().unwrap().to_string();
                // import-data has a page for each form
                let of_stage = page == stage.name
                    || (stage.words > 0 && page.starts_with(&format!("{}-", stage.name)));
                if of_stage {
                    let (some, others) = options(&fs::read_to_string(path).unwrap());
                    takes.extend(some);
                    flags.extend(others);
                }
            }
            let known: BTreeSet<String> = stage
                .reads
                .iter()
                .chain(stage.takes)
                .map(ToString::to_string)
                .collect();
            let written = [OUTPUT, OUTPUT_FOLDER].map(String::from);
            takes.retain(|name| !written.contains(name));
            // these print and write nothing
            let asked = ["help", "version", "list"].map(String::from);
            flags.retain(|name| !DROPPED.contains(&name.as_str()) && !asked.contains(name));
            takes.remove("inspect");
            assert_eq!(takes, known, "{}", stage.name);
            let known: BTreeSet<String> = stage.flags.iter().map(ToString::to_string).collect();
            assert_eq!(flags, known, "{}", stage.name);
        }
    }
}
