"""Makes calls.json.gz: valid calls of the operators that programs may call, from which tests/calls.rs of the crate `torch`
makes invalid ones: python make.py

They are the calls behind the samples that PyTorch tests its own operators with (OpInfo), as torch.export would write them
down. Made with PyTorch 2.13.0; needs expecttest and hypothesis, which PyTorch's test modules import.
"""

import gzip
import itertools
import json
import pathlib
import re
import signal
import warnings

import torch
from torch import fx
from torch.fx.experimental.proxy_tensor import make_fx
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_flatten, tree_unflatten

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
OPERATORS = HERE / "../../../stages/lib/program/src/operators.rs"
ALLOWED = set(re.findall(r'"(\w+)"', OPERATORS.read_text().split("static ALL")[0]))
# numbers of ATen (c10/core)
TYPES = {torch.uint8: 0, torch.int8: 1, torch.int16: 2, torch.int32: 3, torch.int64: 4, torch.float16: 5,
         torch.float32: 6, torch.float64: 7, torch.bool: 11, torch.bfloat16: 15}
FORMATS = {torch.contiguous_format: 0, torch.preserve_format: 1, torch.channels_last: 2, torch.channels_last_3d: 3}
SAMPLES = 24  # of each entry of OpInfo
KEPT = 5  # calls of each operator
LARGEST = 4096  # elements of a tensor
VALUES = 128  # elements of an integer tensor, whose values are kept


class Skip(Exception):
    pass


def tensor(value):
    if value.layout != torch.strided or value.dtype not in TYPES or value.numel() > LARGEST:
        raise Skip
    found = {"dtype": TYPES[value.dtype], "shape": list(value.shape)}
    if not value.dtype.is_floating_point and value.numel() <= VALUES:
        found["values"] = [int(number) for number in value.flatten().tolist()]
    return {"tensor": found}


def argument(value):
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if value is None:
        return {"none": None}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, (torch.dtype, int)):
        return {"int": TYPES[value] if isinstance(value, torch.dtype) else value}
    if isinstance(value, float):
        return {"float": value if abs(value) < 1e300 else str(value).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, torch.layout):
        return {"int": 0}
    if isinstance(value, torch.memory_format):
        return {"int": FORMATS[value]}
    if isinstance(value, torch.device):
        return {"device": None}
    if isinstance(value, (list, tuple)):
        if value and all(type(member) is int for member in value):
            return {"ints": list(value)}
        if value and all(type(member) is float for member in value):
            return {"floats": list(value)}
        return {"list": [argument(member) for member in value]}
    raise Skip


class Recorder(fx.Interpreter):
    """Writes down each call when it is made, with the values of its arguments."""

    def __init__(self, graph, calls):
        super().__init__(graph)
        self.calls = calls

    def call_function(self, target, args, kwargs):
        if isinstance(target, torch._ops.OpOverload) and target.namespace == "aten":
            name = target._schema.name.removeprefix("aten::")
            if name in ALLOWED and not any(argument.is_out for argument in target._schema.arguments):
                self.keep(target, args, kwargs)
        return super().call_function(target, args, kwargs)

    def keep(self, target, args, kwargs):
        named = {argument.name: value for argument, value in zip(target._schema.arguments, args)} | kwargs
        overload = target._schema.overload_name
        op = target._schema.name + ("." + overload if overload else "")
        try:
            call = json.dumps({"op": op, "args": {name: argument(value) for name, value in named.items()}})
        except (Skip, KeyError):
            return
        kept = self.calls.setdefault(op, [])
        if call not in kept and len(kept) < KEPT:
            kept.append(call)


def record(call, arguments, calls):
    leaves, form = tree_flatten(arguments)
    places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)]

    def function(*tensors):
        filled = list(leaves)
        for place, value in zip(places, tensors):
            filled[place] = value
        args, kwargs = tree_unflatten(filled, form)
        return call(*args, **kwargs)

    tensors = [leaves[place].detach().clone() for place in places]
    graph = make_fx(function, pre_dispatch=True)(*tensors)
    Recorder(graph, calls).run(*tensors)


