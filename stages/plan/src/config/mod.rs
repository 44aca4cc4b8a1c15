//! The form of a config. `configs/schema.json` is made of these types, and their comments are its
//! documentation.

mod pictures;
mod slurm;
mod sweep;
mod training;
mod trajectory;
pub(crate) mod words;

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Spanned;

use crate::values::{Arch, Axis, Name, Reference};
pub(crate) use pictures::{Form, Overview, Picture, Plot};
pub(crate) use slurm::Slurm;
pub(crate) use sweep::{Choice, Sweep};
pub(crate) use training::{Optimizer, Schedule, Training};
pub(crate) use trajectory::{Measured, Pca, Runs, Trajectory};
use words::{ClassAxis, DirType, Ignore, Loss, Norm, Operator, Parameters, Precision};

/// A study of loss landscapes: every surface of a sweep, its directions and its pictures
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The networks, by names of your own
    #[schemars(with = "BTreeMap<Name, Model>")]
    pub(crate) models: BTreeMap<Name, Spanned<Model>>,
    /// The data sets, by names of your own
    #[schemars(with = "BTreeMap<Name, Data>")]
    pub(crate) data: BTreeMap<Name, Spanned<Data>>,
    /// The axes: options of make-dirs
    #[serde(default)]
    #[schemars(with = "Directions")]
    pub(crate) directions: Option<Spanned<Directions>>,
    /// The points
    pub(crate) grid: Grid,
    /// How to measure the loss: options of eval-grid
    #[serde(default)]
    pub(crate) evaluate: Evaluate,
    /// How runs become trajectories on the plane of each surface: options of project
    #[serde(default)]
    #[schemars(with = "Trajectory")]
    pub(crate) trajectory: Option<Spanned<Trajectory>>,
    /// What to draw of each surface: options of render, to-vtp and to-table
    #[serde(default)]
    #[schemars(with = "Vec<Picture>")]
    pub(crate) pictures: Vec<Spanned<Picture>>,
    /// A picture of all surfaces, with a panel for each
    #[serde(default)]
    #[schemars(with = "Overview")]
    pub(crate) overview: Option<Spanned<Overview>>,
    /// What varies: a surface for each combination of the values
    #[serde(default)]
    pub(crate) sweep: Sweep,
    /// How Slurm runs the study (plan --slurm)
    #[serde(default)]
    pub(crate) slurm: Slurm,
}

/// A network: a checkpoint, an exported program, a model.h5, a run, or one that the study trains
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// An architecture of the zoo (import-model --list); it needs a checkpoint
    pub(crate) arch: Option<Arch>,
    /// A program that torch.export wrote (.pt2)
    pub(crate) program: Option<PathBuf>,
    /// The weights: .pt, .pth, .t7, .safetensors, .npz
    pub(crate) checkpoint: Option<PathBuf>,
    /// The entry of the checkpoint that holds the state_dict
    pub(crate) key: Option<String>,
    /// What the names of the checkpoint begin with and those of the program do not, such as model.
    pub(crate) prefix: Option<String>,
    /// The value to measure of a program that returns several, by its name
    pub(crate) output_name: Option<String>,
    /// An existing model.h5
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
    /// Existing checkpoints of a run, such as nets/model-*.h5; the last one is the model
    #[serde(skip_serializing)]
    pub(crate) run: Option<PathBuf>,
    /// Train it; the last checkpoint is the model
    #[serde(skip_serializing)]
    pub(crate) train: Option<Training>,
}

/// A data set: what import-data reads, or a data.h5
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    /// What the path holds
    #[serde(skip_serializing)]
    pub(crate) format: Option<Format>,
    /// A file or folder of that format
    #[serde(skip_serializing)]
    pub(crate) path: Option<PathBuf>,
    /// An existing data.h5
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
    /// idx: mnist, fashion-mnist, or names
    pub(crate) classes: Option<String>,
    /// folder: the size to which images are brought, such as 32 or 64x48
    pub(crate) size: Option<String>,
    /// The normalisation: paper, none or MEAN/STD
    pub(crate) normalize: Option<String>,
    /// Keep the first examples of each split, up to this number
    pub(crate) limit: Option<NonZeroUsize>,
    /// Keep part K of N of the training set, such as 1/2
    pub(crate) split: Option<String>,
    /// Replace training labels by random ones with this probability
    pub(crate) corrupt_labels: Option<f64>,
    /// Seed of split and corrupt_labels
    pub(crate) seed: Option<u64>,
}

/// Formats of import-data
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Cifar10,
    Idx,
    Npz,
    Folder,
}

