//! What a model returns for the training inputs of a dataset, as JSON: to compare with PyTorch, see
//! `tests/tools/torchvision_parity.py`.
//!
//! `cargo run --release -p torch --example outputs MODEL DATA`

#![allow(clippy::print_stdout, reason = "its output is all that it is for")]

use std::path::Path;

use files::{Contents, DatasetFile, Model, Split};
use program::Program;
use tch::Device;
use torch::{Batches, Kind, Mode, Network};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [model, data] = &paths[..] else {
        return Err("usage: outputs MODEL DATA".into());
    };
    let model = Model::read(Path::new(model))?;
    let program = Program::from_json(&model.program)?;
    let data = DatasetFile::open(Path::new(data))?;
    let examples = data.examples(&Split::Train, None)?;

    torch::one_thread();
    let names: Vec<&str> = model
        .state
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    let network = Network::new(&program, &names, Mode::Evaluate, Device::Cpu)?;
    let real = if program.precision() == "f64" {
        Kind::Double
    } else {
        Kind::Float
    };
    let state = torch::state(&model.state, real, Device::Cpu);
    let batches = Batches::new(
        &examples,
        &data.normalization,
        &program.inputs,
        examples.count(),
        Device::Cpu,
    )?;
    let outputs = torch::no_grad(|| network.forward(&state, &batches.first()?.inputs))?;
    for output in outputs {
        let values: Vec<f64> = Vec::try_from(output.to_kind(Kind::Double).flatten(0, -1))?;
        println!(
            "{}",
            serde_json::json!({ "shape": output.size(), "values": values })
        );
    }
    Ok(())
}
