//! The files as other programs see them: h5py writes what the specification says, and reads what relief wrote.

use std::{fs, path::Path};

use files::{AxisName, Contents, Meaning, Model, Shard, Surface};
use tests::{Workdir, python};

/// The id as the specification defines it, computed by someone else.
const ID: &str = "
import h5py, hashlib, numpy
def digest(value, shape):
    value = numpy.asarray(value)
    if value.dtype.kind == 'S':
        texts = value.ravel().tolist()
        return 'text', hashlib.sha256(b''.join(t + (b'' if shape == () else b'\\0') for t in texts)).hexdigest()
    return {'f4': 'f32', 'f8': 'f64', 'i8': 'i64', 'u1': 'u8'}[value.dtype.str[1:]], hashlib.sha256(value.tobytes()).hexdigest()
def line(name, value):
    shape = numpy.shape(value)
    dtype, sha = digest(value, shape)
    return f'{name} {dtype} {list(shape)} {sha}\\n'
def file_id(path, attributes, datasets=lambda name: True):
    with h5py.File(path) as f:
        lines = [line('@' + name, f.attrs[name]) for name in attributes if name in f.attrs]
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and datasets(name):
                lines.append(line('/' + name, item[()]))
                lines.extend(line(f'/{name}@{a}', item.attrs[a]) for a in ('index', 'role') if a in item.attrs)
        f.visititems(visit)
        text = f'relief 1 {f.attrs[\"kind\"].decode()}\\n' + ''.join(sorted(lines))
        return hashlib.sha256(text.encode()).hexdigest(), f.attrs['id'].decode()
";

#[test]
fn a_model_and_data_from_h5py_as_the_specification_shows_them_go_through_the_pipeline() {
    let workdir = Workdir::new();
    let specification = include_str!("../../stages/lib/files/README.md");
    let mut recipes = specification
        .split("```python\n")
        .skip(1)
        .map(|recipe| recipe.split("```").next().unwrap());
    python(&workdir, recipes.next().unwrap());
    let model = Model::read(&workdir.path("model.h5")).unwrap();
    assert_eq!(
        (model.state.len(), model.state[0].tensor.shape()),
        (1, &[3, 4][..])
    );

    let data = "import h5py, numpy
with h5py.File('data.h5', 'w') as f:
    f['train/inputs'] = numpy.array([[3, 0, 0, 9], [0, 5, 0, 9]], 'f4')
    f['train/targets'] = numpy.array([0, 2])
";
    python(&workdir, data);
    workdir.ok("make-dirs --model model.h5 --output dirs.h5");
    workdir.ok("eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=0:0:1 --output shard.h5");
    workdir.ok("merge shard.h5 --output surface.h5");
    let surface = Surface::read(&workdir.path("surface.h5")).unwrap();
    // what the axes mean goes along
    assert_eq!(
        Meaning::of(&surface.notes, AxisName::X),
        Some(Meaning::Random)
    );
    // logits (3, 0, 0) of class 0 and (0, 5, 0) of class 2
    let losses = [(3f64.exp() + 2.0).ln() - 3.0, (5f64.exp() + 2.0).ln()];
    let wanted = losses.iter().sum::<f64>() / 2.0;
    let found = surface.metric("train_loss").unwrap().values[[0]];
    assert!(
        (found / wanted - 1.0).abs() < 1e-6,
        "{found} is not {wanted}"
    );
    assert_eq!(surface.metric("train_acc").unwrap().values[[0]], 50.0);

    fs::remove_file(workdir.path("data.h5")).unwrap();
    python(&workdir, recipes.next().unwrap());
    workdir.ok("eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=0:0:1 --output other.h5");
    let shard = Shard::read(&workdir.path("other.h5")).unwrap();
    // the class is the largest of the first three inputs, and the logits are these
    for name in ["train_acc", "test_acc"] {
        let metric = shard
            .metrics
            .iter()
            .find(|metric| metric.name == name)
            .unwrap();
        assert_eq!(metric.values.iter().collect::<Vec<_>>(), [&100.0]);
    }
}

#[test]
fn h5py_reads_a_surface_and_computes_the_same_ids() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    let eval = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --limit 3";
    workdir.ok(&format!("{eval} --x=-1:1:3 --y=0:1:2 --output shard.h5"));
    workdir.ok("merge shard.h5 --output surface.h5");
    let script = "
