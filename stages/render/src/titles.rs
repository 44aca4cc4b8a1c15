//! Names for files that are seen together: by what differs in the commands that made them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use files::Header;

/// Options that say where files lie and how the work was cut, not what was measured.
const INCIDENTAL: [&str; 14] = [
    "output",
    "output-dir",
    "force",
    "quiet",
    "shard",
    "jobs",
    "device",
    "model",
    "data",
    "directions",
    "o",
    "q",
    "allow-missing",
    "keep",
];
/// Options whose value says enough.
const PLAIN: [&str; 3] = ["arch", "program", "checkpoint"];

/// Short names, different from each other: the options that differ, or else the names of the files.
pub(crate) fn titles(headers: &[&Header]) -> Vec<String> {
    let made: Vec<_> = headers
        .iter()
        .map(|header| options(&header.history))
        .collect();
    let all: BTreeSet<&(String, String)> = made.iter().flat_map(BTreeMap::keys).collect();
    let differ = |key: &&(String, String)| {
        made.iter()
            .any(|options| options.get(*key) != made[0].get(*key))
    };
    let keys: Vec<_> = all.into_iter().filter(differ).collect();
    let by_options = made.iter().map(|options| {
        let parts = keys.iter().filter_map(|key| {
            let (name, value) = (key.1.as_str(), options.get(*key)?);
            Some(if PLAIN.contains(&name) {
                value.clone()
            } else {
                format!("{name} {value}")
            })
        });
        parts.collect::<Vec<_>>().join(", ")
    });
    let folders = || {
        headers
            .iter()
            .map(|header| header.path.parent().unwrap_or(Path::new("")))
    };
    let common: PathBuf = folders().next().map_or_else(PathBuf::new, |first| {
        let shared = first
            .ancestors()
            .find(|ancestor| folders().all(|folder| folder.starts_with(ancestor)));
        shared.unwrap_or(Path::new("")).into()
    });
    let stem = |path: &Path| {
        path.file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    };
    let by_name = headers.iter().map(|header| stem(&header.path));
    let by_path = headers.iter().map(|header| {
        beyond(&common, &header.path)
            .with_extension("")
            .display()
            .to_string()
    });
    let candidates = [
        by_options.collect::<Vec<_>>(),
        by_name.collect(),
        by_path.collect(),
    ];
    let told_apart = |names: &&Vec<String>| {
        names.iter().all(|name| !name.is_empty())
            && names.iter().collect::<BTreeSet<_>>().len() == names.len()
    };
    candidates
        .iter()
        .find(told_apart)
        .unwrap_or(&candidates[2])
        .clone()
}

/// A path without the folder that all have in common.
fn beyond<'a>(common: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(common).unwrap_or(path)
}

/// The options of all commands, by the stage and the name; a path is its file's name.
fn options(history: &[String]) -> BTreeMap<(String, String), String> {
    let mut options = BTreeMap::new();
    for command in history {
        let words = shlex::split(command).unwrap_or_default();
        let stage = words.first().cloned().unwrap_or_default();
        for (k, word) in words.iter().enumerate() {
            let Some(option) = word.strip_prefix("--") else {
                continue;
            };
            let next = || {
                words
                    .get(k + 1)
                    .filter(|next| !next.starts_with("--"))
                    .map_or("", String::as_str)
            };
            let (name, value) = option.split_once('=').unwrap_or_else(|| (option, next()));
            if !INCIDENTAL.contains(&name) {
                let path = Path::new(value);
                let value = if value.contains('/') {
                    path.file_stem().unwrap_or_default().to_string_lossy()
                } else {
                    value.into()
                };
                options.insert((stage.clone(), name.to_string()), value.into_owned());
            }
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(path: &str, history: &[&str]) -> Header {
        let history = history.iter().map(|command| command.to_string()).collect();
        Header {
            path: path.into(),
            id: String::new(),
            created_by: String::new(),
            history,
        }
    }

    #[test]
    fn surfaces_are_named_by_what_differs() {
        let surface = |path, arch: &str, seed: &str| {
            let model = format!(
                "import-model --arch {arch} --checkpoint nets/{arch}.pt --output {arch}.h5"
            );
            let dirs = format!("make-dirs --model {arch}.h5 --seed {seed} --xnorm=filter");
            header(path, &[&model, &dirs, "eval-grid --shard 1/3"])
        };
        let (a, b) = (
            surface("a.h5", "resnet20", "1"),
            surface("b.h5", "resnet20", "2"),
        );
        assert_eq!(titles(&[&a, &b]), ["seed 1", "seed 2"]);
        let other = surface("c.h5", "vgg9", "1");
        assert_eq!(titles(&[&a, &other]), ["resnet20, resnet20", "vgg9, vgg9"]);
    }

    #[test]
    fn files_made_alike_have_the_names_of_files() {
        let (a, b) = (header("one/a.h5", &[]), header("two/b.h5", &[]));
        assert_eq!(titles(&[&a, &b]), ["a", "b"]);
        let (a, b) = (
            header("/all/one/surface.h5", &[]),
            header("/all/two/surface.h5", &[]),
        );
        assert_eq!(titles(&[&a, &b]), ["one/surface", "two/surface"]);
    }
}
