//! The examples of `pipelines/examples` that need h5py alone, on a network that was trained a little.

use std::path::Path;

use tests::{Workdir, python};

fn example(workdir: &Workdir, name: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../pipelines/examples")
        .join(name);
    let arguments = arguments
        .iter()
        .map(|argument| format!(", '{argument}'"))
        .collect::<String>();
    python(
        workdir,
        &format!(
            "import sys, runpy\nsys.argv[:] = ['{name}'{arguments}]\nrunpy.run_path('{}')",
            path.display()
        ),
    )
}

#[test]
fn directions_of_one_s_own_make_a_surface_that_a_notebook_reads() {
    let workdir = Workdir::new();
    workdir.write_landscape(12);
    example(&workdir, "own_directions.py", &["model.h5", "own.h5"]);
    workdir.ok("eval-grid --model model.h5 --data data.h5 --directions own.h5 --x=0:1:3 --y=0:1:2 --output shard.h5");
    workdir.ok("merge shard.h5 --output surface.h5");
    let read = example(&workdir, "read_surface.py", &["surface.h5"]);
    assert!(
        read.starts_with("least loss ") && read.contains("eval-grid --model model.h5"),
        "{read}"
    );

    // of another model, they are refused by their ids
    let stderr = workdir
        .fails("eval-grid --model nets/model-0.h5 --data data.h5 --directions own.h5 --x=0:1:3 --output other.h5");
    assert!(
        stderr.contains("own.h5") && stderr.contains("nets/model-0.h5"),
        "{stderr}"
    );
}

/// A surface as the Python tool of 2018 wrote it: no kind, -1 where nothing was computed.
#[test]
fn surfaces_of_the_python_tool_are_drawn() {
    let workdir = Workdir::new();
    python(
        &workdir,
        "import h5py, numpy
with h5py.File('theirs.h5', 'w') as f:
    f['xcoordinates'] = x = numpy.linspace(-1, 1, 7)
    f['ycoordinates'] = y = numpy.linspace(-1, 1, 7)
    f['train_loss'] = loss = 0.1 + x**2 + 2 * y[:, None]**2
    f['train_acc'] = 100 - 30 * loss
    f['train_loss'][0, 0] = -1
    f['train_acc'][0, 0] = -1
",
    );
    for (plot, file) in [
        ("contour", "a.svg"),
        ("surface3d", "b.png"),
        ("heat --surf-name train_acc", "c.pdf"),
    ] {
        workdir.ok(&format!("render theirs.h5 --plot {plot} --output {file}"));
    }
    workdir.ok("to-vtp theirs.h5 --log --output theirs.vtp");
}
