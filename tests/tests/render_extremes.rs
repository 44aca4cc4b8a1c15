//! render, to-vtp and to-table on surfaces and paths that hardly ever occur: a picture, or one line that says why not.

use std::{collections::BTreeSet, fs};

use crate::picture::Picture;
use tests::Workdir;

/// A surface: its name, and the loss at each point.
type Case = (&'static str, fn(f64, f64) -> f64);

const SURFACES: [Case; 13] = [
    ("constant", |_, _| 2.0),
    ("zero", |_, _| 0.0),
    ("negative", |_, _| -3.0),
    ("huge", |_, _| 1e300),
    ("beyond", |_, _| 1e308),
    ("tiny", |_, _| 1e-310),
    ("holed", |x, y| {
        if x == 0.0 {
            f64::NAN
        } else if y == 0.0 {
            f64::INFINITY
        } else {
            2.0
        }
    }),
    (
        "single",
        |x, y| if x == 0.0 && y == 0.0 { 3.0 } else { f64::NAN },
    ),
    ("nothing", |_, _| f64::NAN),
    (
        "far-apart",
        |x, y| if x + y < -1.5 { -1e308 } else { 1e308 },
    ),
    ("decades", |x, _| 10f64.powf(250.0 * x)),
    ("rounding", |x, y| 1.0 + 1e-15 * (x * x + y * y)),
    ("touches-zero", |x, y| x * x + y * y),
];

const PLOTS: [&str; 5] = [
    "contour",
    "contourf",
    "heat",
    "surface3d",
    "surface3d --style lit --smooth 20",
];

/// A PNG of 40 pixels per inch that shows something.
fn is_a_picture(workdir: &Workdir, line: &str) {
    let picture = Picture::read(&workdir.path("p.png"));
    let (width, height) = picture.size;
    assert_eq!(width, 240, "{line}");
    assert!((100..=200).contains(&height), "{line}: {height} rows");
    let colours: BTreeSet<[u8; 3]> = picture.pixels.into_iter().collect();
    assert!(colours.len() > 2, "{line}: {} colours", colours.len());
}

/// Runs a stage that makes the file, or says in one line why it does not; returns whether it made it.
fn makes_or_says(workdir: &Workdir, line: &str, file: &str) -> bool {
    let ran = workdir.run(&format!("{line} --output {file} --force --quiet"));
    let errors = ran.stderr.lines().count();
    match ran.status {
        Some(0) => assert!(
            workdir.path(file).exists() && errors == 0,
            "{line}: {}",
            ran.stderr
        ),
        Some(1) => assert!(
            ran.stderr.starts_with("error: ") && errors == 1,
            "{line}: {}",
            ran.stderr
        ),
        other => panic!("{line}: {other:?} {}", ran.stderr),
    }
    ran.status == Some(0)
}

#[test]
fn every_surface_gives_a_picture_or_a_line() {
    let workdir = Workdir::new();
    for (name, loss) in SURFACES {
        let file = format!("{name}.h5");
        workdir.write_surface(&file, 5, 4, |x, y| Some(loss(x, y)));
        for plot in PLOTS {
            for options in ["", "--log", "--vmin 1 --vmax 3"] {
                let line = format!("render {file} --plot {plot} {options} --dpi 40");
                if makes_or_says(&workdir, &line, "p.png") {
                    is_a_picture(&workdir, &line);
                }
            }
        }
        for line in [
            "render",
            "to-vtp",
            "to-vtp --log",
            "to-vtp --interp 9 --zscale 1",
        ] {
            let forms: &[&str] = if line == "render" {
                &["html"]
            } else {
                &["vtp", "glb", "obj", "stl"]
            };
            for form in forms {
                makes_or_says(&workdir, &format!("{line} {file}"), &format!("p.{form}"));
            }
        }
        for form in ["csv", "json", "npz"] {
            assert!(makes_or_says(
                &workdir,
                &format!("to-table {file}"),
                &format!("p.{form}")
            ));
        }
    }
}

#[test]
fn a_constant_surface_is_drawn_by_every_plot() {
    let workdir = Workdir::new();
    for (name, loss) in [("flat", 2.0), ("zero", 0.0), ("negative", -3.0)] {
        let file = format!("{name}.h5");
        workdir.write_surface(&file, 5, 5, |_, _| Some(loss));
        for plot in PLOTS {
            let line = format!("render {file} --plot {plot} --dpi 40");
            assert!(makes_or_says(&workdir, &line, "p.png"), "{line}");
            is_a_picture(&workdir, &line);
        }
    }
    let said = workdir
        .ok("render flat.h5 --plot contour --output p.png --force")
        .stderr;
    assert!(
        said.contains("no level lies within the values, which go from 2 to 2"),
        "{said}"
    );
}

#[test]
fn grids_of_one_row_are_no_surfaces() {
    let workdir = Workdir::new();
    for (file, nx, ny) in [("row.h5", 7, 1), ("column.h5", 1, 7), ("point.h5", 1, 1)] {
        workdir.write_surface(file, nx, ny, |x, _| Some(x));
        let said = workdir.fails(&format!("render {file} --plot heat --output p.png"));
        assert!(said.contains("a surface needs 2 × 2 at least"), "{said}");
    }
    workdir.write_surface("small.h5", 2, 2, |x, y| Some(x + y));
    for plot in PLOTS {
        let line = format!("render small.h5 --plot {plot} --dpi 40");
        assert!(makes_or_says(&workdir, &line, "p.png"), "{line}");
    }
}

#[test]
fn what_a_picture_cannot_show_is_told_before_it_is_read() {
    let workdir = Workdir::new();
    workdir.write_surface("large.h5", 4001, 1000, |_, _| Some(1.0));
    let said = workdir.fails("render large.h5 --plot heat --output p.png");
    assert!(
        said.contains("its grid has 4001000 points, a picture shows 4000000"),
        "{said}"
    );
    workdir.write_curve("long-curve.h5", 10_001);
    let said = workdir.fails("render long-curve.h5 --plot curve --output p.png");
    assert!(
        said.contains("its grid has 10001 points along an axis, a picture shows 10000"),
        "{said}"
    );
    workdir.write_surface("small.h5", 3, 3, |x, y| Some(x * x + y * y));
    workdir.write_trajectory("long.h5", &vec![[0.0, 0.0]; 10_001]);
    let said = workdir.fails("render small.h5 --plot heat --trajectory long.h5 --output p.png");
    assert!(
        said.contains("it has 10001 points, a picture shows 10000"),
        "{said}"
    );
    let said = workdir.fails("render small.h5 --plot heat --vmax inf --output p.png");
    assert!(said.contains("--vmax is inf"), "{said}");
}

/// An SVG without the pixels of its images.
fn without_pixels(svg: &str) -> String {
    let parts = svg.split("base64,");
    parts
        .enumerate()
        .map(|(k, part)| {
            if k == 0 {
                part
            } else {
                part.split_once('"').unwrap().1
            }
        })
        .collect()
}

/// How much is drawn does not depend on how far away a point lies.
#[test]
fn a_point_far_away_costs_no_more_than_one_at_the_border() {
    let workdir = Workdir::new();
    workdir.write_surface("s.h5", 9, 9, |x, y| Some(0.1 + x * x + y * y));
    let drawn = |away: f64, plot: &str| {
        let steps = [
            [0.9, 0.8],
            [0.4, 0.3],
            [away, away],
            [-0.4, 0.1],
            [0.0, 0.0],
        ];
        workdir.write_trajectory("t.h5", &steps);
        let line = format!("render s.h5 --plot {plot} --trajectory t.h5 --no-provenance");
        assert!(makes_or_says(&workdir, &line, "p.svg"));
        without_pixels(&fs::read_to_string(workdir.path("p.svg")).unwrap())
    };
    for plot in ["contour", "heat", "surface3d"] {
        let near = drawn(1.5, plot);
        for away in [1e6, 1e300, 1e308, f64::NAN, f64::INFINITY] {
            let far = drawn(away, plot);
            assert!(far.len() < near.len() + near.len() / 10, "{plot} {away}");
            assert!(
                !far.contains("NaN") && !far.contains("inf"),
                "{plot} {away}"
            );
        }
    }
    for away in [1e6, 1e300, 1e308, f64::NAN] {
        workdir.write_trajectory("t.h5", &[[0.0, 0.0], [away, 1.0], [0.5, 0.5]]);
        makes_or_says(&workdir, "render t.h5 --plot trajectory", "p.svg");
        assert!(makes_or_says(
            &workdir,
            "to-vtp s.h5 --trajectory t.h5",
            "p.vtp"
        ));
    }
}

#[test]
fn curves_of_any_losses_are_drawn() {
    let workdir = Workdir::new();
    let curves: [(&str, &[f64]); 6] = [
        ("zero", &[0.0, 0.0, 0.0]),
        ("negative", &[-3.0, -2.0, -1.0]),
        ("one-point", &[1.0]),
        ("far", &[1.0, 2e9, 1.0, 3e200, 0.5]),
        ("tiny", &[1e-310, 2e-310, 3e-310]),
        ("holed", &[1.0, f64::NAN, 2.0, f64::INFINITY, 1.5]),
    ];
    for (name, losses) in curves {
        workdir.write_losses("c.h5", losses);
        for options in ["", "--vmax 1000000000"] {
            let line = format!("render c.h5 --plot curve {options} --dpi 40");
            let drawn = makes_or_says(&workdir, &line, "p.svg");
            assert!(drawn || name == "negative", "{name} {options}");
        }
        makes_or_says(&workdir, "render c.h5 --plot curve --log --dpi 40", "p.png");
    }
}
