"""Products with the Hessian per second: relief, a careful loop in PyTorch, and curvlinops, on the same examples."""

import statistics
import time

import h5py
import torch
from machine import CORES, run
from networks import network
from torch.nn import functional as F

# examples, and the sizes of batches of which the loop takes the fastest
STUDIES = {"resnet20": (256, [32, 64, 256]), "vit": (64, [16, 32, 64])}
FEW, MANY = 4, 24


def curvature(stages, folder, rounds):
    """A row for each network."""
    for name, (examples, sizes) in STUDIES.items():
        times = {"relief": [], "loop": [], "curvlinops": []}
        memory = 0
        for _ in range(rounds):
            # what is left after the start-up: the marginal cost of a product
            few, _ = relief(stages, folder, name, examples, FEW)
            many, memory = relief(stages, folder, name, examples, MANY)
            times["relief"].append((many - few) / (MANY - FEW))
            times["loop"].append(min(loop(folder, name, examples, size) for size in sizes))
            times["curvlinops"].append(curvlinops(folder, name, examples))
        rates = [median(1 / t for t in all if t) for all in times.values()]
        ratios = [median(t / r for t, r in zip(times[how], times["relief"]) if t) for how in ("loop", "curvlinops")]
        yield f"| {name} | {examples} | {' | '.join(rates + ratios)} | {memory} |"


def median(values):
    values = list(values)
    return f"{statistics.median(values):.2f}" if values else "–"


def relief(stages, folder, name, examples, products):
    """Seconds and megabytes of so many products, with as many threads as cores."""
    return run([stages / "hessian", "--model", folder / f"{name}.h5", "--data", folder / f"{name}-data.h5", "--split", "test",
                "--limit", str(examples), "--parameters", "matrices", "--tolerance", "1e-9", "--max-products", str(products),
                "--output", folder / "spectrum.h5", "--force", "--quiet"])


def data(folder, name, examples):
    with h5py.File(folder / f"{name}-data.h5") as file:
        inputs = torch.from_numpy(file["test/inputs"][:examples]).float()
        return inputs / 255, torch.from_numpy(file["test/targets"][:examples]).long()


def loop(folder, name, examples, size):
    """Seconds of a product by double backward, channels last, as many threads as cores, batch by batch."""
    torch.set_num_threads(CORES)
    made, (inputs, targets) = network(name), data(folder, name, examples)
    made = made.to(memory_format=torch.channels_last)
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    moved = [p for p in made.parameters() if p.dim() > 1]
    for parameter in made.parameters():
        parameter.requires_grad_(parameter.dim() > 1)
    vector = [torch.randn_like(p) for p in moved]

    def product():
        sums = [torch.zeros_like(p) for p in moved]
        for x, y in zip(inputs.split(size), targets.split(size)):
            loss = F.cross_entropy(made(x), y, reduction="sum") / examples
            gradients = torch.autograd.grad(loss, moved, create_graph=True)
            along = sum((g * v).sum() for g, v in zip(gradients, vector))
            for total, part in zip(sums, torch.autograd.grad(along, moved)):
                total += part
        return sums

    with torch.enable_grad(), torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return timed(product)


def curvlinops(folder, name, examples):
    """Seconds of a product of curvlinops; None where it is not installed."""
    try:
        from curvlinops import HessianLinearOperator  # noqa: PLC0415
    except ImportError:
        return None
    torch.set_num_threads(CORES)
    made, batch = network(name), data(folder, name, examples)
    moved = [p for p in made.parameters() if p.dim() > 1]
    with torch.enable_grad(), torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        operator = HessianLinearOperator(made, torch.nn.CrossEntropyLoss(), moved, [batch], check_deterministic=False)
        vector = torch.randn(operator.shape[1])
        return timed(lambda: operator @ vector)


def timed(product):
    product()
    start = time.perf_counter()
    for _ in range(3):
        product()
    return (time.perf_counter() - start) / 3
