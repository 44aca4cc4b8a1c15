//! Arguments of calls, and ATen's numbers for what the schema of torch.export numbers otherwise.

use anyhow::{Context, bail};
use program::Arg;

use super::schema::{Argument, OptionalTensor, Symbolic};

/// ATen's number of an element type (c10/core/ScalarType.h), by that of the schema.
const SCALAR_TYPES: [Option<i64>; 14] = [
    None,
    Some(0),
    Some(1),
    Some(2),
    Some(3),
    Some(4),
    Some(5),
    Some(6),
    Some(7),
    Some(8),
    Some(9),
    Some(10),
    Some(11),
    Some(15),
];
/// ATen's number of a memory format (c10/core/MemoryFormat.h): contiguous, channels last in two and
/// three dimensions, preserve.
const MEMORY_FORMATS: [Option<i64>; 5] = [None, Some(0), Some(2), Some(3), Some(1)];
/// The schema's and ATen's number of tensors with strides, the only layout that is carried over.
const STRIDED: (usize, i64) = (7, 0);

/// ATen's number of an element type.
pub(super) fn scalar_type(number: usize) -> anyhow::Result<i64> {
    let found = SCALAR_TYPES.get(number).copied().flatten();
    found.with_context(|| format!("the element type {number} of torch.export is not known here"))
}

/// A tensor that may be absent.
fn optional(
    tensor: &OptionalTensor,
    resolve: &impl Fn(&str) -> anyhow::Result<Arg>,
) -> anyhow::Result<Arg> {
    match tensor {
        OptionalTensor::AsTensor(tensor) => resolve(&tensor.name),
        OptionalTensor::AsNone(_) => Ok(Arg::None(())),
    }
}

/// A number, or the name of one.
fn symbolic(
    number: &Symbolic,
    resolve: &impl Fn(&str) -> anyhow::Result<Arg>,
) -> anyhow::Result<Arg> {
    match number {
        Symbolic::AsName(name) => resolve(name),
        Symbolic::AsInt(number) => Ok(Arg::Int(*number)),
        Symbolic::AsFloat(number) => Ok(Arg::Float(*number)),
        Symbolic::AsBool(truth) => Ok(Arg::Bool(*truth)),
    }
}

fn list<T>(members: &[T], of: impl Fn(&T) -> anyhow::Result<Arg>) -> anyhow::Result<Arg> {
    let mut args = Vec::with_capacity(members.len());
    for member in members {
        args.push(of(member)?);
    }
    Ok(Arg::List(args))
}

/// An argument, with names resolved.
pub(super) fn arg(
    argument: &Argument,
    resolve: &impl Fn(&str) -> anyhow::Result<Arg>,
) -> anyhow::Result<Arg> {
    Ok(match argument {
        Argument::AsNone(_) => Arg::None(()),
        Argument::AsTensor(tensor) => resolve(&tensor.name)?,
        Argument::AsTensors(tensors) => list(tensors, |tensor| resolve(&tensor.name))?,
        Argument::AsOptionalTensor(tensor) => optional(tensor, resolve)?,
        Argument::AsOptionalTensors(tensors) => list(tensors, |tensor| optional(tensor, resolve))?,
        Argument::AsInt(number) => Arg::Int(*number),
        Argument::AsInts(numbers) => Arg::Ints(numbers.clone()),
        Argument::AsFloat(number) => Arg::Float(*number),
        Argument::AsFloats(numbers) => Arg::Floats(numbers.clone()),
        Argument::AsBool(truth) => Arg::Bool(*truth),
        Argument::AsBools(truths) => Arg::Bools(truths.clone()),
        Argument::AsString(text) => Arg::String(text.clone()),
        Argument::AsSymInt(number) | Argument::AsSymFloat(number) | Argument::AsSymBool(number) => {
            symbolic(number, resolve)?
        }
        Argument::AsSymInts(numbers)
        | Argument::AsSymFloats(numbers)
        | Argument::AsSymBools(numbers) => list(numbers, |number| symbolic(number, resolve))?,
        Argument::AsScalarType(number) => Arg::Int(scalar_type(*number)?),
        Argument::AsMemoryFormat(number) => {
            let format = MEMORY_FORMATS.get(*number).copied().flatten();
            Arg::Int(format.with_context(|| {
                format!("the memory format {number} of torch.export is not known here")
            })?)
        }
        Argument::AsLayout(number) if *number == STRIDED.0 => Arg::Int(STRIDED.1),
        Argument::AsLayout(_) => bail!("it wants a sparse layout, which is not carried over"),
        Argument::AsDevice(_) => Arg::Device(()),
        Argument::AsGraph(_) => {
            bail!("it runs a graph within the graph (control flow), which is not carried over")
        }
        Argument::AsComplex(_) => {
            bail!("it has a complex number among its arguments, which is not carried over")
        }
        Argument::AsCustomObj(_) => {
            bail!("it uses an object of TorchScript, which is not carried over")
        }
        Argument::AsStrings(_)
        | Argument::AsOperator(_)
        | Argument::AsNestedTensors(_)
        | Argument::AsIntLists(_)
        | Argument::AsStringToArgument(_) => {
            bail!("it has an argument of a kind that is not carried over")
        }
    })
}
