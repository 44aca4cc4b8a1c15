//! The zoo's networks against PyTorch eager (`tests/golden/zoo/make.py` made the goldens and says how).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use torch::{Device, Kind, Landscape, Mode, Network, Plan, Precision, State, Tensor};
use zoo::{Entry, EntryKind};

#[derive(Deserialize)]
struct Golden {
    keys_sha256: String,
    parameters: usize,
    logits: Vec<Vec<f64>>,
}

fn goldens() -> BTreeMap<String, Golden> {
    serde_json::from_str(include_str!("../../../../tests/golden/zoo/logits.json")).unwrap()
}

/// Numbers in [0, 1) with 24 bits, the formula of make.py.
fn uniform(entry: usize, count: usize) -> impl Iterator<Item = f64> {
    (0..count as u64).map(move |element| {
        let mut z = (element + ((entry as u64) << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1 << 24)
    })
}

fn tensor(index: usize, entry: &Entry) -> Tensor {
    let shape: Vec<i64> = entry.shape.iter().map(|size| *size as i64).collect();
    let numbers = uniform(index, entry.shape.iter().product());
    let fan_in: usize = entry.shape.iter().skip(1).product();
    let values: Vec<f32> = match entry.kind {
        EntryKind::BatchCount => return Tensor::from(0i64),
        EntryKind::NormWeight | EntryKind::RunningVar => {
            numbers.map(|u| (0.5 + u) as f32).collect()
        }
        EntryKind::Weight => numbers
            .map(|u| ((2.0 * u - 1.0) * (6.0 / fan_in as f64).sqrt()) as f32)
            .collect(),
        _ => numbers.map(|u| ((u - 0.5) * 0.2) as f32).collect(),
    };
    Tensor::from_slice(&values).reshape(shape)
}

fn trained(architecture: &zoo::Architecture) -> Vec<bool> {
    architecture
        .state
        .iter()
        .map(|entry| entry.kind.is_parameter())
        .collect()
}

fn inputs() -> Tensor {
    let values: Vec<f32> = uniform(1_000_000, 2 * 3 * 32 * 32)
        .map(|u| ((u - 0.5) * 4.0) as f32)
        .collect();
    Tensor::from_slice(&values).reshape([2, 3, 32, 32])
}

#[test]
fn logits_keys_and_counts_are_those_of_pytorch() {
    torch::one_thread();
    let goldens = goldens();
    assert!(
        goldens
            .keys()
            .map(String::as_str)
            .eq(zoo::names().collect::<BTreeSet<_>>())
    );
    for (name, golden) in goldens {
        let architecture = zoo::build(&name, 3, 10).unwrap();
        let keys: String = architecture
            .state
            .iter()
            .map(|entry| format!("{} {:?}\n", entry.name, entry.shape))
            .collect();
        let digest: String = Sha256::digest(keys)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            digest, golden.keys_sha256,
            "{name}: keys or shapes differ from PyTorch's"
        );
        let trained = architecture
            .state
            .iter()
            .filter(|entry| entry.kind.is_parameter());
        assert_eq!(
            trained
                .map(|entry| entry.shape.iter().product::<usize>())
                .sum::<usize>(),
            golden.parameters
        );

        let names: Vec<&str> = architecture
            .state
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        let state: Vec<Tensor> = architecture
            .state
            .iter()
            .enumerate()
            .map(|(index, entry)| tensor(index, entry))
            .collect();
        let network = Network::new(
            &architecture.program,
            &names,
            Mode::Evaluate,
            tch::Device::Cpu,
        )
        .unwrap();
        let logits = &network.forward(&state, &[inputs()]).unwrap()[0];
        assert_eq!(logits.size(), [2, 10]);
        let found: Vec<f64> = Vec::try_from(logits.to_kind(Kind::Double).flatten(0, 1)).unwrap();
        let wanted: Vec<f64> = golden.logits.concat();
        let largest = wanted
            .iter()
            .fold(0.0f64, |largest, value| largest.max(value.abs()));
        let error = found
            .iter()
            .zip(&wanted)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
            / largest;
        println!("{name}: largest relative error {error:.1e}");
        assert!(error < 1e-5, "{name}: relative error {error:e}");
    }
}