def others():
    """Calls that no sample of OpInfo makes: recurrent layers, and what functions of torch.nn call by other names."""
    aten, r = torch.ops.aten, torch.rand
    image, volume, line = r(1, 2, 4, 4), r(1, 2, 3, 3, 3), r(1, 2, 4)
    for name, gates in ("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1):
        weights = [r(gates * 4, 3), r(gates * 4, 4), r(gates * 4), r(gates * 4)]
        hidden = [r(1, 2, 4), r(1, 2, 4)] if name == "lstm" else r(1, 2, 4)
        rest = (weights, True, 1, 0.0, False, False)
        yield getattr(aten, name).input, (r(2, 5, 3), hidden, *rest, True)
        yield getattr(aten, name).data, (r(10, 3), torch.tensor([2, 2, 2, 2, 2]), hidden, *rest)
        state = [r(2, 4), r(2, 4)] if name == "lstm" else r(2, 4)
        yield getattr(aten, name + "_cell"), (r(2, 3), state, *weights)
    log, targets = r(5, 2, 4), torch.tensor([[1, 2], [3, 1]])
    yield aten.ctc_loss.IntList, (log, targets, [5, 5], [2, 1])
    yield aten.ctc_loss.Tensor, (log, targets, torch.tensor([5, 5]), torch.tensor([2, 2]))
    bag = (r(6, 3), torch.tensor([0, 5, 2, 3]), torch.tensor([0, 2]))
    yield aten.embedding_bag, bag
    yield aten.embedding_bag.padding_idx, (*bag, False, 1, False, None, True, 2)
    yield aten.convolution, (image, r(4, 1, 3, 3), r(4), [1, 1], [1, 1], [1, 1], False, [0, 0], 2)
    yield aten.convolution, (image, r(2, 2, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [1, 1], 2)
    yield aten.col2im, (r(1, 8, 4), [4, 4], [2, 2], [1, 1], [0, 0], [2, 2])
    yield aten._native_batch_norm_legit_no_training, (image, r(2), r(2), r(2), r(2), 0.1, 1e-5)
    yield aten._fused_rms_norm, (r(3, 4), [4], r(4), 1e-5)
    yield aten.native_group_norm, (image, r(2), r(2), 1, 2, 16, 2, 1e-5)
    yield aten._adaptive_avg_pool2d, (image, [2, 2])
    yield aten._adaptive_avg_pool3d, (volume, [2, 1, 2])
    yield aten.affine_grid_generator, (r(2, 2, 3), [2, 1, 3, 3], True)
    yield aten.affine_grid_generator, (r(2, 3, 4), [2, 1, 3, 3, 2], False)
    for kind in "reflection", "replication":
        for dims, value in (1, line), (2, image), (3, volume):
            yield getattr(aten, f"{kind}_pad{dims}d"), (value, [1] * 2 * dims)
    yield aten.upsample_linear1d, (line, [7], True)
    yield aten.upsample_nearest1d, (line, [7])
    yield aten._upsample_nearest_exact1d, (line, [7])
    for name in "upsample_bilinear2d", "upsample_bicubic2d", "_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa":
        yield getattr(aten, name), (image, [7, 3], True)
    for name in "upsample_nearest2d", "_upsample_nearest_exact2d":
        yield getattr(aten, name), (image, [7, 3])
    yield aten.upsample_trilinear3d, (volume, [2, 5, 3], False)
    for name in "upsample_nearest3d", "_upsample_nearest_exact3d":
        yield getattr(aten, name), (volume, [2, 5, 3])
    yield aten.nll_loss_forward, (r(4, 3), torch.tensor([0, 2, 1, 0]), r(3), 1, -100)
    yield aten.nll_loss2d_forward, (r(2, 3, 2, 2), torch.zeros(2, 2, 2, dtype=torch.long), r(3), 1, -100)
    yield aten.repeat_interleave.Tensor, (torch.tensor([1, 2, 0]),)
    yield aten.searchsorted.Scalar, (torch.tensor([1.0, 2.0, 3.0]), 2.5)
    yield aten.quantile, (r(4, 3), torch.tensor([0.1, 0.5]), 0)
    yield aten.nanquantile, (r(4, 3), torch.tensor([0.1, 0.5]), 1, True)
    yield aten.slice_scatter, (r(4, 3), r(2, 3), 0, 0, 4, 2)
    yield aten.native_dropout, (r(4, 3), 0.5, False)
    yield aten.split.sizes, (r(4, 3), [1, 3], 0)
    yield aten.meshgrid, ([r(2), r(3)],)
    yield aten.chain_matmul, ([r(2, 3), r(3, 4), r(4, 1)],)
    yield aten.view.dtype, (r(2, 4), torch.int32)
    yield aten.where, (r(2, 3) > 0.5,)
    yield aten._to_copy, (r(2, 3),)
    yield aten.copy_, (r(2, 3), r(3))


def too_long(*_):
    raise TimeoutError


def main():
    torch.manual_seed(0)
    signal.signal(signal.SIGALRM, too_long)
    calls = {}
    for entry in op_db:
        for dtype in (torch.float32, torch.int64, torch.bool):
            if dtype not in entry.dtypes:
                continue
            try:
                samples = list(itertools.islice(entry.sample_inputs("cpu", dtype), SAMPLES))
            except Exception:
                continue
            for sample in samples:
                for form in filter(None, (entry.get_op(), entry.get_inplace())):
                    signal.alarm(5)
                    try:
                        record(form, ((sample.input, *sample.args), sample.kwargs), calls)
                    except Exception:
                        pass
                    finally:
                        signal.alarm(0)
    for call, args in others():
        try:
            record(call, (args, {}), calls)
        except Exception as error:
            print(call, error)
    lines = [call for op in sorted(calls) for call in calls[op]]
    text = "[\n" + ",\n".join(lines) + "\n]\n"
    (HERE / "calls.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(calls), "operators,", len(lines), "calls")


main()
