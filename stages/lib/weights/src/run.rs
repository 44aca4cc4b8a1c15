//! The checkpoints of a run: files in the order of training.

use std::{
    cmp::Ordering,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

/// The files of a run, in the order of the numbers in their names: `model-2.h5` comes before
/// `model-10.h5`. A pattern with `*`, `?` or `[…]` that is not the name of a file stands for all
/// files that match it.
///
/// # Errors
/// A pattern that no file matches.
pub fn files_of_run(patterns: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pattern in patterns {
        let text = pattern.to_string_lossy();
        if pattern.exists() || !text.contains(['*', '?', '[']) {
            files.push(pattern.clone());
            continue;
        }
        let before = files.len();
        let paths =
            glob::glob(&text).map_err(|error| Error::Pattern(format!("{text}: {error}")))?;
        for path in paths {
            files.push(path.map_err(|error| Error::Pattern(error.to_string()))?);
        }
        if files.len() == before {
            return Err(Error::Pattern(format!("{text}: no file matches")));
        }
    }
    files.sort_by(|a, b| by_numbers(a, b));
    Ok(files)
}

/// Compares two names as text in which a row of digits counts as one number. A dot between digits
/// is part of the number: `model-0.25.h5` comes before `model-1.h5`.
fn by_numbers(a: &Path, b: &Path) -> Ordering {
    let (a, b) = (a.to_string_lossy(), b.to_string_lossy());
    let (mut left, mut right) = (a.as_ref(), b.as_ref());
    loop {
        let (Some(one), Some(other)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len());
        };
        let order = if one.is_ascii_digit() && other.is_ascii_digit() {
            take_number(&mut left).total_cmp(&take_number(&mut right))
        } else {
            left = &left[one.len_utf8()..];
            right = &right[other.len_utf8()..];
            one.cmp(&other)
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The number at the start of a text, which is taken from it: digits, and a fraction where digits
/// follow the dot.
fn take_number(text: &mut &str) -> f64 {
    let mut end = digits(text);
    if text[end..].starts_with('.') {
        let fraction = digits(&text[end + 1..]);
        if fraction > 0 {
            end += 1 + fraction;
        }
    }
    let (number, rest) = text.split_at(end);
    *text = rest;
    // digits are always a number
    number.parse().unwrap_or(f64::INFINITY)
}

/// How many digits a text starts with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        let names = [
            "n/model-10.h5",
            "n/model-2.h5",
            "n/model-0.25.h5",
            "n/model-1.h5",
        ];
        let files = files_of_run(&names.map(PathBuf::from)).unwrap();
        let wanted = [
            "n/model-0.25.h5",
            "n/model-1.h5",
            "n/model-2.h5",
            "n/model-10.h5",
        ];
        assert_eq!(files, wanted.map(PathBuf::from));
    }

    #[test]
    fn a_pattern_stands_for_its_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["model-3.h5", "model-12.h5", "other.h5"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let files = files_of_run(&[folder.path().join("model-*.h5")]).unwrap();
        let wanted = ["model-3.h5", "model-12.h5"];
        assert_eq!(files, wanted.map(|name| folder.path().join(name)));
        let nothing = files_of_run(&[folder.path().join("none-*.h5")]).unwrap_err();
        assert!(nothing.to_string().contains("no file matches"), "{nothing}");
    }
}
