//! render: every kind of picture in every form, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::fs;

use tests::Workdir;

const SURFACES: [&str; 4] = ["contour", "contourf", "heat", "surface3d"];

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
    let kinds = SURFACES.map(|plot| ("surface.h5", plot)).into_iter().chain([("curve.h5", "curve")]);
    for (file, plot) in kinds {
        for (form, magic) in [("png", &b"\x89PNG"[..]), ("svg", b"<svg"), ("pdf", b"%PDF")] {
            let draw = |name: &str| {
                workdir.ok(&format!("render {file} --plot {plot} --dpi 60 --output {name}.{form}"));
                fs::read(workdir.path(&format!("{name}.{form}"))).unwrap()
            };
            let picture = draw(plot);
            assert!(picture.starts_with(magic), "{plot}.{form}");
            assert!(picture == draw(&format!("again-{plot}")), "{plot}.{form} differs from run to run");
        }
    }
}

#[test]
fn sizes_are_inches_times_dpi() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 5, |x, y| Some(x * x + y * y + 0.1));
    workdir.ok("render surface.h5 --plot heat --size 3x2 --dpi 100 --output a.png");
    let png = fs::read(workdir.path("a.png")).unwrap();
    let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((size(16), size(20)), (300, 200));
}

#[test]
fn levels_are_chosen_or_given_and_told() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 9, |x, y| Some(0.01 + 30.0 * (x * x + y * y)));
    let said = |options: &str| {
        workdir.ok(&format!("render surface.h5 --plot contour {options} --force --output c.svg")).stderr
    };
    assert!(said("").contains("levels (logarithmic): 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30;"));
    assert_eq!(said("--vmin 1 --vmax 20 --vlevel 2"), "");
    assert_eq!(said("--levels 1,2,5"), "");
    assert!(said("--linear").contains("levels (linear): 10, 20, 30, 40, 50, 60;"));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 4, |x, _| Some(x));
    workdir.write_surface("empty.h5", 5, 4, |_, _| None);
    workdir.write_curve("curve.h5", 5);
    for (wrong, said) in [
        ("surface.h5 --plot curve --output a.png", "--plot contour"),
        ("curve.h5 --plot heat --output a.png", "--plot curve"),
        ("empty.h5 --plot heat --output a.png", "no finite value"),
        ("surface.h5 --plot heat --output a.jpg", ".png, .svg or .pdf"),
        ("surface.h5 --plot heat --surf-name loss --output a.png", "train_loss, train_acc"),
        ("surface.h5 --plot heat --levels 1,2 --output a.png", "--plot heat does not use --levels"),
        ("surface.h5 --plot contour --log --output a.png", "positive"),
        ("surface.h5 --plot contour --vlevel 0.0001 --output a.png", "--vlevel"),
        ("surface.h5 --plot contour --levels 2,1 --output a.png", "ascend"),
        ("surface.h5 --plot contour --size 0x3 --output a.png", "inches"),
        ("surface.h5 --plot map --output a.png", "contourf"),
    ] {
        let stderr = workdir.fails(&format!("render {wrong}"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}
