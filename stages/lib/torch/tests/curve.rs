//! Steps of the bend of a curve, against those that PyTorch makes as the code of Garipov et al. 2018
//! does (`tests/golden/curve/make.py` made the goldens and says how).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;

use files::Role;
use program::Program;
use serde::Deserialize;
use torch::{
    Adam, Criterion, Curve, Device, IGNORED, Kind, Loss, Path, Precision, Rule, Sgd, Tensor,
    Trainer,
};

#[derive(Deserialize)]
struct Golden {
    program: Program,
    entries: Vec<Entry>,
    start: Vec<Vec<f64>>,
    end: Vec<Vec<f64>>,
    inputs: Vec<f32>,
    targets: Vec<i64>,
    places: Vec<f64>,
    steps: BTreeMap<String, Vec<f64>>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<i64>,
}

impl Golden {
    fn read() -> Self {
        let text = include_str!("../../../../tests/golden/curve/steps.json");
        serde_json::from_str(text).unwrap()
    }

    /// The state of an end, names and roles besides.
    fn state(&self, end: &[Vec<f64>]) -> Vec<(&str, Role, Tensor)> {
        let mut state = Vec::new();
        for (entry, values) in self.entries.iter().zip(end) {
            let of_norm = entry.name.contains("running") || entry.name.contains("tracked");
            let role = if of_norm {
                Role::Buffer
            } else {
                Role::Parameter
            };
            let kind = if entry.name.contains("tracked") {
                Kind::Int64
            } else {
                Kind::Float
            };
            let tensor = Tensor::from_slice(values).to_kind(kind);
            state.push((entry.name.as_str(), role, tensor.reshape(&entry.shape)));
        }
        state
    }

    /// The trained tensors of an end.
    fn trained(&self, end: &[Vec<f64>]) -> Vec<Tensor> {
        let mut trained = Vec::new();
        for (_, role, tensor) in self.state(end) {
            if role == Role::Parameter {
                trained.push(tensor);
            }
        }
        trained
    }
}

fn rule(name: &str) -> Rule {
    let adam = Adam {
        beta1: 0.9,
        beta2: 0.999,
        eps: 1e-8,
        weight_decay: 5e-4,
        decoupled: false,
    };
    match name {
        "sgd" => Rule::Sgd(Sgd {
            momentum: 0.9,
            weight_decay: 5e-4,
            nesterov: true,
        }),
        "adam" => Rule::Adam(adam),
        _ => Rule::Adam(Adam {
            weight_decay: 0.1,
            decoupled: true,
            ..adam
        }),
    }
}

#[test]
fn the_bend_makes_the_steps_of_pytorch() {
    torch::one_thread();
    let golden = Golden::read();
    let inputs = [Tensor::from_slice(&golden.inputs).reshape([8, 2, 6, 6])];
    let targets = Tensor::from_slice(&golden.targets);
    let criterion = Criterion {
        loss: Loss::CrossEntropy,
        ignored: IGNORED,
        class_axis: None,
    };
    let mut worst = 0.0f64;
    for (name, wanted) in &golden.steps {
        let (form, optimizer) = name.split_once(' ').unwrap();
        let curve = [Curve::Bezier, Curve::Chain]
            .into_iter()
            .find(|curve| curve.name() == form);
        let rate = if optimizer == "sgd" { 0.1 } else { 0.01 };
        let (rule, penalty) = rule(optimizer).without_penalty();
        let ends = [&golden.start, &golden.end].map(|end| golden.trained(end));
        let path = Path::new(curve.unwrap(), ends).with_penalty(penalty);
        let mut middle = path.middle().into_iter();
        let mut state = golden.state(&golden.start);
        for (_, role, tensor) in &mut state {
            if *role == Role::Parameter {
                *tensor = middle.next().unwrap();
            }
        }
        let place = (Precision::Full, Device::Cpu);
        let mut trainer = Trainer::new(&golden.program, state, criterion, rule, place).unwrap();
        for t in &golden.places {
            trainer
                .step_on((&path, *t), &inputs, Some(&targets), rate)
                .unwrap();
        }
        let mut found: Vec<f64> = Vec::new();
        // trained tensors first, then running statistics
        let state = trainer.state();
        for is_trained in [true, false] {
            for (index, entry) in golden.entries.iter().enumerate() {
                let counts = entry.name.contains("tracked");
                if trainer.parameters().contains(&index) == is_trained && !counts {
                    let numbers = state[index].to_kind(Kind::Double).reshape(-1);
                    found.extend(Vec::<f64>::try_from(numbers).unwrap());
                }
            }
        }
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (found, wanted) in found.iter().zip(wanted) {
            worst = worst.max((found - wanted).abs());
        }
    }
    println!("bends are off by {worst:.1e} at most");
    assert!(worst < 2e-6, "{worst}");
}
