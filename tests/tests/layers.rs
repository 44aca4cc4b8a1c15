//! Recurrent layers and a U-Net as torch.export writes them, against PyTorch (`golden/programs/layers.py`).

use std::fs;

use files::{Contents, Shard};
use tests::Workdir;

#[test]
fn recurrent_layers_and_a_u_net_have_pytorch_s_losses() {
    let workdir = Workdir::new();
    workdir.unpack("programs/layers.tar.gz");
    let text = fs::read_to_string(workdir.path("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["lstm", "gru", "rnn", "unet"] {
        for line in [
            format!("import-data npz {name}.npz --output data.h5 --force"),
            format!("import-model --program {name}.pt2 --output model.h5 --force"),
            "make-dirs --model model.h5 --dims 1 --output dirs.h5 --force".into(),
            "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=0:0:1 --output shard.h5 --force".into(),
        ] {
            workdir.ok(&line);
        }
        let shard = Shard::read(&workdir.path("shard.h5")).unwrap();
        for (metric, wanted) in shard.metrics.iter().zip(expected[name].as_array().unwrap()) {
            let (found, wanted) = (metric.values[[0]], wanted.as_f64().unwrap());
            assert!(
                (found / wanted - 1.0).abs() < 1e-5,
                "{name}: {} is {found}, and should be {wanted}",
                metric.name
            );
        }
    }
}
