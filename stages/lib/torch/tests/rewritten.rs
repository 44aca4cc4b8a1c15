//! Rewritten programs against the same programs as they are.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod networks;

use torch::{Device, Kind, Landscape, Plan, Precision, State, Tensor};
use zoo::{Entry, EntryKind};

use networks::{Network, inputs, tensor, uniform};

fn trained(architecture: &zoo::Architecture) -> Vec<bool> {
    architecture
        .state
        .iter()
        .map(|entry| entry.kind.is_parameter())
        .collect()
}

/// On the plane of two directions, far enough out that running statistics no longer fit: the losses
/// of all points of a grid of 3×3, in CI of 9×9, and the logits.
#[test]
fn rewritten_programs_measure_the_same_everywhere() {
    torch::one_thread();
    let side = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 9,
        None => 3,
    };
    for (name, calls) in [
        ("resnet20", 24),
        ("resnet20_noshort", 22),
        ("vgg9", 0),
        ("densenet_cifar", 0),
    ] {
        let network = Network::new(name);
        let Network {
            architecture,
            state: origin,
        } = &network;
        let names = network.names();
        let along = |offset: usize| -> Vec<Option<Tensor>> {
            let entries = architecture.state.iter().enumerate();
            let moves = |(index, entry): (usize, &Entry)| {
                matches!(entry.kind, EntryKind::Weight).then(|| tensor(index + offset, entry) * 0.3)
            };
            entries.map(moves).collect()
        };
        let (x, y) = (along(1000), along(2000));
        let trained = trained(architecture);
        let state = State {
            names: &names,
            origin,
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
        let landscape = |plan| Landscape::new(plan, &names, origin, &x, &y, Device::Cpu).unwrap();
        let mut landscapes = [landscape(&fast), landscape(&plain)];
        let (mut worst, mut worst_logit) = (0.0f64, 0.0f64);
        for point in 0..side * side {
            let [x, y] = [point % side, point / side]
                .map(|place| 2.0 * f64::from(place) / f64::from(side - 1) - 1.0);
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

/// Logits are those of f32 but for the rounding of bf16, 2⁻⁹ at each layer; convolutions by
/// Winograd are used for both.
#[test]
fn bf16_is_near() {
    torch::one_thread();
    let network = Network::new("resnet20");
    let Network {
        architecture,
        state: origin,
    } = &network;
    let names = network.names();
    let x: Vec<Option<Tensor>> = origin
        .iter()
        .map(|now| now.is_floating_point().then(|| now * 0.1))
        .collect();
    let trained = trained(architecture);
    let state = State {
        names: &names,
        origin,
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
        let mut landscape = Landscape::new(plan, &names, origin, &x, &[], Device::Cpu).unwrap();
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
