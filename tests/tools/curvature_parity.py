"""Compares eigenvalues, traces and densities with curvlinops, PyHessian's formulas and the Python tool of 2018.

    python tests/tools/curvature_parity.py [LOSS_LANDSCAPE]    # a clone of tomgoldstein/loss-landscape

Needs torch, torchvision, h5py, scipy and curvlinops-for-pytorch 3, and `make build` before. The network is the demo's
trained ResNet-20 on Fashion-MNIST, the loss the mean cross-entropy of 32 images. curvlinops multiplies by forward over
reverse, PyHessian and the tool by double backward; eigenvalues are scipy's (ARPACK). PyHessian's formulas are written
down here: power iteration with deflation, Hutchinson's trace, and the weights of its density.
"""

import gzip
import sys
import warnings

import h5py
import numpy
import torch
from curvlinops import GGNLinearOperator, HessianLinearOperator
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn
from torch.nn import functional as F

from parity import ROOT, Comparison, state_of

sys.path.append(str(ROOT / "tests/golden/zoo"))
from make import ResNet  # noqa: E402  the golden logits' own networks

warnings.filterwarnings("ignore")
DEMO = ROOT / "pipelines/demo"
EXAMPLES = 32
TOP = 5


def network(state):
    made = ResNet([(3, width) for width in (16, 32, 64)], True)
    made.conv1 = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
    made.load_state_dict({name: torch.from_numpy(numpy.asarray(values)) for name, values in state.items()})
    return made.eval()


def examples():
    with gzip.open(DEMO / "train-images-idx3-ubyte.gz") as f:
        images = numpy.frombuffer(f.read(), "u1", offset=16).reshape(-1, 1, 28, 28)[:EXAMPLES]
    with gzip.open(DEMO / "train-labels-idx1-ubyte.gz") as f:
        classes = numpy.frombuffer(f.read(), "u1", offset=8)[:EXAMPLES]
    images = (torch.from_numpy(images / 255).float() - 0.2860) / 0.3530
    return images, torch.from_numpy(classes.astype("i8"))


def spectrum(comparison, options):
    comparison.run(f"hessian --model {DEMO}/resnet20.h5 --data demo.h5 --limit {EXAMPLES} {options} --output s.h5 --force")
    with h5py.File(comparison.path("s.h5")) as f:
        found = {name: f[name][()] for name in f if f[name].dtype.kind in "fiu"}
        found["bottom"] = f.attrs["bottom"]
        return found


def as_numpy(operator):
    def multiply(vector):
        return (operator @ torch.from_numpy(vector.ravel()).float()).numpy().astype("f8")

    size = operator.shape[0]
    return LinearOperator((size, size), matvec=multiply, dtype="f8")


def largest(operator, count, which="LA"):
    # more vectors than by default: the smallest eigenvalue lies beside thousands near zero
    values = eigsh(as_numpy(operator), k=count, which=which, ncv=60, tol=1e-4, return_eigenvectors=False)
    return numpy.sort(values)


def off_by(found, wanted):
    """The largest difference relative to the largest value."""
    return abs(numpy.asarray(found) - wanted).max() / abs(numpy.asarray(wanted)).max()


def with_curvlinops(comparison, made, images, classes):
    loss = nn.CrossEntropyLoss()
    parameters = list(made.parameters())
    for name, kind in [("hessian", HessianLinearOperator), ("ggn", GGNLinearOperator)]:
        operator = kind(made, loss, parameters, [(images, classes)])
        found = spectrum(comparison, f"--operator {name} --top {TOP} --bottom 1 --tolerance 1e-4 --trace 40")
        wanted = largest(operator, TOP)
        comparison.row(f"curvlinops, {name}: five largest eigenvalues", off_by(found["eigenvalues"][0, 1:], wanted), 1e-4)
        if name == "hessian":
            smallest = largest(operator, 1, "SA")
            comparison.row("curvlinops, hessian: smallest eigenvalue", off_by(found["eigenvalues"][0, :1], smallest), 1e-3)
        probes = torch.randint(2, (operator.shape[1], 40)).float() * 2 - 1
        draws = (probes * (operator @ probes)).sum(0).double()
        error = numpy.hypot(found["trace_stderr"][0], draws.std().item() / len(draws) ** 0.5)
        comparison.row(f"curvlinops, {name}: trace, in joint standard errors (ours {found['trace'][0]:.2f} ± "
                       f"{found['trace_stderr'][0]:.2f}, 40 probes of Hutchinson {draws.mean():.2f} ± "
                       f"{draws.std() / len(draws) ** 0.5:.2f})", abs(found["trace"][0] - draws.mean().item()) / error, 3)


