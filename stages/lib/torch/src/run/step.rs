use program::Half;
use tch::Tensor;

use super::{
    number,
    operator::Operator,
    prepare::Preparation,
    slots::Source,
    value::{Entry, Value},
};
use crate::{
    Error,
    winograd::{Convolution, TENSORS},
};

/// Operators that may return an argument itself or a view of it, which their schemas do not say:
/// found by calling every operator of the list with tensors of several shapes and comparing the
/// memory of results and arguments.
const SHARING: [&str; 15] = [
    "aten::_unsafe_view",
    "aten::alpha_dropout",
    "aten::atleast_1d",
    "aten::atleast_2d",
    "aten::atleast_3d",
    "aten::chain_matmul",
    "aten::dropout",
    "aten::einsum",
    "aten::feature_alpha_dropout",
    "aten::feature_dropout",
    "aten::lift_fresh",
    "aten::meshgrid",
    "aten::type_as",
    "aten::unsafe_chunk",
    "aten::unsafe_split",
];

/// One call of a program, made ready.
pub(super) struct Step {
    op: String,
    function: Function,
    arguments: Vec<Source>,
    pub(super) outputs: Vec<usize>,
    /// Values that no later call uses.
    pub(super) last_use: Vec<usize>,
}

pub(super) enum Function {
    Operator(Operator),
    /// On numbers.
    Arithmetic,
    Winograd(Convolution),
}

impl Step {
    /// # Errors
    /// An operator that libtorch does not have, or arguments that it does not take.
    pub(super) fn new(call: &Preparation) -> Result<Self, Error> {
        let (function, arguments) = call.function()?;
        Ok(Self {
            op: call.node.op.clone(),
            function,
            arguments,
            outputs: call.slots.of(&call.node.outputs),
            last_use: Vec::new(),
        })
    }

    /// Calls it, in a half precision where there is one, and drops the values that no later call
    /// uses.
    pub(super) fn run(
        &self,
        index: usize,
        half: Option<Half>,
        slots: &mut [Option<Value>],
    ) -> Result<(), Error> {
        let sources = self.arguments.iter();
        let arguments: Vec<Entry> = sources.map(|source| source.entry(slots)).collect();
        let results = self.call(&arguments, half).map_err(|why| Error::Call {
            index,
            op: self.op.clone(),
            why,
        })?;
        for (slot, result) in self.outputs.iter().zip(results) {
            slots[*slot] = Some(result);
        }
        for slot in &self.last_use {
            slots[*slot] = None;
        }
        Ok(())
    }

    fn call(&self, arguments: &[Entry], half: Option<Half>) -> Result<Vec<Value>, String> {
        match &self.function {
            Function::Operator(operator) => operator.call(arguments, half, self.outputs.len()),
            Function::Arithmetic => {
                let operands: Option<Vec<_>> = arguments.iter().map(Entry::to_number).collect();
                let operands = operands.ok_or("an operand is not a number")?;
                Ok(vec![Value::number(number::apply(&self.op, &operands)?)])
            }
            Function::Winograd(convolution) => {
                let mut tensors = [const { None }; TENSORS.len()];
                for (tensor, argument) in tensors.iter_mut().zip(arguments) {
                    *tensor = argument.to_tensor();
                }
                Ok(vec![Value::tensor(&convolution.call(tensors)?)])
            }
        }
    }

    /// The tensors that it returned and that are still kept: those that a later call uses.
    pub(super) fn results(&self, slots: &[Option<Value>]) -> impl Iterator<Item = Tensor> {
        let outputs = self.outputs.iter();
        outputs.filter_map(|slot| slots[*slot].as_ref()?.to_tensor())
    }

    /// Slots that its arguments are taken from.
    pub(super) fn uses(&self) -> impl Iterator<Item = usize> {
        self.arguments.iter().flat_map(Source::slots)
    }

    /// Slots whose memory its results can share.
    pub(super) fn shared(&self) -> Vec<usize> {
        let name = self.op.split('.').next();
        let shares_all = name.is_some_and(|name| SHARING.contains(&name));
        let mut shared = Vec::new();
        for (place, source) in self.arguments.iter().enumerate() {
            let shares = match &self.function {
                Function::Operator(operator) => shares_all || operator.shares(place),
                Function::Winograd(_) => is_written_by_winograd(place),
                Function::Arithmetic => false,
            };
            if shares {
                shared.extend(source.slots());
            }
        }
        shared
    }

    /// Slots that it writes into.
    pub(super) fn writes(&self) -> Vec<usize> {
        let mut written = Vec::new();
        for (place, source) in self.arguments.iter().enumerate() {
            let writes = match &self.function {
                Function::Operator(operator) => operator.writes(place),
                Function::Winograd(_) => is_written_by_winograd(place),
                Function::Arithmetic => false,
            };
            if writes {
                written.extend(source.slots());
            }
        }
        written
    }
}

/// Whether a convolution writes its result into an argument, and so returns it.
fn is_written_by_winograd(place: usize) -> bool {
    TENSORS[place] == "other"
}