measured = ['model_id', 'data_id', 'directions_id', 'loss', 'precision', 'batch', 'limit', 'metrics']
for name, attributes in [('model.h5', []), ('data.h5', ['scale', 'mean', 'std', 'classes']),
                         ('dirs.h5', ['dir_type', 'names', 'model_id']), ('shard.h5', measured + ['shard']), ('surface.h5', measured)]:
    mine, theirs = file_id(name, attributes)
    assert mine == theirs, (name, mine, theirs)
with h5py.File('surface.h5') as f:
    print(sorted(f), f['train_loss'].shape, f['train_loss'].attrs['layout'].decode(), f.attrs['dir_file'].decode(), len(f.attrs['history']))
";
    let printed = python(&workdir, &format!("{ID}{script}"));
    let names = "['evaluated', 'test_acc', 'test_loss', 'train_acc', 'train_loss', 'xcoordinates', 'ycoordinates']";
    assert_eq!(
        printed.trim(),
        format!("{names} (2, 3) row = y, column = x dirs.h5 5")
    );
}

#[test]
fn h5py_computes_the_id_of_sharpness() {
    let workdir = Workdir::new();
    workdir.write_linear_landscape(4);
    workdir.ok("sharpness --model model.h5 --data data.h5 --perturbations 2 --output sharp.h5");
    let script = "
settings = ['loss', 'precision', 'split', 'examples', 'batch', 'parameters', 'perturbations', 'rho_average', 'seed',
            'rho', 'rho_adaptive', 'epsilon', 'ascent_steps', 'line_tolerance']
mine, theirs = file_id('sharp.h5', ['columns', 'model_id', 'data_id', *settings], lambda name: name != 'models')
assert mine == theirs, (mine, theirs)
with h5py.File('sharp.h5') as f: print(*sorted(f))
";
    let printed = python(&workdir, &format!("{ID}{script}"));
    let names =
        "asam average average_stderr critical epsilon gradient_norm loss model_ids models sam";
    assert_eq!(printed.trim(), names);
}

#[test]
fn a_change_behind_our_back_is_noticed() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    let change =
        "import h5py\nwith h5py.File('model.h5', 'r+') as f: f['state/linear.bias'][0] += 1\n";
    python(&workdir, change);
    let stderr = workdir.fails("make-dirs --model model.h5 --output d.h5");
    assert!(
        stderr.contains("changed or damaged") && stderr.contains("delete the attribute \"id\""),
        "{stderr}"
    );
    python(
        &workdir,
        "import h5py\nwith h5py.File('model.h5', 'r+') as f: del f.attrs['id']\n",
    );
    workdir.ok("make-dirs --model model.h5 --output d.h5");

    let bytes = fs::read(workdir.path("data.h5")).unwrap();
    fs::write(workdir.path("data.h5"), &bytes[..bytes.len() / 2]).unwrap();
    let stderr = workdir.fails(
        "eval-grid --model model.h5 --data data.h5 --directions d.h5 --x=0:1:2 --output shard.h5",
    );
    assert!(
        stderr.contains("data.h5 cannot be read as an HDF5 file"),
        "{stderr}"
    );
}

/// What the Python tool writes: no kind, -1 for "not computed", a non-square surface of shape (nx, ny) whose values
/// are in (ny, nx) order.
#[test]
fn surfaces_of_the_python_tool_are_read() {
    let workdir = Workdir::new();
    let script = "import h5py, numpy
with h5py.File('old.h5', 'w') as f:
    f['dir_file'] = 'dirs.h5'
    f['xcoordinates'] = numpy.linspace(-1, 1, 3)
    f['ycoordinates'] = numpy.linspace(0, 1, 2)
    loss = numpy.arange(6.0)
    loss[4] = -1
    f['train_loss'] = loss.reshape(3, 2)
    f['train_acc'] = numpy.where(loss == -1, -1, 50.0).reshape(3, 2)
";
    python(&workdir, script);
    let surface = Surface::read(&workdir.path("old.h5")).unwrap();
    assert_eq!(surface.grid.shape(), [2, 3]);
    assert_eq!(
        surface.evaluated.iter().copied().collect::<Vec<_>>(),
        [1, 1, 1, 1, 0, 1]
    );
    let loss = &surface.metric("train_loss").unwrap().values;
    assert_eq!(
        (loss[[0, 2]], loss[[1, 0]], loss[[1, 1]].is_nan()),
        (2.0, 3.0, true)
    );
}

