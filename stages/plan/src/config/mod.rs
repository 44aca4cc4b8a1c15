//! The form of a config: `configs/schema.json` is made of these types, and their comments are its documentation.

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Spanned;

use crate::{
    pictures::{Overview, Picture},
    values::{Arch, Axis, Name, Reference},
};

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
    /// What the axes are: options of make-dirs
    #[serde(default)]
    #[schemars(with = "Directions")]
    pub(crate) directions: Option<Spanned<Directions>>,
    /// The points
    pub(crate) grid: Grid,
    /// How the loss is measured: options of eval-grid
    #[serde(default)]
    pub(crate) evaluate: Evaluate,
    /// What is drawn of each surface: options of render and to-vtp
    #[serde(default)]
    #[schemars(with = "Vec<Picture>")]
    pub(crate) pictures: Vec<Spanned<Picture>>,
    /// A picture of all surfaces, a panel each
    #[serde(default)]
    #[schemars(with = "Overview")]
    pub(crate) overview: Option<Spanned<Overview>>,
    /// What varies: a surface for each combination of the values
    #[serde(default)]
    pub(crate) sweep: Sweep,
    /// How Slurm runs it (plan --slurm)
    #[serde(default)]
    pub(crate) slurm: Slurm,
}

/// A network: an architecture of the zoo with a checkpoint, a program of torch.export, or a model.h5
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// An architecture of the zoo (import-model --list); it wants a checkpoint
    pub(crate) arch: Option<Arch>,
    /// A program that torch.export wrote (.pt2)
    pub(crate) program: Option<PathBuf>,
    /// The weights: .pt, .pth, .t7, .safetensors, .npz
    pub(crate) checkpoint: Option<PathBuf>,
    /// The entry of the checkpoint that holds the state_dict
    pub(crate) key: Option<String>,
    /// What the names of the checkpoint begin with and those of the program do not, such as model.
    pub(crate) prefix: Option<String>,
    /// What is measured of a program that returns several values: its name there
    pub(crate) output_name: Option<String>,
    /// A model.h5 that is there
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
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
    /// A data.h5 that is there
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
    /// idx: mnist, fashion-mnist, or names
    pub(crate) classes: Option<String>,
    /// folder: the size of all images, such as 32 or 64x48
    pub(crate) size: Option<String>,
    /// paper, none, or MEAN/STD
    pub(crate) normalize: Option<String>,
    /// Keep the first so many examples of each split
    pub(crate) limit: Option<NonZeroUsize>,
    /// Keep part K of N of the training set, such as 1/2
    pub(crate) split: Option<String>,
    /// Replace training labels by random ones with this probability
    pub(crate) corrupt_labels: Option<f64>,
    /// Seed of split and corrupt_labels
    pub(crate) seed: Option<u64>,
}

/// Formats of import-data
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
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
    /// A directions.h5 that is there; then nothing else stands here
    #[serde(skip_serializing)]
    pub(crate) file: Option<PathBuf>,
    /// Seed of random directions
    pub(crate) seed: Option<u64>,
    /// What moves
    pub(crate) dir_type: Option<DirType>,
    /// Norm of the x direction
    pub(crate) xnorm: Option<Norm>,
    /// What the x direction leaves alone
    pub(crate) xignore: Option<Ignore>,
    /// Norm of the y direction; that of x where it is not given
    pub(crate) ynorm: Option<Norm>,
    /// What the y direction leaves alone; as x where it is not given
    pub(crate) yignore: Option<Ignore>,
    /// Whether y is the direction of x
    pub(crate) same_dir: Option<bool>,
    /// The model that x leads to, by its name above
    pub(crate) target: Option<Reference>,
    /// The model that y leads to, by its name above
    pub(crate) target_y: Option<Reference>,
}

/// What a direction moves
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DirType {
    Weights,
    States,
}

/// Norms of random directions
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Norm {
    Filter,
    Layer,
    Weight,
    Dfilter,
    Dlayer,
    None,
}

/// What a random direction leaves alone
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ignore {
    Biasbn,
    None,
}

/// The points of a curve or a surface
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grid {
    /// First axis, MIN:MAX:COUNT
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
    /// Splits to measure, such as train and val; all that the data has where it is not given
    pub(crate) split: Option<Vec<Name>>,
    /// The loss
    pub(crate) loss: Option<Loss>,
    /// Leave out targets of this class
    pub(crate) ignore_index: Option<i64>,
    /// Axis of the classes where the shapes leave it open: "1" or last
    pub(crate) class_axis: Option<ClassAxis>,
    /// Examples per batch
    pub(crate) batch: Option<NonZeroUsize>,
    /// Use the first so many examples of each split only
    pub(crate) limit: Option<NonZeroUsize>,
    /// The arithmetic (default f32)
    pub(crate) precision: Option<Precision>,
    /// Leave a point as soon as its mean loss has this value for certain
    pub(crate) stop_above: Option<f64>,
    /// Keep data in memory up to this size, such as 16G
    pub(crate) data_memory: Option<String>,
    /// auto, cpu, cuda or cuda:K
    pub(crate) device: Option<String>,
}

