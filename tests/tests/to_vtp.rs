//! to-vtp, read back by VTK's own reader.

use tests::Workdir;

/// Runs `tests/tools/check_vtp.py` on `surface.h5` and `surface.vtp`.
fn check(workdir: &Workdir, options: &[&str]) -> String {
    let script = include_str!("../tools/check_vtp.py");
    let argv = [&["check_vtp.py", "surface.h5", "surface.vtp"], options].concat();
    tests::python(
        workdir,
        &format!("import sys; sys.argv = {argv:?}\n{script}"),
    )
}

#[test]
fn vtk_reads_what_the_surface_holds() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 7, |x, y| {
        Some(0.05 + 3.0 * x * x + y.powi(4))
    });
    workdir.ok("to-vtp surface.h5 --output surface.vtp");
    assert!(check(&workdir, &[]).starts_with("48 quads"));
    workdir.ok("to-vtp surface.h5 --log --zmax 2.5 --output surface.vtp --force");
    assert!(check(&workdir, &["--log", "--zmax", "2.5"]).starts_with("48 quads"));
}

#[test]
fn a_trajectory_lies_on_the_surface() {
    let workdir = Workdir::new();
    workdir.write_surface("surface.h5", 9, 7, |x, y| {
        Some(0.05 + 3.0 * x * x + y.powi(4))
    });
    workdir.write_trajectory("run.h5", &[[0.9, -0.8], [0.4, 0.1], [0.0, 0.0]]);
    workdir.ok("to-vtp surface.h5 --trajectory run.h5 --zscale 2.5 --output surface.vtp");
    assert!(
        check(&workdir, &["--zscale", "2.5", "--trajectory", "run.h5"]).starts_with("48 quads")
    );
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
    let script = include_str!("../tools/check_meshes.py");
    for hole in [false, true] {
        let loss = |x: f64, y: f64| {
            (!hole || x < 0.9 || y < 0.5).then_some(0.05 + 3.0 * x * x + y.powi(4))
        };
        workdir.write_surface("surface.h5", 9, 7, loss);
        workdir.write_trajectory("run.h5", &[[0.9, -0.8], [0.4, 0.1], [0.0, 0.0]]);
        for form in ["obj", "glb"] {
            workdir.ok(&format!(
                "to-vtp surface.h5 --trajectory run.h5 --output surface.{form} --force"
            ));
        }
        workdir.ok("to-vtp surface.h5 --output surface.stl --force");
        let said = tests::python(
            &workdir,
            &format!("import sys; sys.argv = ['', 'surface.h5', 'run.h5']\n{script}"),
        );
        assert!(said.contains("in three forms"), "{said}");
    }
    assert!(
        workdir
            .fails("to-vtp surface.h5 --trajectory run.h5 --output s.stl")
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
    // of 20 cells, the four at the infinite edge and one at the missing corner are left out
    assert!(check(&workdir, &[]).starts_with("15 quads"));
    assert!(
        workdir
            .fails("to-vtp surface.h5 --interp 20 --output other.vtp")
            .contains("--zmax")
    );
    // cut off, infinity has a height; the missing point still has none
    workdir.ok("to-vtp surface.h5 --zmax 3 --output surface.vtp --force");
    assert!(check(&workdir, &["--zmax", "3"]).starts_with("19 quads"));
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
