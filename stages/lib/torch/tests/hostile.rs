//! Programs that a stranger wrote to do harm: each ends in an error of one line that says what is
//! wrong. `tests/tests/hostile.rs` has the stages refuse such programs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::error::Error;

use ndarray::ArrayD;
use program::Program;
use serde_json::{Value, json};
use torch::{
    Averages, Batches, Criterion, Device, IGNORED, Kind, Landscape, Loss, Plan, Precision, State,
    Tensor,
};

const EXAMPLES: usize = 6;

/// Reads and runs a program as eval-grid does.
fn run(program: &Value) -> Result<(), Box<dyn Error>> {
    let program = Program::from_json(&program.to_string())?;
    let names = ["w", "k"];
    let origin = [
        Tensor::ones([3, 4], (Kind::Float, Device::Cpu)),
        Tensor::ones([4, 1, 2, 2], (Kind::Float, Device::Cpu)),
    ];
    let x = origin.each_ref().map(|weight| Some(weight.copy()));
    let state = State {
        names: &names,
        origin: &origin,
        trained: &[true; 2],
    };
    let data = files::Examples::new(
        files::Tensor::F32(ArrayD::from_elem(vec![EXAMPLES, 4], 0.5)),
        files::Tensor::I64(ArrayD::zeros(vec![EXAMPLES])),
    );
    let normalization = files::Normalization {
        scale: vec![1.0],
        mean: vec![0.0],
        std: vec![1.0],
    };
    let inputs = &program.inputs;
    let batches = Batches::new(&data, &normalization, inputs, EXAMPLES, Device::Cpu)?;
    let input = [Tensor::ones([1, 4], (Kind::Float, Device::Cpu))];
    let (device, precision) = (Device::Cpu, Precision::Full);
    let plan = Plan::fastest(&program, state, [&x, &[]], (&input, 1), device, precision)?;
    let mut landscape = Landscape::new(&plan, &names, &origin, &x, &[], device)?;
    landscape.move_to(0.5, 0.0);
    let averages = Averages {
        criterion: Criterion {
            loss: Loss::CrossEntropy,
            ignored: IGNORED,
            class_axis: None,
        },
        metrics: torch::usual_metrics(Loss::CrossEntropy, 1),
        stop: None,
    };
    landscape.measure(&batches, (0, 1), &averages, &|| false)?;
    Ok(())
}

/// Runs each program, and compares what is said of it.
fn each_fails(programs: &[(&str, Value, &str)]) {
    torch::one_thread();
    torch::bound_memory(u64::MAX);
    for (name, program, said) in programs {
        let error = match torch::no_grad(|| run(program)) {
            Ok(()) => panic!("{name} was run"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(said), "{name}: {error}");
        assert_eq!(error.lines().count(), 1, "{name}: {error}");
    }
}

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

/// A call that makes a tensor, and what makes a result for each example of it.
fn making(op: &str, args: Value) -> Value {
    let mut nodes = vec![
        node(
            "operator::mul",
            json!({"a": {"int": 1_000_000_000}, "b": {"int": 2}}),
            "many",
        ),
        node(
            "aten::argmax",
            json!({"self": {"value": "x"}, "dim": {"int": 1}}),
            "places",
        ),
    ];
    nodes.push(node(op, args, "made"));
    nodes.push(node("aten::sum", json!({"self": {"value": "made"}}), "sum"));
    let product = json!({"self": {"value": "x"}, "other": {"value": "sum"}});
    nodes.push(node("aten::mul.Tensor", product, "y"));
    program(nodes)
}

/// A number that the program computes, given to a call.
fn computed(number: i64, op: &str, args: Value) -> Value {
    program(vec![
        node("operator::pos", json!({"a": {"int": number}}), "number"),
        node(op, args, "y"),
    ])
}

#[test]
fn arguments_that_are_not_what_operators_take_are_errors() {
    let x = || json!({"value": "x"});
    let none = || json!({"none": null});
    let image = json!({"value": "image"});
    let padded = |padding: Value| {
        let shape = json!({"self": x(), "shape": {"ints": [-1, 1, 2, 2]}});
        let convolution = json!({"input": image, "weight": {"state": "k"}, "padding": padding});
        program(vec![
            node("aten::reshape", shape, "image"),
            node("aten::conv2d", convolution, "maps"),
            node("aten::relu", json!({"self": {"value": "maps"}}), "y"),
        ])
    };
    let mut nothing = call("aten::relu", json!({"self": x()}));
    nothing["outputs"] = json!([]);
    let mut of_none = call("aten::relu", json!({"self": x()}));
    of_none["inputs"][0]["shape"] = json!([0, 4]);
    let mut of_all = call("aten::relu", json!({"self": x()}));
    of_all["inputs"][0]["shape"] = json!([1_000_000_000_000_000_000_u64, 4]);
    let list = |members: Value| json!({"tensors": {"list": members}});
    let shape = json!({"self": x(), "shape": {"list": [none(), {"int": 4}]}});
    let to = || json!({"self": x(), "dtype": {"value": "number"}});
    let sparse = json!({"self": x(), "layout": {"value": "number"}});
    each_fails(&[
        (
            "null-in-list",
            call("aten::cat", list(json!([none(), x()]))),
            "a list with None in it",
        ),
        (
            "null-in-sizes",
            call("aten::reshape", shape),
            "members that are no integers",
        ),
        (
            "null",
            call("aten::relu", json!({"self": none()})),
            "\"self\" is None",
        ),
        (
            "dtype-negative",
            computed(-1, "aten::to.dtype", to()),
            "\"dtype\" is -1",
        ),
        (
            "dtype-large",
            computed(200, "aten::to.dtype", to()),
            "\"dtype\" is 200",
        ),
        (
            "sparse",
            computed(1, "aten::to.dtype_layout", sparse),
            "\"layout\" is 1",
        ),
        (
            "padding",
            padded(json!({"ints": []})),
            "\"padding\" has 0 members",
        ),
        (
            "paddings",
            padded(json!({"ints": [1, 1, 1]})),
            "\"padding\" has 3 members",
        ),
        ("no-output", nothing, "the program returns nothing"),
        ("no-example", of_none, "of the shape [0,4]"),
        ("examples", of_all, "of the shape [1000000000000000000,4]"),
    ]);
}

#[test]
fn tensors_beyond_any_sense_are_errors() {
    let (x, many) = (json!({"value": "x"}), json!({"value": "many"}));
    let wide = json!({"self": x, "size": {"list": [many, {"int": -1}, {"int": -1}]}});
    let places = json!({"self": {"value": "places"}, "num_classes": many});
    let pieces = json!({"self": x, "sections": many});
    each_fails(&[
        (
            "ones",
            making("aten::ones", json!({"size": {"list": [many]}})),
            "may hold",
        ),
        ("expand", making("aten::expand", wide), "may hold"),
        (
            "repeat",
            making(
                "aten::repeat",
                json!({"self": x, "repeats": {"list": [many, many]}}),
            ),
            "aten::repeat, failed",
        ),
        (
            "pad",
            making(
                "aten::pad",
                json!({"self": x, "pad": {"list": [{"int": 0}, many]}}),
            ),
            "may hold",
        ),
        ("one-hot", making("aten::one_hot", places), "may hold"),
        (
            "arange",
            making("aten::arange", json!({"end": many})),
            "may hold",
        ),
        (
            "eye",
            making("aten::eye", json!({"n": many})),
            "aten::eye, failed",
        ),
        (
            "pieces",
            making("aten::tensor_split.sections", pieces),
            "it makes 2000000000 tensors",
        ),
    ]);
}
