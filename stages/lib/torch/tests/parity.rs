//! The zoo's networks against PyTorch eager (`tests/golden/zoo/make.py` made the goldens and
//! says how).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod networks;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use torch::{Device, Kind, Mode, Network};

use networks::inputs;

#[derive(Deserialize)]
struct Golden {
    keys_sha256: String,
    parameters: usize,
    logits: Vec<Vec<f64>>,
}

fn goldens() -> BTreeMap<String, Golden> {
    serde_json::from_str(include_str!("../../../../tests/golden/zoo/logits.json")).unwrap()
}

/// Parameters of a network that takes a good part of a second.
const LARGE: usize = 10_000_000;

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
    let all = std::env::var_os("RELIEF_LONG_TESTS").is_some();
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

        // CI measures the large ones too, which have the layers of the small ones
        if !all && golden.parameters > LARGE {
            continue;
        }
        let network = networks::Network::new(&name);
        let ready = Network::new(
            &architecture.program,
            &network.names(),
            Mode::Evaluate,
            Device::Cpu,
        )
        .unwrap();
        let logits = &ready.forward(&network.state, &[inputs()]).unwrap()[0];
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