/// Options of make-dirs
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Directions {
    /// An existing directions.h5; no other key goes with it
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
    /// Seed of random directions
    pub(crate) seed: Option<u64>,
    /// What to move
    pub(crate) dir_type: Option<DirType>,
    /// Norm of the x direction
    pub(crate) xnorm: Option<Norm>,
    /// What the x direction leaves alone
    pub(crate) xignore: Option<Ignore>,
    /// Norm of the y direction (default: that of x)
    pub(crate) ynorm: Option<Norm>,
    /// What the y direction leaves alone (default: as x)
    pub(crate) yignore: Option<Ignore>,
    /// Let y be the direction of x
    pub(crate) same_dir: Option<bool>,
    /// The model that x leads to, by its name in models
    pub(crate) target: Option<Reference>,
    /// The model that y leads to, by its name in models
    pub(crate) target_y: Option<Reference>,
    /// Give the axes towards the targets unit length and a right angle
    pub(crate) orthonormal: Option<bool>,
    /// Axes are principal components: of the model's own run, of those of trajectory, or of files
    #[serde(skip_serializing)]
    pub(crate) pca: Option<Pca>,
    /// Move only tensors whose keys match one of these patterns, such as layer3.*
    pub(crate) only: Option<Vec<String>>,
    /// Leave tensors alone whose keys match one of these patterns
    pub(crate) except: Option<Vec<String>>,
}

impl Config {
    /// The names of the models whose runs are drawn on the surfaces of a model; none where it has
    /// no run and the config names none.
    pub(crate) fn runs_with<'a>(&'a self, model: &'a str) -> Vec<&'a str> {
        let trajectory = self.trajectory.as_ref();
        match trajectory.and_then(|trajectory| trajectory.value.runs.as_ref()) {
            Some(runs) => runs.iter().map(Reference::name).collect(),
            None if self.has_run(model) => vec![model],
            None => Vec::new(),
        }
    }

    /// Whether a model has checkpoints: it is trained, or they are given.
    pub(crate) fn has_run(&self, model: &str) -> bool {
        for (name, found) in &self.models {
            if name.as_str() == model {
                return found.value.run.is_some() || found.value.train.is_some();
            }
        }
        false
    }

    /// The name of the data set that a training reads; the only one needs no choice.
    pub(crate) fn data_of<'a>(&'a self, training: &'a Training) -> &'a str {
        match &training.data {
            Some(data) => data.name(),
            None => self.data.keys().next().map_or("", Name::as_str),
        }
    }

    /// Whether surfaces have trajectories, where there are runs.
    pub(crate) fn wants_trajectories(&self) -> bool {
        let is_drawn = self.pictures.iter().any(|it| it.value.shows_runs());
        self.trajectory.is_some() || is_drawn
    }

    /// What is measured along trajectories.
    pub(crate) fn measured(&self) -> &'static [Measured] {
        let trajectory = self.trajectory.as_ref();
        match trajectory.and_then(|trajectory| trajectory.value.measure) {
            Some(measure) => measure.parts(),
            None => &[],
        }
    }
}

/// The points of a curve or a surface
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grid {
    /// First axis, MIN:MAX:COUNT, or auto:COUNT for a range that eval-grid finds
    pub(crate) x: Axis,
    /// Second axis; without it the result is a curve
    pub(crate) y: Option<Axis>,
}

/// Options of eval-grid
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Evaluate {
    /// Parts of a surface that are computed independently (default 1)
    #[serde(skip_serializing)]
    pub(crate) shards: Option<NonZeroUsize>,
    /// Points that a shard measures at once (default 1; under Slurm cpus_per_task, or one per GPU)
    #[serde(skip_serializing)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Splits to measure, such as train and val (default: all that the data has)
    pub(crate) split: Option<Vec<Name>>,
    /// The loss
    pub(crate) loss: Option<Loss>,
    /// Metrics to measure, such as loss, margin and hessian (default: loss, and acc for classes)
    pub(crate) metric: Option<Vec<Name>>,
    /// Leave out targets of this class
    pub(crate) ignore_index: Option<i64>,
    /// Axis of the classes where the shapes leave it open: "1" or last
    pub(crate) class_axis: Option<ClassAxis>,
    /// Examples per batch
    pub(crate) batch: Option<NonZeroUsize>,
    /// Use only the first examples of each split, up to this number
    pub(crate) limit: Option<NonZeroUsize>,
    /// What weights and activations are rounded to (default f32)
    pub(crate) precision: Option<Precision>,
    /// Stop a point once its mean loss is certain to reach this value
    pub(crate) stop_above: Option<f64>,
    /// Estimate running statistics anew at each point, from this many training examples
    pub(crate) recalibrate_bn: Option<NonZeroUsize>,
    /// Examples per batch of that estimate (default 128)
    pub(crate) recalibrate_batch: Option<NonZeroUsize>,
    /// The matrix whose eigenvalues the metric hessian measures (default hessian)
    pub(crate) operator: Option<Operator>,
    /// The parameters by which the loss is differentiated for it (default matrices)
    pub(crate) parameters: Option<Parameters>,
    /// Only those whose keys match one of these patterns, such as layer3.*
    pub(crate) hessian_only: Option<Vec<String>>,
    /// Use this many examples of the first split for the metric hessian (default 1000)
    pub(crate) hessian_examples: Option<NonZeroUsize>,
    /// Stop a point of it once both eigenvalues are known to this part of their size (default 0.01)
    pub(crate) tolerance: Option<f64>,
    /// Products with the matrix per point at most (default 120)
    pub(crate) max_products: Option<NonZeroUsize>,
    /// Seed of its start vector (default 0)
    pub(crate) hessian_seed: Option<u32>,
    /// Keep data in memory up to this size, such as 16G
    pub(crate) data_memory: Option<String>,
    /// Where to compute: auto, cpu, cuda or cuda:K (default auto)
    pub(crate) device: Option<String>,
}
