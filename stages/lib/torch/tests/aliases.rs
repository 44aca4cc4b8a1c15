//! Calls that write in place never change the weights, whatever other name they reach them by.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use program::{Arg, Builder, Program};
use torch::{Device, Mode, Network, Tensor};

/// Writes into what a call returns of the weight.
fn program(op: &str, args: &[(&str, Arg)]) -> Program {
    let mut builder = Builder::new("x", &[None, Some(2)], "f32");
    let seen = builder.call(op, []);
    let written = builder.call("aten::relu_", [("self", seen)]);
    let x = builder.input();
    let output = builder.call("aten::add.Tensor", [("self", x), ("other", written)]);
    let mut program = builder.finish(output);
    program.nodes[0].args = args
        .iter()
        .map(|(name, arg)| ((*name).to_string(), arg.clone()))
        .collect();
    program
}

#[test]
fn weights_stay_as_they_are() {
    let weight = || Arg::State("w".into());
    let dropout = |name| {
        let switch = [("p", Arg::Float(0.5)), ("train", Arg::Bool(false))];
        (name, [vec![("input", weight())], switch.to_vec()].concat())
    };
    let list = || Arg::List(vec![weight()]);
    let cases = [
        (
            "aten::view",
            vec![("self", weight()), ("size", Arg::Ints(vec![1, 2]))],
        ),
        (
            "aten::_unsafe_view",
            vec![("self", weight()), ("size", Arg::Ints(vec![1, 2]))],
        ),
        (
            "aten::type_as",
            vec![("self", weight()), ("other", Arg::Value("x".into()))],
        ),
        ("aten::lift_fresh", vec![("self", weight())]),
        ("aten::atleast_1d", vec![("self", weight())]),
        ("aten::atleast_2d", vec![("self", weight())]),
        (
            "aten::einsum",
            vec![
                ("equation", Arg::String("ij->ij".into())),
                ("tensors", list()),
            ],
        ),
        ("aten::chain_matmul", vec![("matrices", list())]),
        ("aten::contiguous", vec![("self", weight())]),
        (
            "aten::to.dtype",
            vec![("self", weight()), ("dtype", Arg::Int(6))],
        ),
        dropout("aten::dropout"),
        dropout("aten::feature_dropout"),
        dropout("aten::alpha_dropout"),
        dropout("aten::feature_alpha_dropout"),
    ];
    for (op, args) in cases {
        let network =
            Network::new(&program(op, &args), &["w"], Mode::Evaluate, Device::Cpu).unwrap();
        let state = [Tensor::from_slice(&[-1.0f32, 2.0]).reshape([1, 2])];
        let x = Tensor::from_slice(&[10.0f32, 10.0]).reshape([1, 2]);
        for _ in 0..2 {
            let output = network
                .forward(&state, &[x.shallow_clone()])
                .unwrap()
                .remove(0);
            let values: Vec<f32> = Vec::try_from(output.flatten(0, -1)).unwrap();
            assert_eq!(values, [10.0, 12.0], "{op}");
            let kept: Vec<f32> = Vec::try_from(state[0].flatten(0, -1)).unwrap();
            assert_eq!(kept, [-1.0, 2.0], "{op} let a call write into the weight");
        }
    }
}
