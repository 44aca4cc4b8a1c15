"""Measures of sharpness of the networks of golden/curvature, by PyTorch in f64: python make.py

README.md says what the files hold. The maximum in the box is also looked for by SciPy's L-BFGS-B, as in the paper.
"""

import importlib.util
import json
import pathlib
import warnings

import numpy
import torch
from scipy.optimize import minimize
from torch.func import functional_call

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent
CURVATURE = HERE.parent / "curvature"
CASES = ["mlp", "cnn", "vit", "program", "linear64", "softmax64"]
RHO, RHO_ADAPTIVE, STEPS, RHO_AVERAGE = 0.05, 0.5, 10, 0.1
EPSILONS = [1e-3, 5e-2]


def curvature_cases():
    spec = importlib.util.spec_from_file_location("curvature", CURVATURE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {case.name: case for case in module.cases()}


class Measured:
    """The mean loss of a case as a function of all its parameters, one after the other, in f64."""

    def __init__(self, case):
        exported = torch.export.load(CURVATURE / f"{case.name}.pt2")
        data = numpy.load(CURVATURE / f"{case.name}.npz")
        self.case = case
        self.net = case.net.double()
        self.net.load_state_dict(exported.state_dict)
        inputs, targets = (torch.from_numpy(data[f"train_{what}"]) for what in ("inputs", "targets"))
        self.inputs = inputs.double()
        self.targets = targets.double() if targets.is_floating_point() else targets
        self.parameters = {name: tensor.detach() for name, tensor in self.net.named_parameters()}
        self.point = torch.cat([tensor.ravel() for tensor in self.parameters.values()])

    def loss(self, point):
        parts = point.split([tensor.numel() for tensor in self.parameters.values()])
        moved = {name: part.view_as(self.parameters[name]) for name, part in zip(self.parameters, parts)}
        arguments = (self.inputs,) if self.case.loss else (self.inputs, self.targets)
        outputs = functional_call(self.net, moved, arguments)
        return (self.case.loss(outputs, self.targets) if self.case.loss else outputs).mean()

    def value(self, point):
        with torch.no_grad():
            return float(self.loss(point))

    def gradient(self, point):
        point = point.clone().requires_grad_()
        return torch.autograd.grad(self.loss(point), point)[0]


def largest_in_box(measured, epsilon):
    """Projected ascent as docs/sharpness.md describes it."""
    side = epsilon * (measured.point.abs() + 1)
    best, size = torch.zeros_like(side), 1.0
    value, gradient = measured.value(measured.point), measured.gradient(measured.point)
    for _ in range(STEPS):
        trial = (best + size * gradient.sign()).clamp(-1, 1)
        if torch.equal(trial, best):
            break
        found = measured.value(measured.point + trial * side)
        if found > value:
            best, value = trial, found
            gradient = measured.gradient(measured.point + best * side)
        else:
            size /= 2
    return value


def largest_by_lbfgsb(measured, epsilon):
    """In ten iterations, the number of Keskar et al. (2017), from the model and from ten places in the box.

    The loss is scaled, since the first step of L-BFGS-B is the gradient itself: it would not reach the sides.
    """
    side = epsilon * (measured.point.abs() + 1)
    scale = 1000 / float((measured.gradient(measured.point) * side).abs().max())

    def negative(u):
        point = measured.point + torch.from_numpy(u) * side
        return -scale * measured.value(point), (-scale * measured.gradient(point) * side).numpy()

    rng = numpy.random.default_rng(0)
    starts = [numpy.zeros(len(side))] + [rng.uniform(-1, 1, len(side)) for _ in range(10)]
    bounds = [(-1, 1)] * len(side)
    options = {"maxiter": 10, "ftol": 0, "gtol": 1e-9}
    return [-minimize(negative, u, jac=True, method="L-BFGS-B", bounds=bounds, options=options).fun / scale
            for u in starts]


def critical(measured, gradient):
    """2 over the first step along -g after which the loss is higher: by small strides, then bisection."""
    start = measured.value(measured.point)

    def is_higher(step):
        return measured.value(measured.point - step * gradient) > start

    high = 1e-6 * abs(start) / float(gradient @ gradient)
    assert not is_higher(high)
    while not is_higher(high):
        high *= 1.02
    low = high / 1.02
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if is_higher(middle) else (middle, high)
    return 2 / high


def average_of_linear(measured):
    """The expected rise of a squared error after filter-normalised random steps: half the trace of HΣ.

    A filter of k weights moves to a random place on the sphere of radius ρ‖w‖: its covariance is (ρ‖w‖)²/k.
    """
    weight = measured.parameters["weight"]
    width, k = weight.shape
    trace = float((measured.inputs**2).sum()) * 2 / (width * len(measured.inputs))
    return sum(RHO_AVERAGE**2 * float(row @ row) / k * trace / 2 for row in weight)


def numbers(measured):
    point = measured.point
    start, gradient = measured.value(point), measured.gradient(point)
    size = point.abs()
    sam = measured.value(point + RHO * gradient / gradient.norm())
    asam = measured.value(point + RHO_ADAPTIVE * size**2 * gradient / (size * gradient).norm())
    found = {"loss": start, "gradient_norm": float(gradient.norm()), "sam": sam - start, "asam": asam - start}
    found["critical"] = critical(measured, gradient)
    found["epsilon"] = []
    for epsilon in EPSILONS:
        percent = [100 * (value - start) / (1 + start)
                   for value in [largest_in_box(measured, epsilon), *largest_by_lbfgsb(measured, epsilon)]]
        found["epsilon"].append({"epsilon": epsilon, "ours": percent[0], "lbfgsb": percent[1],
                                 "lbfgsb_best_of_11": max(percent[1:])})
    if measured.case.name == "linear64":
        found["average"] = average_of_linear(measured)
    return found


def main():
    cases = curvature_cases()
    truth = {name: numbers(Measured(cases[name])) for name in CASES}
    settings = {"rho": RHO, "rho_adaptive": RHO_ADAPTIVE, "ascent_steps": STEPS, "rho_average": RHO_AVERAGE}
    (HERE / "sharpness.json").write_text(json.dumps({"settings": settings, "cases": truth}, indent=1) + "\n")
    for name, found in truth.items():
        print(name, json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