#[test]
fn values_of_other_files_are_never_read() {
    let workdir = Workdir::new();
    workdir.write_data("data.h5", 4, 16);
    workdir.write_surface("surface.h5", 3, 3, |x, y| Some(x * x + y * y));
    python(
        &workdir,
        "import h5py, numpy, shutil
numpy.arange(9, dtype='f8').tofile('secret')
with h5py.File('other.h5', 'w') as f: f['values'] = numpy.arange(9, dtype='f8').reshape(3, 3)
for name in 'storage', 'link', 'group', 'virtual':
    shutil.copy('surface.h5', name + '.h5')
    with h5py.File(name + '.h5', 'r+') as f:
        del f['train_loss'], f.attrs['id']
        if name == 'storage':
            f.create_dataset('train_loss', (3, 3), 'f8', external=[('secret', 0, 72)])
        if name == 'link':
            f['train_loss'] = h5py.ExternalLink('other.h5', '/values')
        if name == 'group':
            f['train_loss'] = numpy.zeros((3, 3))
            f['inner/deeper'] = h5py.ExternalLink('other.h5', '/')
        if name == 'virtual':
            layout = h5py.VirtualLayout((3, 3), 'f8')
            layout[:] = h5py.VirtualSource('other.h5', 'values', (3, 3))
            f.create_virtual_dataset('train_loss', layout)
with h5py.File('data.h5', 'r+') as f:
    del f['train/inputs'], f.attrs['id']
    f['train/inputs'] = h5py.ExternalLink('other.h5', '/values')
",
    );
    for (file, said) in [
        (
            "storage",
            "\"/train_loss\" cannot be read: it has values in another file, \"secret\" (external storage)",
        ),
        ("link", "there is a link to another file, \"other.h5\""),
        ("group", "there is a link to another file, \"other.h5\""),
        (
            "virtual",
            "\"/train_loss\" has its values in other datasets (a virtual dataset)",
        ),
    ] {
        for line in [
            "render {} --plot heat --output p.png",
            "to-table {} --output t.csv",
            "to-vtp {} --output t.vtp",
        ] {
            let stderr = workdir.fails(&line.replace("{}", &format!("{file}.h5")));
            assert!(stderr.contains(said), "{line}: {stderr}");
        }
    }
    // it makes its folder before it reads
    let ran = workdir.run("train --arch resnet20 --data data.h5 --output-dir nets --epochs 1");
    let said = "there is a link to another file, \"other.h5\"";
    assert!(
        ran.status == Some(1) && ran.stderr.contains(said),
        "{}",
        ran.stderr
    );
}

/// 16 million bytes or short integers take 128 MiB as the numbers that they are read as.
#[test]
fn numbers_count_as_wide_as_they_are_read() {
    let workdir = Workdir::new();
    for dtype in ["u1", "i2"] {
        let script = format!(
            "
import h5py, numpy as np
with h5py.File('a.h5', 'w') as f:
    f['xcoordinates'] = f['ycoordinates'] = np.linspace(-1, 1, 4096)
    f.create_dataset('train_loss', data=np.zeros((4096, 4096), '{dtype}'), compression='gzip')
"
        );
        python(&workdir, &script);
        let stderr = workdir.fails("to-table a.h5 --output t.csv");
        let said = "a.h5: \"/train_loss\" cannot be read: the values take more than 100 times";
        assert!(stderr.contains(said), "{dtype}: {stderr}");
    }
}

#[test]
fn what_the_fuzzer_found_in_hdf5_stays_mended() {
    let workdir = Workdir::new();
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found/hdf5");
    for entry in fs::read_dir(found).unwrap() {
        fs::copy(entry.unwrap().path(), workdir.path("a.h5")).unwrap();
        let ran = workdir.run("inspect --verify a.h5");
        assert!(
            ran.status == Some(1) && ran.stderr.starts_with("error: a.h5: "),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn names_with_control_characters_are_refused() {
    let workdir = Workdir::new();
    let script = "
import h5py
with h5py.File('a.h5', 'w') as f:
    f['state/a f32 [1] 00\\n/state/b'] = [1.0]
";
    python(&workdir, script);
    let stderr = workdir.fails("make-dirs --model a.h5 --output d.h5");
    assert!(
        stderr.contains("has a member with control characters in its name"),
        "{stderr}"
    );
}
