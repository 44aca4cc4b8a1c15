//! The classes and functions that a checkpoint may refer to. None is ever called.

use anyhow::anyhow;
use pickle::{Names, Pickle};

use crate::memory;

/// Tensors, their storages, and the plain things that people put beside them.
const ALLOWED: Names = &[
    ("torch._utils", "_rebuild_tensor"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch._utils", "_rebuild_parameter_with_state"),
    ("torch", "FloatStorage"),
    ("torch", "DoubleStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "LongStorage"),
    ("torch", "IntStorage"),
    ("torch", "ShortStorage"),
    ("torch", "CharStorage"),
    ("torch", "ByteStorage"),
    ("torch", "BoolStorage"),
    ("torch.cuda", "FloatStorage"),
    ("torch.cuda", "DoubleStorage"),
    ("torch.cuda", "HalfStorage"),
    ("torch.cuda", "LongStorage"),
    ("torch.cuda", "IntStorage"),
    ("torch.cuda", "ShortStorage"),
    ("torch.cuda", "CharStorage"),
    ("torch.cuda", "ByteStorage"),
    ("torch", "Size"),
    ("torch", "device"),
    ("torch", "float64"),
    ("torch", "float32"),
    ("torch", "float16"),
    ("torch", "bfloat16"),
    ("torch", "int64"),
    ("torch", "int32"),
    ("torch", "int16"),
    ("torch", "int8"),
    ("torch", "uint8"),
    ("torch", "bool"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("collections", "Counter"),
    ("builtins", "dict"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("__builtin__", "dict"),
    ("__builtin__", "set"),
    ("__builtin__", "frozenset"),
    ("argparse", "Namespace"),
    ("_codecs", "encode"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"),
];

/// The pickle that `bytes` begin with, in a file of `file_len` bytes.
pub(super) fn read(bytes: &[u8], file_len: usize) -> anyhow::Result<Pickle<'_>> {
    Pickle::read(bytes, ALLOWED, memory::of_pickle(file_len)).map_err(|error| match error {
        pickle::Error::Refused { module, name } => anyhow!(
            "it holds an object of {}.{}, which only its Python code can make, and nothing in a \
             checkpoint is ever executed here: load it in Python and save the weights alone, \
             torch.save(model.state_dict(), \"state.pt\")",
            module.escape_debug(),
            name.escape_debug()
        ),
        error @ pickle::Error::TooLarge(_) => {
            anyhow!(
                "{error}, in a file of {file_len}: it is damaged, or save the weights alone, \
                 without the rest"
            )
        }
        error => error.into(),
    })
}