/// The sizes that the paper and SEMANTICS state.
#[test]
fn parameter_counts_are_those_of_the_paper() {
    let goldens = goldens();
    assert_eq!(goldens["resnet20"].parameters, 272_474);
    assert_eq!(goldens["resnet56"].parameters, 855_770);
}

/// On the plane of two directions, far enough out that running statistics no longer fit: the losses of all points of a grid
/// of 9×9, and the logits.
#[test]
fn rewritten_programs_measure_the_same_everywhere() {
    torch::one_thread();
    for (name, calls) in [
        ("resnet20", 24),
        ("resnet20_noshort", 22),
        ("vgg9", 0),
        ("densenet_cifar", 0),
    ] {
        let architecture = zoo::build(name, 3, 10).unwrap();
        let names: Vec<&str> = architecture
            .state
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        let origin: Vec<Tensor> = architecture
            .state
            .iter()
            .enumerate()
            .map(|(index, entry)| tensor(index, entry))
            .collect();
        let along = |offset: usize| -> Vec<Option<Tensor>> {
            let entries = architecture.state.iter().enumerate();
            let moves = |(index, entry): (usize, &Entry)| {
                matches!(entry.kind, EntryKind::Weight).then(|| tensor(index + offset, entry) * 0.3)
            };
            entries.map(moves).collect()
        };
        let (x, y) = (along(1000), along(2000));
        let trained = trained(&architecture);
        let state = State {
            names: &names,
            origin: &origin,
            trained: &trained,
        };
        let fast = Plan::fastest(
            &architecture.program,
            state,
            [&x, &y],
            (&[inputs()], 1),
            Device::Cpu,
            Precision::Full,
        )
        .unwrap();
        let plain = Plan::plain(&architecture.program);
        assert!(fast.calls() < plain.calls(), "{name}");
        if calls > 0 {
            assert_eq!(fast.calls(), calls, "{name}");
        }
        let landscape = |plan| Landscape::new(plan, &names, &origin, &x, &y, Device::Cpu).unwrap();
        let mut landscapes = [landscape(&fast), landscape(&plain)];
        let (mut worst, mut worst_logit) = (0.0f64, 0.0f64);
        for point in 0..81 {
            let (x, y) = (
                f64::from(point % 9) / 4.0 - 1.0,
                f64::from(point / 9) / 4.0 - 1.0,
            );
            let [found, wanted] = landscapes.each_mut().map(|landscape| {
                landscape.move_to(x, y);
                landscape.outputs(&[inputs()]).unwrap().remove(0)
            });
            let loss = |logits: &Tensor| {
                logits
                    .to_kind(Kind::Double)
                    .cross_entropy_for_logits(&Tensor::from_slice(&[3i64, 7]))
                    .double_value(&[])
            };
            worst = worst.max((loss(&found) / loss(&wanted) - 1.0).abs());
            let off = (&found - &wanted).abs().max().double_value(&[])
                / wanted.abs().max().double_value(&[]);
            worst_logit = worst_logit.max(off);
        }
        println!("{name}: losses are off by {worst:.1e} at most, logits by {worst_logit:.1e}");
        assert!(
            worst < 1e-5 && worst_logit < 1e-5,
            "{name}: {worst} {worst_logit}"
        );
    }
}

