use super::*;
use crate::Builder;

fn state(name: &str) -> Arg {
    Arg::State(name.into())
}

/// A linear layer whose weight is cast, and a norm that goes through f32, as they are exported
/// in a half precision.
fn exported(half: Option<Half>) -> Program {
    let mut builder = Builder::new("x", &[None, Some(8)], "f32");
    let mut x = builder.input();
    let mut weight = state("w");
    let number = half.map_or(SINGLE, Half::number);
    if half.is_some() {
        x = builder.call("aten::to.dtype", [("self", x), ("dtype", Arg::Int(number))]);
        weight = builder.call(
            "aten::to.dtype",
            [("self", weight), ("dtype", Arg::Int(number))],
        );
    }
    let x = builder.call("aten::linear", [("input", x), ("weight", weight)]);
    let wide = builder.call("aten::to.dtype", [("self", x), ("dtype", Arg::Int(SINGLE))]);
    let wide = builder.call(
        "aten::mul.Tensor",
        [("self", wide), ("other", state("table"))],
    );
    let x = builder.call(
        "aten::to.dtype",
        [("self", wide), ("dtype", Arg::Int(number))],
    );
    let lowest = Arg::Float(f64::from(f32::MIN));
    let x = builder.call(
        "aten::masked_fill.Scalar",
        [("self", x), ("mask", state("mask")), ("value", lowest)],
    );
    builder.finish(x)
}

fn weights() -> Weights<'static> {
    Weights {
        real: HashSet::from(["w", "table"]),
        trained: HashSet::from(["w"]),
    }
}

fn ops(program: &Program) -> Vec<&str> {
    program
        .nodes
        .iter()
        .map(|node| node.op.trim_start_matches("aten::"))
        .collect()
}

#[test]
fn a_half_program_in_f32_is_the_one_that_f32_exports() {
    for half in [Half::Bf16, Half::F16] {
        let program = exported(Some(half));
        assert_eq!(program.half(), Some(half));
        let wide = program.widened(&weights().real);
        assert!(wide.check().is_ok() && wide.half().is_none());
        assert_eq!(ops(&wide), ops(&exported(None)));
        assert_eq!(wide.nodes[0].args["weight"], state("w"));
        assert_eq!(wide.nodes[0].args["input"], Arg::Value("x".into()));
    }
}

#[test]
fn a_half_program_in_half_precision_is_run_as_it_was_exported() {
    let halved = exported(Some(Half::Bf16)).halved(Half::F16, &weights());
    assert!(halved.program.check().is_ok() && !halved.rounds_inputs);
    assert_eq!(halved.rounded, ["w"]);
    assert_eq!(
        ops(&halved.program),
        [
            "to.dtype",
            "linear",
            "to.dtype",
            "mul.Tensor",
            "to.dtype",
            "masked_fill.Scalar"
        ]
    );
    assert_eq!(
        halved.program.nodes[4].args["dtype"],
        Arg::Int(Half::F16.number())
    );
}

#[test]
fn of_an_f32_program_weights_and_inputs_are_rounded_and_f32_by_name_stays() {
    let halved = exported(None).halved(Half::Bf16, &weights());
    assert_eq!(
        (halved.rounded, halved.rounds_inputs),
        (vec!["w".to_string()], true)
    );
    assert_eq!(ops(&halved.program), ops(&exported(None)));
    assert_eq!(halved.program.nodes[1].args["dtype"], Arg::Int(SINGLE));
}

#[test]
fn a_cast_that_is_written_into_stays_a_copy() {
    let mut builder = Builder::new("x", &[None, Some(8)], "f32");
    let x = builder.input();
    let half = ("dtype", Arg::Int(Half::Bf16.number()));
    let rounded = builder.call("aten::to.dtype", [("self", x), half]);
    let kept = builder.call("aten::linear", [("input", rounded), ("weight", state("w"))]);
    let wide = builder.call(
        "aten::to.dtype",
        [("self", kept.clone()), ("dtype", Arg::Int(SINGLE))],
    );
    let view = builder.call(
        "aten::view",
        [("self", wide), ("size", Arg::Ints(vec![-1]))],
    );
    builder.call(
        "aten::mul_.Scalar",
        [("self", view), ("other", Arg::Float(3.0))],
    );
    let program = builder.finish(kept).widened(&weights().real);
    assert_eq!(ops(&program), ["linear", "to.dtype", "view", "mul_.Scalar"]);
    assert_eq!(program.nodes[1].args["copy"], Arg::Bool(true));
}
