use super::*;
use crate::Builder;

fn state(name: &str) -> Arg {
    Arg::State(name.into())
}

fn program(op: &str, weight: &str, more: &[(&str, Arg)]) -> Program {
    let mut builder = Builder::new("input", &[None, Some(3)], "f32");
    let input = builder.input();
    let output = builder.call(op, [("input", input), (weight, state("w"))]);
    let mut program = builder.finish(output);
    for (name, arg) in more {
        program.nodes[0].args.insert((*name).into(), arg.clone());
    }
    program
}

#[test]
fn the_layer_tells_where_its_outputs_lie() {
    let grouped = Filters {
        groups: 4,
        ..Filters::along(1)
    };
    for (op, weight, more, wanted) in [
        ("aten::conv2d", "weight", None, Filters::along(0)),
        ("aten::linear", "weight", None, Filters::along(0)),
        ("aten::addmm", "mat1", None, Filters::along(0)),
        ("aten::addmm", "mat2", None, Filters::along(1)),
        (
            "aten::addmm",
            "self",
            None,
            Filters {
                told: false,
                ..Filters::along(0)
            },
        ),
        ("aten::matmul", "other", None, Filters::along(1)),
        ("aten::matmul", "self", None, Filters::along(0)),
        ("aten::embedding", "weight", None, Filters::along(0)),
        (
            "aten::conv_transpose2d.input",
            "weight",
            None,
            Filters::along(1),
        ),
        (
            "aten::conv_transpose1d",
            "weight",
            Some(("groups", Arg::Int(4))),
            grouped,
        ),
        (
            "aten::convolution",
            "weight",
            Some(("transposed", Arg::Bool(true))),
            Filters::along(1),
        ),
        (
            "aten::convolution",
            "weight",
            Some(("transposed", Arg::Bool(false))),
            Filters::along(0),
        ),
    ] {
        let program = program(op, weight, more.as_slice());
        assert_eq!(program.filters("w", 2), wanted, "{op}");
    }
    let experts = program("aten::bmm", "mat2", &[]);
    assert_eq!(
        experts.filters("w", 3),
        Filters {
            axes: vec![0, 2],
            groups: 1,
            told: true
        }
    );
}

#[test]
fn an_einstein_sum_tells_by_its_letters() {
    for (equation, place, dims, axes) in [
        ("bi,io->bo", 1, 2, vec![1]),
        ("bi,oi->bo", 1, 2, vec![0]),
        ("hdo,bqhd->bqo", 0, 3, vec![2]),
        ("bqi,ihd->bqhd", 1, 3, vec![1, 2]),
    ] {
        let mut operands = vec![Arg::Value("input".into()); 2];
        operands[place] = state("w");
        let more = [
            ("equation", Arg::String(equation.into())),
            ("tensors", Arg::List(operands)),
        ];
        let program = program("aten::einsum", "path", &more);
        assert_eq!(program.filters("w", dims).axes, axes, "{equation}");
    }
}

#[test]
fn every_order_of_the_axes_is_followed() {
    let ints = |ints: &[i64]| Arg::Ints(ints.to_vec());
    let int = Arg::Int;
    // the axis of the weight whose entries are the outputs of x @ view
    for (op, args, dims, axes) in [
        ("aten::t", vec![], 2, vec![0]),
        (
            "aten::transpose.int",
            vec![("dim0", int(-1)), ("dim1", int(0))],
            2,
            vec![0],
        ),
        (
            "aten::transpose.int",
            vec![("dim0", int(0)), ("dim1", int(2))],
            3,
            vec![2, 0],
        ),
        (
            "aten::swapaxes",
            vec![("axis0", int(0)), ("axis1", int(1))],
            2,
            vec![0],
        ),
        (
            "aten::movedim.int",
            vec![("source", int(0)), ("destination", int(-1))],
            3,
            vec![1, 0],
        ),
        ("aten::permute", vec![("dims", ints(&[-1, -2]))], 2, vec![0]),
        (
            "aten::permute",
            vec![("dims", ints(&[0, 2, 1]))],
            3,
            vec![0, 1],
        ),
        ("aten::permute", vec![("dims", ints(&[0, 1]))], 2, vec![1]),
        ("aten::detach", vec![], 2, vec![1]),
    ] {
        let mut builder = Builder::new("input", &[None, Some(3)], "f32");
        let input = builder.input();
        let view = builder.call(op, [("self", state("w"))]);
        let output = builder.call("aten::matmul", [("self", input), ("other", view)]);
        let mut program = builder.finish(output);
        program.nodes[0]
            .args
            .extend(args.into_iter().map(|(name, arg)| (name.to_string(), arg)));
        assert_eq!(program.filters("w", dims).axes, axes, "{op}");
    }
}

#[test]
fn of_tied_weights_the_layer_that_multiplies_counts() {
    let mut builder = Builder::new("input", &[None, Some(3)], "f32");
    let input = builder.input();
    builder.call(
        "aten::embedding",
        [("weight", state("w")), ("indices", input.clone())],
    );
    let output = builder.call("aten::matmul", [("self", input), ("other", state("w"))]);
    assert_eq!(builder.finish(output).filters("w", 2), Filters::along(1));
    assert!(
        !program("aten::add.Tensor", "other", &[])
            .filters("w", 2)
            .told
    );
}

#[test]
fn entries_are_numbered_by_filter() {
    // [in, out / groups, places]: four inputs in two groups, three outputs in each
    let filters = Filters {
        groups: 2,
        ..Filters::along(1)
    };
    let shape = [4, 3, 5];
    assert_eq!(filters.count(&shape), 6);
    assert_eq!(filters.number(&shape, &[1, 2, 4]), 2);
    assert_eq!(filters.number(&shape, &[2, 0, 0]), 3);
    assert_eq!(filters.number(&shape, &[3, 2, 1]), 5);
}
