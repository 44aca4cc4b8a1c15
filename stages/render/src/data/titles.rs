//! Names for files that are shown together: by what differs in the commands that made them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use files::Header;

/// Options that say where files lie and how the work was cut, not what was measured.
const INCIDENTAL: [&str; 16] = [
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
    "points",
    "trajectory",
    "o",
    "q",
    "allow-missing",
    "keep",
];
/// Options whose value says enough.
const PLAIN: [&str; 3] = ["arch", "program", "checkpoint"];

/// A stage and the name of one of its options.
type OptionName = (String, String);
/// The options of all commands that made a file, with their values.
type Made = BTreeMap<OptionName, String>;

/// Short names, different from each other: the options that differ, or else the names of the files.
pub(crate) fn titles(headers: &[&Header]) -> Vec<String> {
    let by_options = by_options(headers);
    if tell_apart(&by_options) {
        return by_options;
    }
    let by_name: Vec<String> = headers.iter().map(|header| stem(&header.path)).collect();
    if tell_apart(&by_name) {
        return by_name;
    }
    by_path(headers)
}

/// Whether each file has a name, and no two have the same.
pub(crate) fn tell_apart(names: &[String]) -> bool {
    let different: BTreeSet<&String> = names.iter().collect();
    different.len() == names.len() && names.iter().all(|name| !name.is_empty())
}

/// Names by the options that differ between the files.
fn by_options(headers: &[&Header]) -> Vec<String> {
    let made: Vec<Made> = headers
        .iter()
        .map(|header| options(&header.history))
        .collect();
    let all: BTreeSet<&OptionName> = made.iter().flat_map(BTreeMap::keys).collect();
    let mut titles = vec![Vec::new(); made.len()];
    for option in all {
        let value = made[0].get(option);
        if made.iter().all(|options| options.get(option) == value) {
            continue;
        }
        for (title, options) in titles.iter_mut().zip(&made) {
            if let Some(value) = options.get(option) {
                title.push(part(&option.1, value));
            }
        }
    }
    titles.iter().map(|parts| parts.join(", ")).collect()
}

/// What a title says of one option.
fn part(name: &str, value: &str) -> String {
    if PLAIN.contains(&name) {
        value.into()
    } else {
        format!("{name} {value}")
    }
}

/// The name of a file without its ending.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The paths of files without the folder that all have in common, and without their endings.
fn by_path(headers: &[&Header]) -> Vec<String> {
    let common = common_folder(headers);
    let mut titles = Vec::new();
    for header in headers {
        let path = header.path.strip_prefix(common).unwrap_or(&header.path);
        titles.push(path.with_extension("").display().to_string());
    }
    titles
}

/// The innermost folder that holds all files; empty where there is none.
fn common_folder<'a>(headers: &[&'a Header]) -> &'a Path {
    let mut common = headers.first().and_then(|first| first.path.parent());
    while let Some(folder) = common {
        if headers.iter().all(|header| lies_in(&header.path, folder)) {
            return folder;
        }
        common = folder.parent();
    }
    Path::new("")
}

fn lies_in(path: &Path, folder: &Path) -> bool {
    path.parent().unwrap_or(Path::new("")).starts_with(folder)
}

/// The options of all commands, by the stage and the name; a path is its file's name.
fn options(history: &[String]) -> Made {
    let mut options = BTreeMap::new();
    for command in history {
        let words = shlex::split(command).unwrap_or_default();
        let stage = words.first().cloned().unwrap_or_default();
        for (k, word) in words.iter().enumerate() {
            let Some(option) = word.strip_prefix("--") else {
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some(pair) => pair,
                None => (option, value_after(&words, k)),
            };
            if INCIDENTAL.contains(&name) {
                continue;
            }
            let value = if value.contains('/') {
                stem(Path::new(value))
            } else {
                value.into()
            };
            options.insert((stage.clone(), name.to_string()), value);
        }
    }
    options
}

/// The word after an option, unless it is the next option.
fn value_after(words: &[String], option: usize) -> &str {
    match words.get(option + 1) {
        Some(next) if !next.starts_with("--") => next,
        Some(_) | None => "",
    }
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
