//! Programs that a stranger wrote to do harm: each ends in an error of one line that says what is wrong, and no file is
//! touched.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use tests::{Workdir, python};

/// Writes a model for each program of `programs.json`, with data and directions for all.
const WRITE: &str = "
import h5py, json, numpy
programs = json.load(open('programs.json'))
random = numpy.random.default_rng(0)
for name, program in programs.items():
    with h5py.File(f'{name}.h5', 'w') as f:
        f['program'] = json.dumps(program)
        f['state/w'] = numpy.eye(3, 4, dtype='f4')
        f['state/k'] = random.normal(size=(4, 1, 2, 2)).astype('f4')
        for index, entry in enumerate('wk'):
            f['state/' + entry].attrs['index'] = index
            f['state/' + entry].attrs['role'] = 'parameter'
with h5py.File('data.h5', 'w') as f:
    f['train/inputs'] = random.normal(size=(6, 4)).astype('f4')
    f['train/targets'] = numpy.zeros(6, 'i8')
with h5py.File('dirs.h5', 'w') as f:
    f['xdirection/0'] = numpy.eye(3, 4, dtype='f4')
    f['xdirection/1'] = numpy.ones((4, 1, 2, 2), 'f4')
    f.attrs['dir_type'] = 'weights'
";

/// A stage that reads programs.
#[derive(Clone, Copy)]
enum Stage {
    /// It calls no operator, and refuses what no program may have.
    MakeDirs,
    EvalGrid,
}

const REST_OF_EVAL_GRID: &str = "--data data.h5 --directions dirs.h5 --x=-1:1:3 --output s.h5";

fn node(op: &str, args: Value, output: &str) -> Value {
    json!({"op": op, "args": args, "outputs": [output]})
}

/// A program of these calls, which returns what the last one makes.
fn program(nodes: Vec<Value>) -> Value {
    let output = nodes.last().unwrap()["outputs"].clone();
    json!({
        "version": 1,
        "inputs": [{"name": "x", "shape": [null, 4], "dtype": "f32"}],
        "nodes": nodes,
        "outputs": output,
    })
}

/// The program of one call.
fn call(op: &str, args: Value) -> Value {
    program(vec![node(op, args, "y")])
}

/// Runs a stage with each program, and compares what it says.
fn each_fails(stage: Stage, programs: BTreeMap<&str, (Value, &str)>) -> Workdir {
    let workdir = Workdir::new();
    let texts: BTreeMap<&str, &Value> = programs
        .iter()
        .map(|(name, (program, _))| (*name, program))
        .collect();
    fs::write(
        workdir.path("programs.json"),
        serde_json::to_string(&texts).unwrap(),
    )
    .unwrap();
    fs::write(workdir.path("victim"), "precious").unwrap();
    python(&workdir, WRITE);
    for (name, (_, said)) in &programs {
        let line = match stage {
            Stage::MakeDirs => format!("make-dirs --model {name}.h5 --output d.h5"),
            Stage::EvalGrid => format!("eval-grid --model {name}.h5 {REST_OF_EVAL_GRID}"),
        };
        let stderr = workdir.fails(&line);
        assert!(stderr.contains(said), "{name}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{name}: {stderr}");
    }
    let kept = fs::read_to_string(workdir.path("victim")).unwrap();
    assert_eq!(kept, "precious");
    workdir
}

/// What an argument may be, how much memory a program may take and so on is tested with
/// `stages/lib/torch/tests/hostile.rs`, in one process.
#[test]
fn programs_that_fail_as_they_run_are_errors_of_one_line() {
    let list = json!({"tensors": {"list": [{"none": null}, {"value": "x"}]}});
    let two_billion = json!({"a": {"int": 1_000_000_000}, "b": {"int": 2}});
    let many = json!({"end": {"value": "many"}});
    let sum = json!({"self": {"value": "made"}});
    let product = json!({"self": {"value": "x"}, "other": {"value": "sum"}});
    let mut nothing = call("aten::relu", json!({"self": {"value": "x"}}));
    nothing["outputs"] = json!([]);
    each_fails(
        Stage::EvalGrid,
        BTreeMap::from([
            (
                "null-in-list",
                (call("aten::cat", list), "a list with None in it"),
            ),
            (
                "arange",
                (
                    program(vec![
                        node("operator::mul", two_billion, "many"),
                        node("aten::arange", many, "made"),
                        node("aten::sum", sum, "sum"),
                        node("aten::mul.Tensor", product, "y"),
                    ]),
                    "may hold",
                ),
            ),
            ("no-output", (nothing, "the program returns nothing")),
        ]),
    );
}

#[test]
fn operators_that_reach_for_files_or_memory_are_named() {
    let (x, path) = (json!({"value": "x"}), json!({"string": "victim"}));
    let refused = "is refused";
    let workdir = each_fails(
        Stage::MakeDirs,
        BTreeMap::from([
            (
                "from-file",
                (
                    call(
                        "aten::from_file",
                        json!({"filename": path, "shared": {"bool": true}, "size": {"int": 2}}),
                    ),
                    "aten::from_file, is refused",
                ),
            ),
            (
                "save",
                (
                    call("aten::save", json!({"item": x, "filename": path})),
                    "aten::save, is refused",
                ),
            ),
            (
                "set",
                (
                    call(
                        "aten::set_.source_Tensor",
                        json!({"self": x, "source": {"state": "w"}}),
                    ),
                    refused,
                ),
            ),
            (
                "resize",
                (
                    call(
                        "aten::resize_",
                        json!({"self": x, "size": {"ints": [1000]}}),
                    ),
                    refused,
                ),
            ),
            (
                "as-strided",
                (
                    call(
                        "aten::as_strided",
                        json!({"self": x, "size": {"ints": [1000]}}),
                    ),
                    refused,
                ),
            ),
            (
                "empty",
                (
                    call("aten::empty.memory_format", json!({"size": {"ints": [4]}})),
                    refused,
                ),
            ),
            (
                "out",
                (
                    call(
                        "aten::add.out",
                        json!({"self": x, "other": x, "out": {"state": "w"}}),
                    ),
                    refused,
                ),
            ),
            (
                "values",
                (
                    call(
                        "aten::sort.values",
                        json!({"self": x, "values": {"state": "w"}}),
                    ),
                    refused,
                ),
            ),
            ("other", (call("prim::Print", json!({"self": x})), refused)),
            (
                "mkldnn",
                (
                    call("mkldnn::_convolution_pointwise", json!({"X": x})),
                    refused,
                ),
            ),
            (
                "mode",
                (
                    call(
                        "aten::pad",
                        json!({"self": x, "pad": {"ints": [1, 1]}, "mode": path}),
                    ),
                    "the text \"victim\"",
                ),
            ),
        ]),
    );
    // the other stage that reads programs
    let stderr = workdir.fails(&format!(
        "eval-grid --model from-file.h5 {REST_OF_EVAL_GRID}"
    ));
    assert!(stderr.contains("aten::from_file, is refused"), "{stderr}");
}
