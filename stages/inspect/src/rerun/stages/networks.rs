//! The stages that make models and data.

use super::Stage;

pub(super) const IMPORT_MODEL: Stage = Stage {
    name: "import-model",
    reads: &["program", "checkpoint"],
    takes: &["arch", "key", "prefix", "output-name"],
    flags: &[],
    words: 0,
};

pub(super) const IMPORT_DATA: Stage = Stage {
    name: "import-data",
    reads: &[],
    takes: &[
        "classes",
        "size",
        "normalize",
        "limit",
        "split",
        "corrupt-labels",
        "seed",
    ],
    flags: &[],
    words: 1,
};

pub(super) const TRAIN: Stage = Stage {
    name: "train",
    reads: &["program", "data"],
    takes: &[
        "arch",
        "loss",
        "epochs",
        "batch",
        "optimizer",
        "lr",
        "schedule",
        "lr-decay",
        "decay-at",
        "warmup",
        "momentum",
        "beta1",
        "beta2",
        "eps",
        "weight-decay",
        "augment",
        "precision",
        "seed",
        "save-every",
        "average",
        "average-from",
        "ema-decay",
        "log",
        "limit",
        "device",
    ],
    flags: &["no-nesterov"],
    words: 0,
};

pub(super) const CONNECT: Stage = Stage {
    name: "connect",
    reads: &["model", "target", "data"],
    takes: &[
        "curve",
        "loss",
        "epochs",
        "batch",
        "optimizer",
        "lr",
        "schedule",
        "lr-decay",
        "decay-at",
        "warmup",
        "momentum",
        "beta1",
        "beta2",
        "eps",
        "weight-decay",
        "augment",
        "precision",
        "seed",
        "log",
        "limit",
        "device",
    ],
    flags: &["no-nesterov"],
    words: 0,
};