/// Logits are those of f32 but for the rounding of bf16, 2⁻⁹ at each layer; convolutions by Winograd are used for both.
#[test]
fn bf16_is_near() {
    torch::one_thread();
    let architecture = zoo::build("resnet20", 3, 10).unwrap();
    let names: Vec<&str> = architecture
        .state
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    let origin: Vec<Tensor> = architecture
        .state
        .iter()
        .enumerate()
        .map(|(index, entry)| tensor(index, entry))
        .collect();
    let x: Vec<Option<Tensor>> = origin
        .iter()
        .map(|now| now.is_floating_point().then(|| now * 0.1))
        .collect();
    let trained = trained(&architecture);
    let state = State {
        names: &names,
        origin: &origin,
        trained: &trained,
    };
    let fastest = |precision| {
        Plan::fastest(
            &architecture.program,
            state,
            [&x, &[]],
            (&[inputs()], 1),
            Device::Cpu,
            precision,
        )
        .unwrap()
    };
    let (half, full) = (fastest(Precision::Bf16), fastest(Precision::Full));
    // those of stride 1 whose channels come in sixteens
    let by_winograd = |is: bool| if is { 16 } else { 0 };
    let available = cfg!(feature = "winograd") && winograd::available();
    let wanted = [available, available && !winograd::beside_matrix_units()].map(by_winograd);
    assert_eq!([&full, &half].map(Plan::winograd_calls), wanted);
    let logits = |plan: &Plan, place: f64| {
        let mut landscape = Landscape::new(plan, &names, &origin, &x, &[], Device::Cpu).unwrap();
        landscape.move_to(place, 0.0);
        landscape
            .outputs(&[inputs()])
            .unwrap()
            .remove(0)
            .to_kind(Kind::Double)
    };
    for place in [-1.0, 0.0, 1.0] {
        let (found, wanted) = (logits(&half, place), logits(&full, place));
        let off =
            (found - &wanted).abs().max().double_value(&[]) / wanted.abs().max().double_value(&[]);
        println!("at {place}: logits are off by {off:.1e}");
        assert!(off > 0.0 && off < 0.02, "{off}");
    }
}

/// A normalisation over another axis than the layer's channels: of [N, T, F] over T.
#[test]
fn a_normalisation_that_does_not_fit_is_left_alone() {
    torch::one_thread();
    // T and the layer's features: more places than rows, and as many
    for (places, features) in [(5, 3), (4, 4)] {
        let mut builder = program::Builder::new("input", &[None, Some(places), Some(6)], "f32");
        let state = |name: &str| program::Arg::State(name.into());
        let x = builder.input();
        let x = builder.call(
            "aten::linear",
            [
                ("input", x),
                ("weight", state("weight")),
                ("bias", state("bias")),
            ],
        );
        let args = [
            ("input", x),
            ("weight", state("scale")),
            ("bias", state("shift")),
            ("running_mean", state("mean")),
            ("running_var", state("variance")),
            ("training", program::Arg::Bool(false)),
            ("momentum", program::Arg::Float(0.1)),
            ("eps", program::Arg::Float(1e-5)),
            ("cudnn_enabled", program::Arg::Bool(true)),
        ];
        let x = builder.call("aten::batch_norm", args);
        let program = builder.finish(x);
        let names = ["weight", "bias", "scale", "shift", "mean", "variance"];
        let value = |k: usize, shape: &[i64]| {
            let count = shape.iter().product::<i64>() as usize;
            Tensor::from_slice(&uniform(k, count).map(|u| u as f32).collect::<Vec<_>>())
                .reshape(shape)
        };
        let (places, features) = (places as i64, features as i64);
        let weights = [value(0, &[features, 6]), value(1, &[features])];
        // a fresh normalisation, which does nothing at the origin
        let (ones, zeros) = (
            || Tensor::ones([places], (Kind::Float, Device::Cpu)),
            || Tensor::zeros([places], (Kind::Float, Device::Cpu)),
        );
        let origin: Vec<Tensor> = weights
            .into_iter()
            .chain([ones(), zeros(), zeros(), ones()])
            .collect();
        let x: Vec<Option<Tensor>> = origin
            .iter()
            .enumerate()
            .map(|(k, now)| Some(value(k + 10, &now.size())))
            .collect();
        let inputs = [value(20, &[3, places, 6])];
        let state = State {
            names: &names,
            origin: &origin,
            trained: &[true; 6],
        };
        let fast = Plan::fastest(
            &program,
            state,
            [&x, &[]],
            (&inputs, 1),
            Device::Cpu,
            Precision::Full,
        )
        .unwrap();
        let outputs = |plan: &Plan| {
            let mut landscape =
                Landscape::new(plan, &names, &origin, &x, &[], Device::Cpu).unwrap();
            landscape.move_to(0.7, 0.0);
            landscape.outputs(&inputs).unwrap().remove(0)
        };
        assert!(outputs(&fast).allclose(&outputs(&Plan::plain(&program)), 1e-5, 1e-6, false));
    }
}
