//! What a config says of Slurm.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What Slurm is told: of the arrays, which measure, of trainings and of small jobs
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
    /// Arrays: GPUs of a task, where the cluster takes --gpus instead of gres
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
    /// Arrays: largest number of tasks per array (default 1000), below MaxArraySize of the cluster;
    /// where a surface has more shards, tasks take several
    #[serde(skip_serializing)]
    pub(crate) array_limit: Option<NonZeroUsize>,
    /// Arrays: seconds before the time limit at which a task stops and queues again (default 60)
    #[serde(skip_serializing)]
    pub(crate) grace: Option<NonZeroUsize>,
    /// The jobs that train
    #[serde(skip_serializing)]
    pub(crate) train: TrainingJobs,
    /// The jobs that prepare, merge and draw
    #[serde(skip_serializing)]
    pub(crate) small: SmallJobs,
}

/// Jobs that train, one for each network; one that reaches its time limit queues again
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TrainingJobs {
    /// The partition (default: that of the arrays)
    pub(crate) partition: Option<String>,
    /// The quality of service (default: that of the arrays)
    pub(crate) qos: Option<String>,
    /// Time limit, such as "04:00:00" (default: that of the arrays)
    pub(crate) time: Option<String>,
    /// Generic resources (default: those of the arrays; none for a training without a GPU)
    pub(crate) gres: Option<String>,
    /// GPUs (default: as the arrays)
    pub(crate) gpus: Option<NonZeroUsize>,
    /// Features of the nodes (default: those of the arrays)
    pub(crate) constraint: Option<String>,
    /// Memory, such as 8G (default: that of the arrays)
    pub(crate) mem: Option<String>,
    /// Cores (default: the threads of the training)
    pub(crate) cpus_per_task: Option<NonZeroUsize>,
    /// Further options of sbatch (default: those of the arrays)
    #[serde(skip_serializing)]
    pub(crate) options: Option<Vec<String>>,
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
