//! Data that are read anew for every pass are checked piece by piece.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{ops::Range, sync::Arc};

use files::{Examples, Normalization};
use ndarray::ArrayD;
use program::Program;
use torch::{Averages, Batches, Criterion, Device, IGNORED, Kind, Landscape, Loss, Plan, Tensor};

const PROGRAM: &str = r#"{"version":1,
"inputs":[{"name":"x","shape":[null,2],"dtype":"f32"}],
"nodes":[{"op":"aten::linear","outputs":["y"],
 "args":{"input":{"value":"x"},"weight":{"state":"w"},"bias":{"none":null}}}],
"outputs":["y"]}"#;

/// The error of measuring eight examples in pieces of four, where the class of one is 7 of 0 to 2.
fn measured(wrong: Option<usize>) -> Result<(), String> {
    let read = move |range: Range<usize>| {
        let classes = ArrayD::from_shape_fn(vec![range.len()], |index| {
            if wrong == Some(range.start + index[0]) {
                7
            } else {
                1
            }
        });
        let inputs = files::Tensor::F32(ArrayD::zeros(vec![range.len(), 2]));
        Ok(Examples::new(inputs, files::Tensor::I64(classes)))
    };
    let program = Program::from_json(PROGRAM).unwrap();
    let normalization = Normalization {
        scale: vec![1.0],
        mean: vec![0.0],
        std: vec![1.0],
    };
    let (count, piece, batch) = (8, 4, 2);
    let batches = Batches::streamed(
        Arc::new(read),
        count,
        piece,
        &normalization,
        &program.inputs,
        batch,
        Device::Cpu,
    )
    .unwrap();
    let weight = [Tensor::ones([3, 2], (Kind::Float, Device::Cpu))];
    let plan = Plan::plain(&program);
    let landscape = Landscape::new(&plan, &["w"], &weight, &[], &[], Device::Cpu).unwrap();
    let averages = Averages {
        criterion: Criterion {
            loss: Loss::CrossEntropy,
            ignored: IGNORED,
            class_axis: None,
        },
        metrics: torch::usual_metrics(Loss::CrossEntropy, 1),
        stop: None,
    };
    let measured = landscape.measure(&batches, (0, 1), &averages, &|| false);
    measured.map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn a_class_out_of_range_is_refused_in_whatever_piece_it_is() {
    assert_eq!(measured(None), Ok(()));
    for wrong in 0..8 {
        let error = measured(Some(wrong)).unwrap_err();
        assert!(
            error.contains("target 7 is out of range: the network has classes 0 to 2"),
            "{wrong}: {error}"
        );
    }
}
