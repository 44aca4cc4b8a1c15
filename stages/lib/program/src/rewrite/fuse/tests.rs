use super::*;
use crate::Builder;

fn conv(builder: &mut Builder, x: &Arg, name: &str) -> Arg {
    let weight = Arg::State(name.into());
    builder.call(
        CONVOLUTION,
        [
            ("input", x.clone()),
            ("weight", weight),
            ("padding", Arg::Ints(vec![1, 1])),
        ],
    )
}

fn relu(builder: &mut Builder, x: Arg) -> Arg {
    builder.call(ACTIVATION, [("self", x)])
}

fn ops(program: &Program) -> Vec<&str> {
    program.nodes.iter().map(|node| node.op.as_str()).collect()
}

/// Two residual blocks after a first convolution; the second one's shortcut is a convolution.
fn residual() -> Program {
    let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
    let input = builder.input();
    let x = conv(&mut builder, &input, "stem");
    let mut x = relu(&mut builder, x);
    for (block, projected) in [("a", false), ("b", true)] {
        let y = conv(&mut builder, &x, &format!("{block}1"));
        let y = relu(&mut builder, y);
        let y = conv(&mut builder, &y, &format!("{block}2"));
        let shortcut = if projected {
            conv(&mut builder, &x, &format!("{block}3"))
        } else {
            x
        };
        let sum = builder.call(ADDITION, [("self", y), ("other", shortcut)]);
        x = relu(&mut builder, sum);
    }
    builder.finish(x)
}

#[test]
fn residual_blocks_become_two_or_three_calls() {
    let fused = fuse_convolutions(&residual());
    assert!(fused.check().is_ok(), "{fused:?}");
    assert_eq!(
        ops(&fused),
        [FUSED, FUSED, FUSED_INTO, FUSED, CONVOLUTION, FUSED_INTO]
    );
    assert_eq!(fused.outputs, residual().outputs);
    let into = &fused.nodes[2].args;
    assert_eq!(into["other"], Arg::Value(fused.nodes[0].outputs[0].clone()));
    assert_eq!(into["unary_attr"], Arg::String("relu".into()));
}

#[test]
fn nothing_is_written_into_what_is_used_later() {
    let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
    let input = builder.input();
    let stem = conv(&mut builder, &input, "stem");
    let x = relu(&mut builder, stem);
    let y = conv(&mut builder, &x, "a");
    let sum = builder.call(ADDITION, [("self", y), ("other", x.clone())]);
    // x once more, after the sum
    let again = builder.call(
        "aten::cat",
        [("tensors", Arg::List(vec![sum, x])), ("dim", Arg::Int(1))],
    );
    let program = builder.finish(again);
    assert_eq!(
        ops(&fuse_convolutions(&program)),
        [FUSED, CONVOLUTION, ADDITION, "aten::cat"]
    );
    // nor into the network's input, nor into a convolution's own input
    let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
    let input = builder.input();
    let y = conv(&mut builder, &input, "a");
    let sum = builder.call(ADDITION, [("self", y), ("other", input)]);
    let y = conv(&mut builder, &sum, "b");
    let sum = builder.call(ADDITION, [("self", y), ("other", sum)]);
    let program = builder.finish(sum);
    assert_eq!(fuse_convolutions(&program), program);
}

#[test]
fn no_call_moves_behind_one_that_writes_into_its_input() {
    let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
    let input = builder.input();
    let stem = conv(&mut builder, &input, "stem");
    let x = relu(&mut builder, stem);
    let early = conv(&mut builder, &x, "early");
    let y = conv(&mut builder, &x, "a");
    let y = conv(&mut builder, &y, "b");
    let first = builder.call(ADDITION, [("self", y), ("other", x)]);
    let second = builder.call(ADDITION, [("self", early), ("other", first)]);
    let fused = fuse_convolutions(&builder.finish(second));
    assert!(fused.check().is_ok());
    assert_eq!(
        ops(&fused),
        [FUSED, CONVOLUTION, CONVOLUTION, FUSED_INTO, ADDITION]
    );
}

#[test]
fn what_the_program_itself_wrote_into_is_left_alone() {
    let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
    let input = builder.input();
    let x = conv(&mut builder, &input, "stem");
    // its result is x under another name
    let same = builder.call("aten::relu_", [("self", x.clone())]);
    let y = conv(&mut builder, &same, "a");
    let sum = builder.call(ADDITION, [("self", y), ("other", x)]);
    let program = builder.finish(sum);
    assert_eq!(fuse_convolutions(&program), program);
}
