//! render: every kind of picture in every form, and what it refuses.

use std::{collections::BTreeSet, fs};

use crate::picture::Picture;
use tests::Workdir;

const SURFACES: [&str; 5] = [
    "contour",
    "contourf",
    "heat",
    "surface3d",
    "surface3d --floor",
];

/// Six decades, NaN, infinity and a point that was not computed.
fn chaos(x: f64, y: f64) -> Option<f64> {
    match (x, y) {
        (x, y) if x > 0.9 && y > 0.9 => None,
        (x, y) if x.hypot(y - 0.5) < 0.2 => Some(f64::NAN),
        (x, y) if x < -0.9 && y < -0.9 => Some(f64::INFINITY),
        (x, y) => Some(10f64.powf(-2.0 + 4.0 * x.hypot(y) + (5.0 * x).sin())),
    }
}

#[test]
fn every_kind_comes_in_every_form_with_the_same_bytes_each_time() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 17, chaos);
    workdir.write_curve("curve.h5", 31);
    workdir.write_trajectory(
        "run.h5",
        &[[0.8, 0.5], [0.3, f64::NAN], [0.2, 0.1], [0.0, 0.0]],
    );
    let kinds = SURFACES
        .map(|plot| ("surface.h5 --trajectory run.h5", plot))
        .into_iter();
    let others = [
        ("curve.h5", "curve"),
        ("curve.h5 curve.h5", "repeats"),
        ("run.h5", "trajectory"),
    ];
    for (file, plot) in kinds.chain(others) {
        for (form, magic) in [("png", &b"\x89PNG"[..]), ("svg", b"<svg"), ("pdf", b"%PDF")] {
            let draw = || {
                workdir.ok(&format!(
                    "render {file} --plot {plot} --dpi 60 --force --output p.{form}"
                ));
                fs::read(workdir.path(&format!("p.{form}"))).unwrap()
            };
            let picture = draw();
            assert!(picture.starts_with(magic), "{plot}.{form}");
            assert!(picture == draw(), "{plot}.{form} differs from run to run");
            match form {
                "png" => shows_ink(&workdir, plot),
                "svg" => has_only_numbers(&picture, plot),
                // the contents of a PDF are compressed; it is drawn from the same tree
                _ => assert!(picture.trim_ascii_end().ends_with(b"%%EOF"), "{plot}"),
            }
        }
    }
}

/// The PNG has white paper, black ink of axes, and many colours between.
fn shows_ink(workdir: &Workdir, plot: &str) {
    let picture = Picture::read(&workdir.path("p.png"));
    let colours: BTreeSet<[u8; 3]> = picture.pixels.iter().copied().collect();
    assert_eq!(picture.pixels[0], [255; 3], "{plot}: the paper");
    let darkest = colours.iter().map(|colour| colour[0].max(colour[1])).min();
    assert!(
        darkest < Some(90),
        "{plot}: no ink, {darkest:?} is the darkest"
    );
    assert!(colours.len() > 50, "{plot}: {} colours", colours.len());
}

/// The SVG draws lines, and no coordinate is something else than a finite number.
fn has_only_numbers(picture: &[u8], plot: &str) {
    let text = without_images(picture);
    assert!(text.matches("<path").count() > 10, "{plot}");
    assert!(!text.contains("NaN"), "{plot}");
    for data in text.split(" d=\"").skip(1) {
        let data = data.split('"').next().unwrap();
        for word in data.split_whitespace() {
            let number = word.parse::<f64>();
            let command = word.len() == 1 && "MLQCZ".contains(word);
            assert!(
                command || number.is_ok_and(f64::is_finite),
                "{plot}: {word}"
            );
        }
    }
}

/// The text of an SVG without the images in it, which are letters in any order.
fn without_images(picture: &[u8]) -> String {
    let text = String::from_utf8_lossy(picture);
    let mut parts = text.split("base64,");
    let mut kept = parts.next().unwrap_or_default().to_string();
    for part in parts {
        kept += part.split_once('"').map_or("", |(_, rest)| rest);
    }
    kept
}