/// What weights and activations are rounded to
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Precision {
    F32,
    Bf16,
    F16,
}

/// The axis of the classes
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(crate) enum ClassAxis {
    /// The second one: [N, classes, …]
    #[serde(rename = "1")]
    First,
    /// The last one: [N, …, classes]
    #[serde(rename = "last")]
    Last,
}

/// Losses of eval-grid
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Loss {
    Crossentropy,
    Mse,
    Regression,
    Program,
}

/// What Slurm is told: of the arrays, which measure, and of the small jobs before and after them
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Slurm {
    /// All jobs: the account that pays
    pub(crate) account: Option<String>,
    /// All jobs: modules to load
    #[serde(skip_serializing)]
    pub(crate) modules: Vec<String>,
    /// All jobs: shell commands before the stages, such as `source env.sh`
    #[serde(skip_serializing)]
    pub(crate) setup: String,
    /// Arrays: the partition
    pub(crate) partition: Option<String>,
    /// Arrays: the quality of service
    pub(crate) qos: Option<String>,
    /// Arrays: time limit of a task, such as "04:00:00"; a task that reaches it queues again
    pub(crate) time: Option<String>,
    /// Arrays: generic resources of a task, such as gpu:1
    pub(crate) gres: Option<String>,
    /// Arrays: GPUs of a task, where the cluster takes --gpus rather than gres
    pub(crate) gpus: Option<NonZeroUsize>,
    /// Arrays: features of the nodes
    pub(crate) constraint: Option<String>,
    /// Arrays: memory of a task, such as 8G
    pub(crate) mem: Option<String>,
    /// Arrays: cores of a task
    pub(crate) cpus_per_task: Option<NonZeroUsize>,
    /// Arrays: further options of sbatch, such as --nice=100
    #[serde(skip_serializing)]
    pub(crate) options: Vec<String>,
    /// Arrays: most tasks per array (default 1000), below MaxArraySize of the cluster; more
    /// shards share tasks
    #[serde(skip_serializing)]
    pub(crate) array_limit: Option<NonZeroUsize>,
    /// Arrays: seconds before the time limit at which a task stops and queues again (default 60)
    #[serde(skip_serializing)]
    pub(crate) grace: Option<NonZeroUsize>,
    /// The jobs that prepare, merge and draw
    #[serde(skip_serializing)]
    pub(crate) small: SmallJobs,
}

/// Jobs of minutes on one core: imports and directions, merges, pictures, the overview
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SmallJobs {
    /// The partition (default: that of the arrays, or of the cluster where the arrays ask for GPUs)
    pub(crate) partition: Option<String>,
    /// The quality of service (default: as the partition)
    pub(crate) qos: Option<String>,
    /// Time limit (default "00:30:00")
    pub(crate) time: Option<String>,
    /// Features of the nodes
    pub(crate) constraint: Option<String>,
    /// Memory, such as 4G
    pub(crate) mem: Option<String>,
    /// Cores (default 1)
    pub(crate) cpus_per_task: Option<NonZeroUsize>,
    /// Further options of sbatch
    #[serde(skip_serializing)]
    pub(crate) options: Vec<String>,
}

/// The settings that a sweep varies, each with a comment and its type.
macro_rules! settings {
    ($($(#[doc = $doc:literal])* $key:ident: $type:ty,)*) => {
        impl Sweep {
            /// The names of the settings, in the order in which they vary: the last one fastest.
            pub(crate) const KEYS: &[&str] = &[$(stringify!($key)),*];
        }

        /// What varies: a surface for each combination of the values
        #[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Sweep {
            $($(#[doc = $doc])* pub(crate) $key: Option<Vec<$type>>,)*
            /// Combinations to leave out: those that have all of these settings
            #[serde(skip_serializing)]
            #[schemars(with = "Vec<Choice>")]
            pub(crate) exclude: Vec<Spanned<Choice>>,
            /// Surfaces to add, of these settings
            #[serde(skip_serializing)]
            #[schemars(with = "Vec<Choice>")]
            pub(crate) include: Vec<Spanned<Choice>>,
        }

        /// Settings of one surface
        #[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Choice {
            $($(#[doc = $doc])* pub(crate) $key: Option<$type>,)*
        }
    };
}

settings! {
    /// A network, by its name in models
    model: Reference,
    /// A data set, by its name in data
    data: Reference,
    /// What the directions move
    dir_type: DirType,
    /// Seed of the directions
    seed: u64,
    /// Norm of the x direction
    xnorm: Norm,
    /// What the x direction leaves alone
    xignore: Ignore,
    /// Norm of the y direction
    ynorm: Norm,
    /// What the y direction leaves alone
    yignore: Ignore,
    /// First axis
    x: Axis,
    /// Second axis
    y: Axis,
    /// Splits to measure
    split: Vec<Name>,
    /// The loss
    loss: Loss,
    /// Examples per batch
    batch: NonZeroUsize,
    /// Use the first so many examples of each split only
    limit: NonZeroUsize,
    /// The arithmetic
    precision: Precision,
    /// Leave a point as soon as its mean loss has this value for certain
    stop_above: f64,
}
