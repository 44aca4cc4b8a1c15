//! The pictures of the gallery are those that are drawn today. Calls as in `tests/gallery/make.py`.

use std::path::{Path, PathBuf};

use crate::picture::Picture;
use tests::Workdir;

/// Grey values by which a pixel may differ on another platform, and the share of pixels that may
/// differ by more. On the platform of the committed pictures they are the same.
const TOLERANCE: u8 = 3;
const MOST_DIFFERENT: f64 = 0.001;

/// Kinds of picture of each landscape, with their options.
const KINDS: [(&str, &str); 13] = [
    ("curve", "--plot curve"),
    ("repeats", "--plot repeats"),
    ("contour", "--plot contour"),
    ("contourf", "--plot contourf"),
    ("heat", "--plot heat"),
    ("contour-clip", "--plot contour"),
    ("heat-clip", "--plot heat"),
    ("contourf-smooth", "--plot contourf --smooth 201"),
    ("surface3d", "--plot surface3d"),
    ("surface3d-floor", "--plot surface3d --floor"),
    ("eig-ratio", "--plot eig-ratio"),
    ("eig-ratio-signed", "--plot eig-ratio --signed"),
    ("stderr", "--plot stderr"),
];
/// Landscapes, and where their pictures of kinds that end in -clip are cut off.
const LANDSCAPES: [(&str, u32); 3] = [("bowl", 10), ("chaos", 300), ("partial", 10)];

/// Single pictures, with their whole calls.
const OTHERS: [(&str, &str); 14] = [
    ("trajectory", "runs.h5 --plot trajectory --style paper"),
    (
        "runs",
        "runs-surface.h5 --plot heat --trajectory runs.h5 --style paper",
    ),
    (
        "runs-contour",
        "runs-surface.h5 --plot contour --trajectory runs.h5 --style paper",
    ),
    (
        "runs-along",
        "runs.h5 below.h5 --plot along --log --style paper",
    ),
    (
        "plane",
        "plane-surface.h5 --plot contourf --trajectory line.h5 --trajectory bezier.h5 --style paper",
    ),
    (
        "plane-along",
        "stored.h5 line.h5 bezier.h5 --plot along --along parameter --log --style paper",
    ),
    ("density", "vit-density.h5 --plot density --style paper"),
    (
        "density-matrices",
        "vit-density-300.h5 vit-ggn.h5 --plot density --style paper",
    ),
    (
        "eigenvalues",
        "vit-training.h5 --plot eigenvalues --learning-rate 0.02 --style paper",
    ),
    (
        "eigenvalues-rank",
        "vit-density-300.h5 vit-ggn.h5 --plot eigenvalues --style paper",
    ),
    (
        "lit-fine",
        "fine.h5 --plot surface3d --style lit --size 3.307x2.3",
    ),
    (
        "lit-chaos",
        "chaos.h5 --plot surface3d --style lit --size 3.307x2.3",
    ),
    (
        "panels",
        "bowl.h5 partial.h5 chaos.h5 --plot contourf --panel 3 --share-range --style paper \
         --size 2.2x1.9",
    ),
    (
        "dark",
        "bowl.h5 --plot surface3d --dark --floor --style paper",
    ),
];

/// The files of which a kind shows a landscape.
fn files(kind: &str, landscape: &str) -> String {
    match kind {
        "curve" => format!("{landscape}-1.h5"),
        "repeats" => (1..=5).map(|k| format!("{landscape}-{k}.h5 ")).collect(),
        _ => format!("{landscape}.h5"),
    }
}

/// The share of pixels that differ by more than the tolerance; all where the sizes differ.
fn share_that_differs(one: &Picture, other: &Picture) -> f64 {
    if one.size != other.size {
        return 1.0;
    }
    let mut different = 0;
    for (one, other) in one.pixels.iter().zip(&other.pixels) {
        if (0..3).any(|k| one[k].abs_diff(other[k]) > TOLERANCE) {
            different += 1;
        }
    }
    f64::from(different) / one.pixels.len() as f64
}

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery")
}

/// Draws a picture anew; returns its name and the share that differs, where that is too large.
fn compare(workdir: &Workdir, name: &str, call: &str) -> Option<String> {
    let folder = gallery();
    let mut line = String::from("render --dpi 150 --force --quiet --output drawn.png");
    for word in call.split_whitespace() {
        line += " ";
        if word.ends_with(".h5") {
            line += &folder.join("data").join(word).display().to_string();
        } else {
            line += word;
        }
    }
    workdir.ok(&line);
    let drawn = Picture::read(&workdir.path("drawn.png"));
    let kept = Picture::read(&folder.join("pictures").join(format!("{name}.png")));
    let share = share_that_differs(&drawn, &kept);
    (share > MOST_DIFFERENT).then(|| format!("{name}: {:.2} % of pixels differ", 100.0 * share))
}

#[test]
fn every_picture_of_the_gallery_is_drawn_as_it_was() {
    let workdir = Workdir::new();
    let mut different = Vec::new();
    for (kind, options) in KINDS {
        for (landscape, limit) in LANDSCAPES {
            let mut call = format!("{} {options}", files(kind, landscape));
            if kind.ends_with("-clip") {
                call += &format!(" --clip {limit}");
            }
            let name = format!("{kind}-{landscape}");
            let call = format!("{call} --style paper");
            different.extend(compare(&workdir, &name, &call));
        }
    }
    for (name, call) in OTHERS {
        different.extend(compare(&workdir, name, call));
    }
    assert!(
        different.is_empty(),
        "draw them anew with make gallery if that is meant:\n{}",
        different.join("\n")
    );
}

#[test]
fn a_picture_that_differs_is_found() {
    let one = Picture {
        size: (2, 1),
        pixels: vec![[10; 3], [200; 3]],
    };
    let mut other = Picture {
        size: (2, 1),
        pixels: vec![[12; 3], [200; 3]],
    };
    assert_eq!(share_that_differs(&one, &other), 0.0);
    other.pixels[1] = [200, 190, 200];
    assert_eq!(share_that_differs(&one, &other), 0.5);
    other.size = (1, 2);
    assert_eq!(share_that_differs(&one, &other), 1.0);
}