#[test]
fn sizes_are_inches_times_dpi() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 5, |x, y| Some(x * x + y * y + 0.1));
    workdir.ok("render surface.h5 --plot heat --size 3x2 --dpi 100 --output a.png");
    assert_eq!(Picture::read(&workdir.path("a.png")).size, (300, 200));
}

#[test]
fn levels_are_chosen_or_given_and_told() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 9, |x, y| {
        Some(0.01 + 30.0 * (x * x + y * y))
    });
    let said = |options: &str| {
        workdir
            .ok(&format!(
                "render surface.h5 --plot contour {options} --force --output c.svg"
            ))
            .stderr
    };
    assert!(said("").contains("levels (logarithmic): 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30;"));
    assert_eq!(said("--vmin 1 --vmax 20 --vlevel 2"), "");
    assert_eq!(said("--levels 1,2,5"), "");
    assert!(said("--linear").contains("levels (linear): 10, 20, 30, 40, 50, 60;"));
}

#[test]
fn panels_stand_in_rows_and_share_a_colour_bar() {
    let workdir = Workdir::new();
    for (name, scale) in [("a.h5", 1.0), ("b.h5", 30.0), ("c.h5", 4.0)] {
        workdir.write_surface(name, 5, 5, |x, y| Some(scale * (x * x + y * y + 0.1)));
    }
    let drawn = |options: &str| {
        workdir
            .ok(&format!("render a.h5 b.h5 c.h5 --plot heat --size 2x1.5 --dpi 100 {options} --force --output p.png"));
        Picture::read(&workdir.path("p.png")).size
    };
    assert_eq!(drawn(""), (400, 300));
    assert_eq!(drawn("--panel 3"), (600, 150));
    assert_eq!(drawn("--panel 3x1"), (200, 450));
    let (width, height) = drawn("--panel 3 --share-range");
    assert!(width > 620 && height == 150, "{width} × {height}");
    let stderr = workdir.fails("render a.h5 b.h5 c.h5 --plot heat --panel 1x2 --output q.png");
    assert!(stderr.contains("no room for 3 files"), "{stderr}");
}

#[test]
fn eigenvalues_and_standard_errors_have_pictures_of_their_own() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 4, |x, y| Some(1.0 + x * x + y));
    let stderr = workdir.fails("render surface.h5 --plot stderr --output a.png");
    assert!(stderr.contains("no \"train_loss_stderr\""), "{stderr}");
    assert!(
        workdir
            .fails("render surface.h5 --plot eig-ratio --output a.png")
            .contains("no \"eig_ratio\"")
    );
    let add = "import h5py, numpy\nwith h5py.File('surface.h5', 'r+') as f:\n    z = f['train_loss'][:]\n    \
        extra = {'min_eig': -z, 'max_eig': 3 * z + 1, 'train_loss_stderr': 0.1 * z}\n    \
        [f.create_dataset(k, data=v) for k, v in extra.items()]\n    \
        f.attrs['metrics'] = [*f.attrs['metrics'].astype(str).tolist(), *extra]\n    del f.attrs['id']";
    tests::python(&workdir, add);
    for options in [
        "stderr",
        "eig-ratio",
        "eig-ratio --signed",
        "contourf --surf-name eig_ratio",
    ] {
        workdir.ok(&format!(
            "render surface.h5 --plot {options} --force --output a.png"
        ));
    }
}

#[test]
fn animations_have_a_picture_for_each_step() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 9, |x, y| Some(0.1 + x * x + y * y));
    workdir.write_trajectory("run.h5", &[[0.8, 0.5], [0.3, 0.4], [0.2, 0.1], [0.0, 0.0]]);
    let common = "--size 3x2.5 --dpi 40 --output";
    workdir.ok(&format!(
        "render surface.h5 --plot surface3d --animate rotate --frames 6 {common} turn.gif"
    ));
    workdir.ok(&format!(
        "render surface.h5 --plot surface3d --animate rotate --frames 6 {common} turn.apng"
    ));
    workdir.ok(&format!(
        "render surface.h5 --plot contour --trajectory run.h5 --animate trajectory {common} run.gif"
    ));
    let look = "from PIL import Image\nfor name in ('turn.gif', 'turn.apng', 'run.gif'):\n    \
        image = Image.open(name)\n    image.seek(image.n_frames - 1)\n    \
        print(name, image.n_frames, image.size, image.info.get('loop'))";
    let said = tests::python(&workdir, look);
    // the end of a path is shown for a second
    assert_eq!(
        said,
        "turn.gif 6 (120, 100) 0\nturn.apng 6 (120, 100) 0\nrun.gif 24 (120, 100) 0\n"
    );
}

