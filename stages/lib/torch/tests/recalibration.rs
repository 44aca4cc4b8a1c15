//! Running statistics that are estimated anew, against PyTorch's `update_bn`
//! (`tests/golden/recalibration/make.py` made the goldens and says how).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod networks;

use std::collections::BTreeMap;

use files::{Examples, Normalization};
use ndarray::ArrayD;
use serde::Deserialize;
use torch::{
    Batches, Device, Kind, Landscape, Loss, Plan, Precision, Recalibration, State, Tensor,
};
use zoo::EntryKind;

use networks::{Network, tensor, uniform};

#[derive(Deserialize)]
struct Golden {
    x: f64,
    y: f64,
    loss: f64,
    statistics: BTreeMap<String, Vec<f64>>,
}

/// Twelve images in batches of four.
fn batches(program: &program::Program) -> Batches {
    let mut values = Vec::new();
    for number in uniform(1_000_000, 12 * 3 * 32 * 32) {
        values.push(((number - 0.5) * 4.0) as f32);
    }
    let images = ArrayD::from_shape_vec(vec![12, 3, 32, 32], values).unwrap();
    let targets = ArrayD::zeros(vec![12]);
    let examples = Examples::new(files::Tensor::F32(images), files::Tensor::I64(targets));
    let none = Normalization {
        scale: vec![1.0],
        mean: vec![0.0],
        std: vec![1.0],
    };
    Batches::new(&examples, &none, &program.inputs, 4, Device::Cpu).unwrap()
}

#[test]
fn statistics_and_the_loss_after_them_are_those_of_pytorch() {
    torch::one_thread();
    let text = include_str!("../../../../tests/golden/recalibration/statistics.json");
    let goldens: Vec<Golden> = serde_json::from_str(text).unwrap();
    let network = Network::new("resnet20");
    let (program, names) = (&network.architecture.program, network.names());
    let mut directions = [Vec::new(), Vec::new()];
    for (direction, offset) in directions.iter_mut().zip([1000, 2000]) {
        for (index, entry) in network.architecture.state.iter().enumerate() {
            let moves = matches!(entry.kind, EntryKind::Weight) && entry.shape.len() > 1;
            direction.push(moves.then(|| tensor(index + offset, entry) * 0.3));
        }
    }
    let [x, y] = &directions;
    let batches = batches(program);
    let first = &batches.first().unwrap().inputs[0];
    let two = [first.narrow(0, 0, 2)];
    let trained: Vec<bool> = network
        .architecture
        .state
        .iter()
        .map(|entry| entry.kind.is_parameter())
        .collect();
    let state = State {
        names: &names,
        origin: &network.state,
        trained: &trained,
    };
    let plain = Plan::plain(program);
    let fast = Plan::fastest(
        program,
        state,
        [x, y],
        (&two, 1),
        Device::Cpu,
        Precision::Full,
    )
    .unwrap();
    let mut estimate =
        Recalibration::new(&plain, &names, &network.state, x, y, Device::Cpu).unwrap();
    let mut landscape = Landscape::new(&fast, &names, &network.state, x, y, Device::Cpu).unwrap();
    let (mut worst, mut worst_loss) = (0.0f64, 0.0f64);
    // there and back: nothing of a point stays at another
    for golden in goldens.iter().chain(goldens.iter().rev()) {
        let place = (golden.x, golden.y);
        // in two chunks, the second of which has two batches
        let mut found = Vec::new();
        for chunk in 0..2 {
            let part = torch::no_grad(|| {
                estimate.statistics(place, &batches, (chunk, 2), Loss::CrossEntropy, &|| false)
            });
            found.extend(part.unwrap().unwrap());
        }
        assert_eq!(found.len(), 3);
        let statistics = torch::mean_statistics(&found);
        for (name, wanted) in &golden.statistics {
            let state = names.iter().position(|entry| entry == name).unwrap();
            let place = estimate.places().iter().position(|place| *place == state);
            let found = &statistics[place.unwrap()];
            assert_eq!(found.len(), wanted.len());
            let largest = wanted
                .iter()
                .fold(0.0f64, |most, value| most.max(value.abs()));
            for (found, wanted) in found.iter().zip(wanted) {
                worst = worst.max((found - wanted).abs() / largest);
            }
        }
        landscape.move_to(place.0, place.1);
        landscape.recalibrate(estimate.places(), &statistics);
        let logits = torch::no_grad(|| landscape.outputs(&two))
            .unwrap()
            .remove(0);
        let loss = logits
            .to_kind(Kind::Double)
            .cross_entropy_for_logits(&Tensor::from_slice(&[3i64, 7]))
            .double_value(&[]);
        worst_loss = worst_loss.max((loss / golden.loss - 1.0).abs());
    }
    println!("statistics are off by {worst:.1e} at most, losses by {worst_loss:.1e}");
    assert!(worst < 1e-5 && worst_loss < 1e-5, "{worst} {worst_loss}");
}
