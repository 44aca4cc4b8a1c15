use program::Input;

/// What can go wrong in libtorch, or before it is called.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The dispatcher has no such operator.
    #[error("call {index} of the program, {op}: libtorch has no such operator ({why})")]
    Operator {
        /// The index of the call.
        index: usize,
        /// The operator.
        op: String,
        /// What libtorch says.
        why: String,
    },
    /// The arguments do not fit the operator's schema.
    #[error("call {index} of the program, {op}: {why}")]
    Arguments {
        /// The index of the call.
        index: usize,
        /// The operator.
        op: String,
        /// What does not fit.
        why: String,
    },
    /// The call failed.
    #[error("call {index} of the program, {op}, failed: {why}")]
    Call {
        /// The index of the call.
        index: usize,
        /// The operator.
        op: String,
        /// What libtorch says.
        why: String,
    },
    /// No such matrix of this loss or of these parameters.
    #[error("curvature: {0}")]
    Curvature(String),
    /// Running statistics cannot be estimated anew.
    #[error("--recalibrate-bn: {0}")]
    Recalibration(String),
    /// The program uses a tensor that the state lacks.
    #[error("the program uses \"{0}\", which the state does not have")]
    State(String),
    /// The program takes another number of inputs.
    #[error("the program takes the inputs {wanted}, the data has {found}")]
    Inputs {
        /// Inputs of the program.
        wanted: String,
        /// Inputs of the data.
        found: usize,
    },
    /// The program takes an input that the data lacks.
    #[error("the program takes the input \"{wanted}\", the data has {there}")]
    Input {
        /// The input.
        wanted: String,
        /// The inputs that are there.
        there: String,
    },
    /// The inputs have a shape that the program does not take.
    #[error("the program takes inputs \"{input}\" of the shape {wanted}, the data has {found}")]
    Shape {
        /// The input.
        input: String,
        /// The shape that the program declares.
        wanted: String,
        /// The shape of the data.
        found: String,
    },
    /// Batches of more than fits into memory, or of nothing.
    #[error(
        "a batch of {size} examples, made of the {examples} of the data, would take \
         {gigabytes:.1} GB: use a smaller --batch, or a program with a free batch size"
    )]
    Batch {
        /// Examples per batch.
        size: usize,
        /// Examples of the data.
        examples: usize,
        /// What a batch would take.
        gigabytes: f64,
    },
    /// What the program returns is nothing that the loss can measure.
    #[error("the loss {loss} cannot measure this: {why}")]
    Loss {
        /// The loss.
        loss: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The device is not there.
    #[error("the device {device} cannot be used: {why}")]
    Device {
        /// The device as it was asked for.
        device: String,
        /// What is missing.
        why: String,
    },
    /// The examples cannot be read.
    #[error(transparent)]
    Data(#[from] files::Error),
    /// The thread that reads ahead ended before its time.
    #[error("{examples} examples were not read: the thread that reads them failed")]
    Unread {
        /// How many.
        examples: i64,
    },
    /// A loss below zero, where losses were said not to be.
    #[error(
        "example {example} has the loss {loss}: --stop-above takes losses that are never negative"
    )]
    Negative {
        /// Its number, from 0, among those that count.
        example: usize,
        /// Its loss.
        loss: f64,
    },
    /// A step of training failed.
    #[error("a step of training, {op}, failed: {why}")]
    Update {
        /// The operator.
        op: &'static str,
        /// What libtorch says.
        why: String,
    },
    /// The state of another optimiser.
    #[error("the state of the optimizer is not that of this rule and network")]
    Restore,
    /// libtorch failed outside the program.
    #[error("libtorch failed")]
    Torch(#[from] tch::TchError),
}

impl Error {
    /// The program takes inputs other than the `found` of the data.
    pub(crate) fn inputs(wanted: &[Input], found: usize) -> Self {
        Self::Inputs {
            wanted: listed(wanted.iter().map(|input| &input.name)),
            found,
        }
    }
}

/// Names as they are listed in an error.
pub(crate) fn listed<T: ToString>(names: impl Iterator<Item = T>) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}