def with_pyhessian(comparison, made, images, classes):
    """Its `eigenvalues`: power iteration on v ← Hv, normalised, orthogonal to the vectors before, until it moves by
    less than a thousandth."""
    parameters = list(made.parameters())
    gradients = torch.autograd.grad(F.cross_entropy(made(images), classes), parameters, create_graph=True)

    def multiply(vector):
        product = sum((g * v).sum() for g, v in zip(gradients, vector))
        return torch.autograd.grad(product, parameters, retain_graph=True)

    def unit(vector):
        length = sum((v * v).sum() for v in vector).sqrt()
        return [v / length for v in vector]

    torch.manual_seed(0)
    found, vectors = [], []
    for _ in range(2):
        vector, value = unit([torch.randn_like(p) for p in parameters]), None
        for _ in range(100):
            for other in vectors:
                along = sum((a * b).sum() for a, b in zip(vector, other))
                vector = [a - along * b for a, b in zip(vector, other)]
            vector = unit(vector)
            product = multiply(vector)
            before, value = value, sum((a * b).sum() for a, b in zip(product, vector)).item()
            vector = unit(product)
            if before is not None and abs(value - before) / (abs(before) + 1e-6) < 1e-3:
                break
        found.append(value)
        vectors.append(vector)
    ours = spectrum(comparison, "--top 2 --bottom 0 --tolerance 1e-4")
    comparison.row("PyHessian's power iteration: two largest eigenvalues", off_by(ours["eigenvalues"][0], found[::-1]), 5e-3)

    # Lanczos quadrature in the plain form, with the weights of PyHessian since 2024
    moments = []
    for _ in range(20):
        vector = unit([torch.randint_like(p, 2) * 2.0 - 1 for p in parameters])
        once = multiply(vector)
        moments.append([sum((a * b).sum() for a, b in zip(vector, once)).item(), sum((a * a).sum() for a in once).item()])
    moments = numpy.array(moments)
    ours = spectrum(comparison, "--top 0 --bottom 0 --density 20 --density-steps 10")
    nodes, weights = numpy.nan_to_num(ours["density_nodes"][0]), ours["density_weights"][0]
    for power in (1, 2):
        own = (weights * nodes**power).sum(1)
        error = numpy.hypot(own.std(ddof=1), moments[:, power - 1].std(ddof=1)) / 20**0.5
        comparison.row(f"moment {power} of the density, in joint standard errors", abs(own.mean() - moments[:, power - 1].mean()) / error, 3)


def with_the_tool(comparison, made, images, classes, tool):
    sys.path.insert(0, tool)
    import hess_vec_prod  # noqa: PLC0415

    ours = spectrum(comparison, "--parameters matrices --tolerance 1e-3")["eigenvalues"][0]
    for batches in (1, 4):
        loader = list(zip(images.chunk(batches), classes.chunk(batches)))
        most, least, products = hess_vec_prod.min_max_hessian_eigs(made, loader, nn.CrossEntropyLoss())
        for name, value, own in [("max", most, ours[1]), ("min", least, ours[0])]:
            comparison.row(f"the Python tool, {batches} batches, {name}_eig over the number of batches ({products} products)",
                           abs(value / batches / own - 1), 1e-2)


def main():
    comparison = Comparison(f"PyTorch {torch.__version__}, curvlinops, PyHessian's formulas, the Python tool")
    comparison.run(f"import-data idx {DEMO} --normalize 0.2860/0.3530 --output demo.h5")
    made = network(state_of(DEMO / "resnet20.h5"))
    images, classes = examples()
    with_curvlinops(comparison, made, images, classes)
    with_pyhessian(comparison, made, images, classes)
    if len(sys.argv) == 2:
        with_the_tool(comparison, made, images, classes, sys.argv[1])
    comparison.end()


if __name__ == "__main__":
    main()