#[test]
fn a_terminal_shows_a_heat_map() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 17, chaos);
    let command = "render surface.h5 --output -";
    let ran = workdir
        .command(command)
        .env("COLUMNS", "40")
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "train loss");
    assert!(
        lines[1..lines.len() - 1]
            .iter()
            .all(|line| line.matches('▀').count() == 40)
    );
    // two rows of 32 in a line: as tall as 17 over 21 of 40
    assert_eq!(lines.len(), 1 + 16 + 1);
    assert!(
        lines[17].ends_with("(logarithmic)") && lines[17].contains("4.13e4"),
        "{}",
        lines[17]
    );
    assert!(workdir.names() == ["surface.h5"]);
}

#[test]
fn a_page_is_one_file_and_the_same_each_time() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 17, chaos);
    workdir.ok("render surface.h5 --no-provenance --output a.html");
    workdir.ok("render surface.h5 --plot surface3d --no-provenance --output b.html");
    let page = fs::read_to_string(workdir.path("a.html")).unwrap();
    assert!(page == fs::read_to_string(workdir.path("b.html")).unwrap());
    assert!(page.starts_with("<!doctype html>") && page.len() < 200_000);
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src=\""));
}

#[test]
fn surfaces_of_the_python_tool_are_drawn() {
    let workdir = Workdir::new();
    // 5 columns, 3 rows: the shape is (nx, ny), the order (ny, nx), and -1 was not computed
    let theirs = "import h5py, numpy\nwith h5py.File('theirs.h5', 'w') as f:\n    \
        f['xcoordinates'] = numpy.linspace(-1, 1, 5)\n    f['ycoordinates'] = numpy.linspace(-1, 1, 3)\n    \
        loss = numpy.arange(1.0, 16.0).reshape(5, 3)\n    loss[4, 2] = -1\n    \
        f['train_loss'] = loss\n    f['train_acc'] = numpy.where(loss < 0, -1, 50)\n    f['dir_file'] = b'dirs.h5'";
    tests::python(&workdir, theirs);
    for output in ["a.pdf --plot contour", "b.png --plot surface3d", "c.html"] {
        workdir.ok(&format!("render theirs.h5 --output {output}"));
    }
    assert!(
        workdir
            .ok("to-vtp theirs.h5 --output d.vtp")
            .stderr
            .contains("15 points, 7 quads")
    );
    workdir.ok("to-table theirs.h5 --output e.csv");
    let table = fs::read_to_string(workdir.path("e.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("x,y,train_"), "{}", lines[0]);
    assert_eq!(
        (lines[1].split(',').next(), lines[15]),
        (Some("-1.0"), "1.0,1.0,,")
    );
    assert!(
        lines[7].starts_with("-0.5,0.0,") && lines[7].contains("7.0"),
        "{}",
        lines[7]
    );
}

/// Adds attributes to a file, as remarks or otherwise.
fn add_attributes(workdir: &Workdir, file: &str, attributes: &str) {
    let add = format!(
        "import h5py\nwith h5py.File('{file}', 'r+') as f:\n    f.attrs.update({attributes})"
    );
    tests::python(workdir, &add);
}

#[test]
fn the_scale_is_logarithmic_from_a_decade_and_a_third_on() {
    let workdir = Workdir::new();
    for (name, most) in [("few.h5", 19.0), ("more.h5", 21.0)] {
        workdir.write_surface(name, 9, 9, |x, y| {
            Some(1.0 + (most - 1.0) * (x * x + y * y) / 2.0)
        });
        for plot in ["contour", "contourf", "heat", "surface3d"] {
            let said = workdir.ok(&format!(
                "render {name} --plot {plot} --force --output p.svg"
            ));
            let log = said.stderr.contains("logarithmic");
            assert_eq!(log, name == "more.h5", "{plot} of {name}: {}", said.stderr);
        }
    }
}

/// What a drawing of an SVG with texts as outlines has: the number of paths.
fn paths(workdir: &Workdir, arguments: &str) -> usize {
    workdir.ok(&format!("render {arguments} --force --output p.svg"));
    fs::read_to_string(workdir.path("p.svg"))
        .unwrap()
        .matches("<path")
        .count()
}

#[test]
fn axes_and_colour_bars_are_left_out_where_there_are_such() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 9, |x, y| Some(0.1 + x * x + y * y));
    workdir.write_curve("curve.h5", 9);
    workdir.write_trajectory("run.h5", &[[0.8, 0.5], [0.3, 0.4]]);
    for plot in ["contourf", "heat", "surface3d"] {
        let drawn = |options: &str| paths(&workdir, &format!("surface.h5 --plot {plot} {options}"));
        let [all, no_bar, no_axes] = [drawn(""), drawn("--no-colorbar"), drawn("--no-axes")];
        let neither = drawn("--no-axes --no-colorbar");
        assert!(
            all > no_bar && no_bar > neither,
            "{plot}: {all} {no_bar} {neither}"
        );
        assert!(
            all > no_axes && no_axes > neither,
            "{plot}: {all} {no_axes} {neither}"
        );
    }
    assert!(
        paths(&workdir, "surface.h5 --plot contour")
            > paths(&workdir, "surface.h5 --plot contour --no-axes")
    );
    workdir.ok("render run.h5 --plot trajectory --no-axes --output t.png");
    for (wrong, said) in [
        (
            "surface.h5 --plot contour --no-colorbar --output a.png",
            "does not use --no-colorbar",
        ),
        (
            "curve.h5 --plot curve --no-colorbar --output a.png",
            "does not use --no-colorbar",
        ),
        (
            "curve.h5 --plot curve --no-axes --output a.png",
            "does not use --no-axes",
        ),
        (
            "surface.h5 --no-axes --output a.html",
            "a page does not use --no-axes",
        ),
        (
            "surface.h5 --no-colorbar --output -",
            "the terminal does not use --no-colorbar",
        ),
        (
            "surface.h5 --plot heat --no-axes --xlabel a --output a.png",
            "no place for --xlabel",
        ),
    ] {
        let stderr = workdir.fails(&format!("render {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}

/// A picture of a surface: how far what is drawn is from its edges at most, in points, and its size
/// in pixels.
fn margin(workdir: &Workdir, options: &str, dpi: u32) -> (f64, (u32, u32)) {
    workdir.ok(&format!(
        "render surface.h5 --plot surface3d {options} --dpi {dpi} --force --output p.png"
    ));
    let picture = Picture::read(&workdir.path("p.png"));
    let margin = f64::from(picture.margins().into_iter().max().unwrap());
    (72.0 * margin / f64::from(dpi), picture.size)
}

#[test]
fn a_surface_fills_its_picture() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 21, |x, y| {
        Some(0.02 + 3.0 * (x * x + y * y))
    });
    for options in [
        "",
        "--no-axes",
        "--no-axes --no-colorbar",
        "--style lit",
        "--floor",
    ] {
        let (margin, _) = margin(&workdir, options, 72);
        assert!(margin <= 12.0, "{options}: {margin} points");
    }
    let (margin_on_paper, size) = margin(&workdir, "--style paper", 144);
    assert!(margin_on_paper <= 12.0, "{margin_on_paper} points");
    assert!(
        (f64::from(size.0) - 84.0 / 25.4 * 144.0).abs() <= 1.0,
        "84 mm wide: {size:?}"
    );
    // a size that was asked for is kept
    let (_, size) = margin(&workdir, "--size 3x5", 144);
    assert_eq!(size, (432, 720));
}

#[test]
fn a_lit_surface_has_neither_axes_nor_bar_and_is_smooth() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 11, 11, |x, y| {
        Some(0.02 + 3.0 * (x * x + y * y))
    });
    let lit = "render surface.h5 --plot surface3d --style lit --dpi 60 --size 3x2.5";
    let said = workdir.ok(&format!("{lit} --output p.svg")).stderr;
    assert!(
        said.contains("smoothed to 401x401 points by cubic splines"),
        "{said}"
    );
    let svg = fs::read_to_string(workdir.path("p.svg")).unwrap();
    // the paper and the picture, no line and no text
    assert_eq!(
        (
            svg.matches("<image").count(),
            svg.matches("stroke=\"#").count()
        ),
        (1, 0)
    );
    let said = workdir.ok(&format!("{lit} --smooth 51 --output q.png"));
    assert!(said.stderr.contains("smoothed to 51x51"), "{}", said.stderr);
    for (wrong, said) in [
        (
            "--plot heat --style lit --output a.png",
            "does not use --style lit",
        ),
        (
            "--plot surface3d --style lit --floor --output a.png",
            "no place for --floor",
        ),
        ("--style lit --output a.html", "a page does not use --style"),
    ] {
        let stderr = workdir.fails(&format!("render surface.h5 {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}

#[test]
fn smoothing_keeps_holes_and_says_so() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 21, |x, y| {
        (x.hypot(y) > 0.3).then_some(0.02 + 3.0 * (x * x + y * y))
    });
    for plot in ["contour", "contourf", "heat", "surface3d"] {
        let said = workdir.ok(&format!(
            "render surface.h5 --plot {plot} --smooth 101 --dpi 60 --force --output p.png"
        ));
        assert!(
            said.stderr
                .contains("smoothed to 101x101 points by cubic splines"),
            "{}",
            said.stderr
        );
    }
    // the middle of the heat map has the colour of a hole
    workdir.ok(
        "render surface.h5 --plot heat --smooth 101 --no-axes --no-colorbar --force --output p.png",
    );
    let picture = Picture::read(&workdir.path("p.png"));
    let (width, height) = picture.size;
    let middle = (height / 2 * width + width / 2) as usize;
    assert_eq!(picture.pixels[middle], [228; 3]);
    workdir.write_curve("curve.h5", 9);
    for (wrong, said) in [
        (
            "curve.h5 --plot curve --smooth 101 --output a.png",
            "does not use --smooth",
        ),
        (
            "surface.h5 --plot heat --smooth 20 --output a.png",
            "at least 21",
        ),
        (
            "surface.h5 --plot heat --smooth 3000 --output a.png",
            "2..=2000",
        ),
        (
            "surface.h5 --smooth 100 --output a.html",
            "a page does not use --smooth",
        ),
    ] {
        let stderr = workdir.fails(&format!("render {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}

#[test]
fn what_is_cut_off_is_hatched_and_said() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 21, |x, y| {
        Some(0.02 + 3.0 * (x * x + y * y))
    });
    for plot in [
        "contour",
        "contourf",
        "heat",
        "heat --smooth 41",
        "surface3d",
    ] {
        // lines of a hatching are clipped by its region; surface3d has an arrow at its bar
        let hatched = |clip: u32| {
            workdir.ok(&format!(
                "render surface.h5 --plot {plot} --clip {clip} --force --output p.svg"
            ));
            let svg = fs::read_to_string(workdir.path("p.svg")).unwrap();
            svg.matches("clip-path=").count()
        };
        let (plain, clipped) = (hatched(100), hatched(2));
        let said = workdir.ok(&format!(
            "render surface.h5 --plot {plot} --clip 2 --force --output p.svg"
        ));
        assert!(
            said.stderr.contains("hatched: train loss ≥ 2"),
            "{plot}: {}",
            said.stderr
        );
        assert!(
            clipped > plain,
            "{plot}: {plain} clipped groups, {clipped} where cut off"
        );
        assert!(
            !workdir
                .ok(&format!(
                    "render surface.h5 --plot {plot} --force --output p.svg"
                ))
                .stderr
                .contains("hatched")
        );
    }
    // accuracies are not cut off
    let said =
        workdir.ok("render surface.h5 --plot heat --surf-name train_acc --clip 2 --output a.png");
    assert!(!said.stderr.contains("hatched"), "{}", said.stderr);
}

#[test]
fn axes_are_named_by_what_the_file_says_of_them() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 5, |x, y| Some(0.1 + x * x + y * y));
    let labels = |options: &str| {
        workdir.ok(&format!(
            "render surface.h5 {options} --force --output p.html"
        ));
        let page = fs::read_to_string(workdir.path("p.html")).unwrap();
        page.split("\"axes\":[")
            .nth(1)
            .unwrap()
            .split(']')
            .next()
            .unwrap()
            .to_string()
    };
    assert_eq!(labels(""), r#""direction 1","direction 2""#);
    add_attributes(
        &workdir,
        "surface.h5",
        "xmeaning='target other', ymeaning='component 2 0.0713'",
    );
    assert_eq!(labels(""), r#""towards other (at 1)","PC 2 (7.13 %)""#);
    assert_eq!(labels("--ylabel b"), r#""towards other (at 1)","b""#);
}

#[test]
fn a_character_that_no_font_has_is_an_error() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 5, |x, y| Some(0.1 + x * x + y * y));
    workdir.write_surface("b.h5", 5, 5, |x, y| Some(0.1 + x * x + y * y));
    workdir.write_curve("curve.h5", 9);
    for wrong in [
        "surface.h5 --plot heat --title 損失",
        "surface.h5 --plot contour --xlabel 損失",
        "surface.h5 --plot surface3d --ylabel 損失",
        "surface.h5 b.h5 --plot heat --panel-title a --panel-title 損失",
        "curve.h5 --plot curve --xlabel 損失",
    ] {
        let stderr = workdir.fails(&format!("render {wrong} --output a.png"));
        assert!(
            stderr.contains("\"損\" (U+640D)") && stderr.contains("--font FILE"),
            "{wrong}: {stderr}"
        );
    }
    let stderr = workdir.fails("render surface.h5 --plot heat --font surface.h5 --output a.png");
    assert!(stderr.contains("surface.h5 is not a font"), "{stderr}");
    let stderr = workdir.fails("render surface.h5 --plot heat --font none.ttf --output a.png");
    assert!(stderr.contains("none.ttf"), "{stderr}");
}

#[test]
fn another_font_sets_what_the_first_one_lacks() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 5, |x, y| Some(0.1 + x * x + y * y));
    let font = tests::golden("font/squares.ttf").display().to_string();
    let plain = paths(&workdir, "surface.h5 --plot heat --title 1");
    let titled = paths(
        &workdir,
        &format!("surface.h5 --plot heat --font {font} --title 損失1損"),
    );
    // each font sets its part: the squares stand before and after the 1
    assert_eq!(titled, plain + 2);
    for form in ["png", "pdf"] {
        workdir.ok(&format!(
            "render surface.h5 --plot heat --font {font} --title 損失 --output a.{form}"
        ));
    }
    let stderr = workdir.fails(&format!(
        "render surface.h5 --plot heat --font {font} --title 地 --output b.png"
    ));
    assert!(stderr.contains("\"地\" (U+5730)"), "{stderr}");
}

#[test]
fn panels_have_the_titles_that_are_given() {
    let workdir = Workdir::new();
    for name in ["a.h5", "b.h5"] {
        workdir.write_surface(name, 5, 5, |x, y| Some(0.1 + x * x + y * y));
    }
    workdir.ok("render a.h5 b.h5 --panel-title one --panel-title two --output p.html");
    let page = fs::read_to_string(workdir.path("p.html")).unwrap();
    assert!(page.contains("\"name\":\"one\"") && page.contains("\"name\":\"two\""));
    workdir.ok("render a.h5 b.h5 --plot heat --panel-title one --panel-title two --output p.png");
    let stderr = workdir.fails("render a.h5 b.h5 --plot heat --panel-title one --output q.png");
    assert!(stderr.contains("1 times for 2 files"), "{stderr}");
    let stderr = workdir.fails("render a.h5 --plot heat --panel-title one --output q.png");
    assert!(stderr.contains("use --title"), "{stderr}");
}

/// GIF and APNG of the same animation: how far the means of squares of 8 × 8 pixels differ at most,
/// and whether what stands still in one stands still in the other.
const COMPARE: &str = "
import numpy
from PIL import Image
gif, png = Image.open('t.gif'), Image.open('t.apng')
worst, moved, last = 0, 0, None
for k in range(png.n_frames):
    gif.seek(k), png.seek(k)
    a, b = (numpy.asarray(image.convert('RGB')).astype(float) for image in (gif, png))
    h, w = (8 * (n // 8) for n in a.shape[:2])
    means = [x[:h, :w].reshape(h // 8, 8, w // 8, 8, 3).mean((1, 3)) for x in (a, b)]
    worst = max(worst, numpy.percentile(abs(means[0] - means[1]), 99.5))
    if last is not None:
        still = (b == last[1]).all(2)
        moved += (a[still] != last[0][still]).any()
    last = a, b
print(worst, moved)
";

#[test]
fn a_gif_has_no_bands_and_does_not_flicker() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 21, 21, |x, y| {
        Some(0.02 + 3.0 * (x * x + y * y))
    });
    for form in ["gif", "apng"] {
        workdir.ok(&format!(
            "render surface.h5 --plot surface3d --animate rotate --frames 5 --size 3x2.5 --output t.{form}"
        ));
    }
    let said = tests::python(&workdir, COMPARE);
    let (worst, moved) = said.trim().split_once(' ').unwrap();
    assert!(
        worst.parse::<f64>().unwrap() < 2.0 && moved == "0",
        "{said}"
    );
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 4, |x, _| Some(x));
    workdir.write_surface("empty.h5", 5, 4, |_, _| None);
    workdir.write_curve("curve.h5", 5);
    workdir.write_curve("short.h5", 4);
    workdir.write_trajectory("foreign.h5", &[[0.1, 0.1], [0.0, 0.0]]);
    let other = "import h5py\nwith h5py.File('foreign.h5', 'r+') as f:\n    f.attrs['directions_id'] = 'others'\n    \
        del f.attrs['id']";
    tests::python(&workdir, other);
    for (wrong, said) in [
        ("surface.h5 --plot curve --output a.png", "--plot contour"),
        ("curve.h5 --plot heat --output a.png", "--plot curve"),
        ("empty.h5 --plot heat --output a.png", "no finite value"),
        (
            "surface.h5 --plot heat --output a.jpg",
            ".png, .svg or .pdf",
        ),
        (
            "surface.h5 --plot heat --surf-name loss --output a.png",
            "train_loss, train_acc",
        ),
        (
            "surface.h5 --plot heat --levels 1,2 --output a.png",
            "--plot heat does not use --levels",
        ),
        ("surface.h5 --plot contour --log --output a.png", "positive"),
        (
            "surface.h5 --plot contour --vlevel 0.0001 --output a.png",
            "--vlevel",
        ),
        (
            "surface.h5 --plot contour --levels 2,1 --output a.png",
            "ascend",
        ),
        (
            "surface.h5 --plot contour --size 0x3 --output a.png",
            "inches",
        ),
        ("surface.h5 --plot map --output a.png", "contourf"),
        ("surface.h5 --output a.png", "--plot is missing"),
        (
            "surface.h5 --plot contour --output a.html",
            "surface3d, or none",
        ),
        (
            "surface.h5 --size 3x3 --output a.html",
            "a page does not use --size",
        ),
        ("surface.h5 --plot contour --output -", "--plot heat"),
        ("surface.h5 --plot heat --output a.gif", "--animate"),
        (
            "surface.h5 --plot heat --animate rotate --output a.gif",
            "surface3d",
        ),
        (
            "surface.h5 --plot contour --animate trajectory --output a.gif",
            "--trajectory",
        ),
        (
            "surface.h5 --plot surface3d --animate rotate --output a.png",
            ".gif or .apng",
        ),
        (
            "surface.h5 --plot contour --elevation 10 --output a.png",
            "does not use --elevation",
        ),
        (
            "surface.h5 --plot contour --aspect wide --output a.png",
            "auto nor equal",
        ),
        (
            "curve.h5 short.h5 --plot repeats --output a.png",
            "different axes (5 and 4 points)",
        ),
        ("curve.h5 --output a.html", "a curve"),
        (
            "surface.h5 --plot heat --trajectory foreign.h5 --output a.png",
            "directions",
        ),
    ] {
        let stderr = workdir.fails(&format!("render {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}
