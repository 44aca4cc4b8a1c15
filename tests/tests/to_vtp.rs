//! to-vtp, read back by VTK's own reader.

use std::{fs, path::Path};

use tests::Workdir;

/// Runs a script of `tests/tools` in one process, once with each of these arguments; returns a line
/// of each.
fn check(workdir: &Workdir, script: &str, arguments: &[&[&str]]) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tools")
        .join(script);
    let said = tests::python(
        workdir,
        &format!("import runpy, sys\nfor sys.argv[1:] in {arguments:?}: runpy.run_path({path:?})"),
    );
    said.lines().map(String::from).collect()
}

#[test]
fn vtk_reads_what_the_surface_holds() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 7, |x, y| {
        Some(0.05 + 3.0 * x * x + y.powi(4))
    });
    workdir.ok("to-vtp surface.h5 --output plain.vtp");
    workdir.ok("to-vtp surface.h5 --log --zmax 2.5 --output log.vtp");
    let said = check(
        &workdir,
        "check_vtp.py",
        &[
            &["surface.h5", "plain.vtp"],
            &["surface.h5", "log.vtp", "--log", "--zmax", "2.5"],
        ],
    );
    assert_eq!(said.len(), 2);
    assert!(
        said.iter().all(|line| line.starts_with("48 quads")),
        "{said:?}"
    );
}

#[test]
fn a_trajectory_lies_on_the_surface() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 7, |x, y| {
        Some(0.05 + 3.0 * x * x + y.powi(4))
    });
    workdir.write_trajectory("run.h5", &[[0.9, -0.8], [0.4, 0.1], [0.0, 0.0]]);
    workdir.ok("to-vtp surface.h5 --trajectory run.h5 --zscale 2.5 --output surface.vtp");
    let arguments = [
        "surface.h5",
        "surface.vtp",
        "--zscale",
        "2.5",
        "--trajectory",
        "run.h5",
    ];
    let said = check(&workdir, "check_vtp.py", &[&arguments]);
    assert!(said[0].starts_with("48 quads"), "{said:?}");
    workdir.write_trajectory("away.h5", &[[5.0, 5.0], [6.0, 6.0]]);
    assert!(
        workdir
            .fails("to-vtp surface.h5 --trajectory away.h5 --output o.vtp")
            .contains("nowhere on the surface")
    );
}

#[test]
fn other_viewers_read_the_other_forms() {
    let workdir = Workdir::new();
    workdir.write_trajectory("run.h5", &[[0.9, -0.8], [0.4, 0.1], [0.0, 0.0]]);
    for (folder, hole) in [("whole", false), ("holed", true)] {
        fs::create_dir(workdir.path(folder)).unwrap();
        let loss = |x: f64, y: f64| {
            (!hole || x < 0.9 || y < 0.5).then_some(0.05 + 3.0 * x * x + y.powi(4))
        };
        workdir.write_surface(&format!("{folder}/surface.h5"), 9, 7, loss);
        let stage = format!("to-vtp {folder}/surface.h5 --output {folder}/surface");
        for form in ["obj", "glb"] {
            workdir.ok(&format!("{stage}.{form} --trajectory run.h5"));
        }
        workdir.ok(&format!("{stage}.stl"));
    }
    let said = check(
        &workdir,
        "check_meshes.py",
        &[&["whole", "run.h5"], &["holed", "run.h5"]],
    );
    let whole = said.iter().filter(|line| line.contains("in three forms"));
    assert_eq!(whole.count(), 2, "{said:?}");
    assert!(
        workdir
            .fails("to-vtp whole/surface.h5 --trajectory run.h5 --output s.stl")
            .contains("no lines")
    );
}

#[test]
fn missing_and_infinite_points_are_holes_with_finite_places() {
    let workdir = Workdir::new();
    let hole = |x: f64, y: f64| {
        if x > 0.9 && y > 0.9 {
            None
        } else {
            Some(if x < -0.9 { f64::INFINITY } else { x * x + y })
        }
    };
    workdir.write_surface("surface.h5", 6, 5, hole);
    workdir.ok("to-vtp surface.h5 --output surface.vtp");
    assert!(
        workdir
            .fails("to-vtp surface.h5 --interp 20 --output other.vtp")
            .contains("--zmax")
    );
    workdir.ok("to-vtp surface.h5 --zmax 3 --output cut.vtp");
    let said = check(
        &workdir,
        "check_vtp.py",
        &[
            &["surface.h5", "surface.vtp"],
            &["surface.h5", "cut.vtp", "--zmax", "3"],
        ],
    );
    // of 20 cells, the four at the infinite edge and one at the missing corner are left out
    assert!(said[0].starts_with("15 quads"), "{said:?}");
    // cut off, infinity has a height; the missing point still has none
    assert!(said[1].starts_with("19 quads"), "{said:?}");
}

#[test]
fn resampling_makes_the_mesh_finer() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 4, |x, y| Some(1.0 + x + y * y));
    let ran = workdir.ok("to-vtp surface.h5 --interp 30 --output fine.vtp");
    assert!(
        ran.stderr.contains("900 points, 841 quads"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_a_mesh_is_refused() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 5, 4, |_, _| Some(1.0));
    workdir.write_curve("curve.h5", 5);
    assert!(
        workdir
            .fails("to-vtp curve.h5 --output c.vtp")
            .contains("a curve")
    );
    assert!(
        workdir
            .fails("to-vtp surface.h5 --surf-name loss --output s.vtp")
            .contains("train_loss")
    );
    assert!(
        workdir
            .fails("to-vtp surface.h5 --output s.vtk")
            .contains(".vtp")
    );
    assert!(
        workdir
            .fails("to-vtp surface.h5 --interp 1 --output s.vtp")
            .contains("--interp")
    );
}
