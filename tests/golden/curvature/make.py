"""Small networks and programs, data for them, and their second derivatives by PyTorch: python make.py

README.md says what the files hold and with which versions they were made. Every matrix is made in full, in f64, of the
same numbers as the program and the data have, and is compared with what is known of it in other ways.
"""

import json
import pathlib
import warnings
import zipfile

import numpy
import torch
from torch import nn
from torch.func import functional_call, grad, hessian, jacrev, jvp, vmap
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent
AUTO = torch.export.Dim.AUTO
ENDS = 5
PRODUCT_ENTRIES = 20
# how near to a kink the CNN may come: far more than the rounding errors of f32
KINK = 1e-4


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 16), nn.Linear(16, 12), nn.Linear(12, 4)

    def forward(self, x):
        return self.last(F.gelu(self.second(torch.tanh(self.first(x)))))


class Cnn(nn.Module):
    """Batch normalisation after a convolution without a bias, and after one with a bias."""

    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.norm2 = nn.Conv2d(6, 10, 3, padding=1), nn.BatchNorm2d(10)
        self.linear = nn.Linear(10, 4)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.relu(self.norm2(self.conv2(x)))
        return self.linear(x.mean((2, 3)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(a.transpose(1, 2).reshape(n, t, c))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(1, 8, 4, 4)
        self.token, self.place = nn.Parameter(torch.randn(1, 1, 8)), nn.Parameter(torch.randn(1, 5, 8))
        self.blocks = nn.Sequential(Block(8, 2), Block(8, 2))
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.head(self.blocks(x)[:, 0])


class Poisson(nn.Module):
    """Negative log-likelihood of counts (without log y!), the logarithm of the rate by a network."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, inputs, targets):
        return F.poisson_nll_loss(self.net(inputs).squeeze(1), targets, reduction="none")


class Negative(nn.Module):
    """Concave in the weights: a squared error that is to be large."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 1)

    def forward(self, inputs, targets):
        return -((self.linear(inputs).squeeze(1) - targets) ** 2)


class Flat(nn.Module):
    """Linear in the weights."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 1)

    def forward(self, inputs, targets):
        return self.linear(inputs).squeeze(1) * targets


def squared_errors(outputs, targets):
    return ((outputs - targets) ** 2).mean(1)


def cross_entropies(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="none")


class Case:
    """A network with its data, in the precision in which they are saved."""

    def __init__(self, name, net, inputs, targets, loss):
        self.name, self.net, self.inputs, self.targets = name, net.eval(), inputs, targets
        # of outputs and targets, per example; None where the network returns the losses
        self.loss = loss

    def arguments(self):
        return (self.inputs,) if self.loss else (self.inputs, self.targets)


def cases():
    def regression(name, n):
        targets = torch.randn(n, 2) * torch.tensor([1.0, 3.0]) + 0.5
        return Case(name, nn.Linear(6, 2), torch.randn(n, 6), targets, squared_errors)

    def classes(name, net, inputs, count):
        return Case(name, net, inputs, torch.arange(len(inputs)) * 7 % 11 % count, cross_entropies)

    torch.manual_seed(1)
    yield regression("linear", 37)
    torch.manual_seed(2)
    yield classes("logistic", nn.Linear(7, 2), torch.randn(29, 7), 2)
    torch.manual_seed(3)
    yield classes("softmax", nn.Linear(8, 5), torch.randn(45, 8), 5)
    torch.manual_seed(4)
    yield classes("mlp", scaled(Mlp(), 2), torch.randn(53, 6), 4)
    torch.manual_seed(22)  # further from kinks than others
    yield classes("cnn", with_statistics(Cnn()), torch.randn(23, 2, 8, 8), 4)
    torch.manual_seed(6)
    yield classes("vit", with_norms(Vit()), torch.randn(27, 1, 8, 8), 4)
    torch.manual_seed(7)
    yield Case("program", Poisson(), torch.randn(41, 4), torch.poisson(torch.rand(41) * 4), None)
    torch.manual_seed(8)
    yield Case("negative", Negative(), torch.randn(25, 5), torch.randn(25), None)
    torch.manual_seed(9)
    yield Case("flat", Flat(), torch.randn(21, 5), torch.randn(21), None)
    # numbers that f32 does not hold
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(10)
    yield regression("linear64", 37)
    torch.manual_seed(11)
    yield classes("softmax64", nn.Linear(8, 5), torch.randn(45, 8), 5)
    torch.set_default_dtype(torch.float32)


@torch.no_grad()
def scaled(net, factor):
    """Further from a linear network."""
    for parameter in net.parameters():
        parameter.mul_(factor)
    return net


@torch.no_grad()
def with_statistics(net):
    for norm in (net.norm1, net.norm2):
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.normal_(0, 0.3)
        norm.running_mean.normal_(0, 0.3)
        norm.running_var.uniform_(0.2, 0.8)
    return net


@torch.no_grad()
def with_norms(net):
    for block in net.blocks:
        for norm in (block.norm1, block.norm2):
            norm.weight.uniform_(0.5, 1.5)
            norm.bias.normal_(0, 0.3)
    return net


class Truth:
    """The second derivatives of a case by all its parameters, in f64."""

    def __init__(self, case):
        self.case = case
        self.state = {name: tensor.detach().double() for name, tensor in case.net.state_dict().items()}
        self.parameters = {name: self.state[name] for name, _ in case.net.named_parameters()}
        self.inputs = case.inputs.double()
        self.targets = case.targets.double() if case.targets.is_floating_point() else case.targets
        self.point = torch.cat([tensor.ravel() for tensor in self.parameters.values()])
        with sdpa_kernel(SDPBackend.MATH):  # the others are not differentiable twice
            self.mean_loss = float(self.loss(self.point))
            self.hessian = dense_hessian(self.loss, self.point)
            self.ggn = self.gauss_newton() if case.loss else None
            self.fisher = self.of_gradients()

    def outputs(self, point):
        """Those of the network with the parameters `point`."""
        values = point.split([tensor.numel() for tensor in self.parameters.values()])
        moved = {name: part.view_as(self.parameters[name]) for name, part in zip(self.parameters, values)}
        arguments = (self.inputs,) if self.case.loss else (self.inputs, self.targets)
        return functional_call(self.case.net, self.state | moved, arguments)

    def losses(self, point):
        outputs = self.outputs(point)
        return self.case.loss(outputs, self.targets) if self.case.loss else outputs

    def loss(self, point):
        return self.losses(point).mean()

    def gauss_newton(self):
        """The mean of JᵀHJ over the examples, H the second derivatives of the loss of one by its outputs."""

        def of_one(outputs, target):
            return self.case.loss(outputs[None], target[None])[0]

        jacobian = checked_jacobian(self.outputs, self.point)
        bent = vmap(hessian(of_one))(self.outputs(self.point), self.targets)
        return torch.einsum("nap,nab,nbq->pq", jacobian, bent, jacobian) / len(jacobian)

    def of_gradients(self):
        gradients = checked_jacobian(self.losses, self.point)
        return gradients.T @ gradients / len(gradients)

    def chosen(self, names):
        """Which entries of the vector are those of these parameters."""
        parts = [torch.full((t.numel(),), name in names) for name, t in self.parameters.items()]
        return torch.cat(parts)

    def matrices(self):
        found = {"hessian": self.hessian, "ggn": self.ggn, "fisher": self.fisher}
        return {name: matrix for name, matrix in found.items() if matrix is not None}


def dense_hessian(function, point):
    """`torch.func.hessian`, row by row: by all rows at once (`vmap`) it is wrong for `layer_norm` in PyTorch 2.13."""
    gradient = grad(function)
    return torch.stack([jvp(gradient, (point,), (unit,))[1] for unit in torch.eye(len(point), dtype=point.dtype)])


def checked_jacobian(function, point):
    """`torch.func.jacrev`, of whose `vmap` the same may be feared: compared with one product that needs none."""
    jacobian = jacrev(function)(point)
    vector = sines(len(point))
    close(jacobian @ vector, jvp(function, (point,), (vector,))[1], 1e-12)
    return jacobian


def summary(matrix):
    values = torch.linalg.eigvalsh((matrix + matrix.T) / 2)
    close(values.sum(), matrix.trace(), 1e-12)
    close((values**2).sum(), (matrix**2).sum(), 1e-12)
    return {
        "smallest": values[:ENDS].tolist(),
        "largest": values[-ENDS:].tolist(),
        "trace": float(matrix.trace()),
        "frobenius_squared": float((values**2).sum()),
        "diagonal_squared": float((matrix.diagonal() ** 2).sum()),
        "moments": [float((values**power).mean()) for power in range(1, 5)],
    }


def expected(truth):
    by_choice = {}
    matrices = [name for name, tensor in truth.parameters.items() if tensor.dim() > 1]
    for choice, names in ("all", list(truth.parameters)), ("matrices", matrices):
        kept = truth.chosen(names)
        found = {"names": names, "count": int(kept.sum())}
        for name, matrix in truth.matrices().items():
            found[name] = summary(matrix[kept][:, kept])
        by_choice[choice] = found
    product = truth.hessian @ sines(len(truth.point))
    by_choice["all"]["hessian"]["vector_product"] = product[:PRODUCT_ENTRIES].tolist()
    return {"loss": truth.mean_loss, "parameters": by_choice}


def sines(count):
    return torch.arange(1, count + 1, dtype=torch.float64).sin()


def close(found, wanted, tolerance):
    """Equal, up to a part of the largest number."""
    difference, size = (found - wanted).abs().max(), wanted.abs().max()
    assert difference <= tolerance * max(float(size), 1), (float(difference), float(size))


def check(truth):
    """Compares the matrices with what is known of them in other ways."""
    case, found = truth.case, truth.hessian
    for matrix in truth.matrices().values():
        close(matrix, matrix.T, 1e-14)
    # finite differences of gradients, in f64
    step = sines(len(truth.point)) / len(truth.point) ** 0.5
    gradient = grad(truth.loss)
    with sdpa_kernel(SDPBackend.MATH):
        difference = gradient(truth.point + 1e-5 * step) - gradient(truth.point - 1e-5 * step)
    close(difference / 2e-5, found @ step, 1e-8)
    if isinstance(case.net, nn.Linear):
        # the Hessian has the order of the parameters: the whole weight, then the bias
        close(found, closed_form(truth), 1e-10)
        close(found, truth.ggn, 1e-10)
    if case.name == "cnn":
        assert nearest_kink(truth) > KINK
    if case.name == "negative":
        assert torch.linalg.eigvalsh(found)[-1] < 0
    if case.name == "flat":
        assert (found == 0).all()
    if case.name.endswith("64"):
        assert all((tensor.float() != tensor).any() for tensor in [truth.inputs, *truth.parameters.values()])


def closed_form(truth):
    """The Hessian of a linear layer by its formula, in the order of the parameters."""
    x = torch.cat([truth.inputs, torch.ones(len(truth.inputs), 1, dtype=torch.float64)], 1)
    outputs = truth.outputs(truth.point)
    count, width = outputs.shape
    if truth.case.loss is squared_errors:
        # 2 / values · I ⊗ XᵀX
        formula = torch.kron(torch.eye(width, dtype=torch.float64), x.T @ x) * 2 / (count * width)
    else:
        # the mean of (diag(p) - ppᵀ) ⊗ xxᵀ
        formula = 0
        for p, row in zip(outputs.softmax(1), x):
            formula = formula + torch.kron(p.diag() - p.outer(p), row.outer(row)) / count
    # per output the weights and the bias: to all weights and then all biases
    places = torch.arange(width * x.shape[1]).view(width, -1)
    order = torch.cat([places[:, :-1].ravel(), places[:, -1]])
    return formula[order][:, order]


def nearest_kink(truth):
    """How near the CNN comes to a kink of ReLU, or to two equal numbers under a maximum."""
    near = []

    def after_norm(norm, _, output):
        near.append(output.abs().min())
        if norm is truth.case.net.norm1:
            windows = output.relu().unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
            first, second = windows.topk(2).values.unbind(-1)
            near.append((first - second)[first > 0].min())

    hooks = [norm.register_forward_hook(after_norm) for norm in (truth.case.net.norm1, truth.case.net.norm2)]
    truth.outputs(truth.point)
    for hook in hooks:
        hook.remove()
    return min(near)


def save(exported, path):
    """Saves a program without the names of this machine's folders, which its stack traces hold."""
    torch.export.save(exported, path)
    packages = pathlib.Path(torch.__file__).parents[1]
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            content = content.replace(f"{packages}".encode(), b"site-packages") if name.endswith(".json") else content
            archive.writestr(zipfile.ZipInfo(name), content.replace(f"{HERE}/".encode(), b""))


def check_files(case, wanted):
    """Loads the program and the data again, and measures the loss."""
    program = torch.export.load(HERE / f"{case.name}.pt2")
    data = numpy.load(HERE / f"{case.name}.npz")
    inputs, targets = (torch.from_numpy(data[f"train_{what}"]) for what in ("inputs", "targets"))
    for name, parameter in case.net.named_parameters():
        assert torch.equal(program.state_dict[name], parameter)
    names = [name for name, _ in program.named_parameters()]
    assert names == [name for name, _ in case.net.named_parameters()]
    with torch.no_grad():
        outputs = program.module()(*((inputs,) if case.loss else (inputs, targets)))
        losses = case.loss(outputs.double(), targets) if case.loss else outputs.double()
    assert len(losses) == len(inputs)
    close(losses.mean(), torch.tensor(wanted), 1e-14 if case.name.endswith("64") else 1e-6)


def write(case):
    # fewer examples than there are: the batch size is free
    arguments = tuple(argument[:7] for argument in case.arguments())
    shapes = tuple({0: AUTO} for _ in arguments)
    save(torch.export.export(case.net, arguments, dynamic_shapes=shapes), HERE / f"{case.name}.pt2")
    numpy.savez(HERE / f"{case.name}.npz", train_inputs=case.inputs.numpy(), train_targets=case.targets.numpy())
    truth = Truth(case)
    check(truth)
    found = expected(truth)
    (HERE / f"{case.name}.json").write_text(json.dumps(found, indent=1) + "\n")
    check_files(case, found["loss"])
    return found


def show(name, found):
    for choice, parameters in found["parameters"].items():
        for operator in ("hessian", "ggn", "fisher"):
            if operator in parameters:
                ends = [parameters[operator][end] for end in ("smallest", "largest")]
                numbers = "".join(f"{number:11.3e}" for number in (*ends[0][:2], *ends[1][-2:]))
                print(f"{name:10}{choice:9}{parameters['count']:5}  {operator:8}{numbers}")


def main():
    print("case      choice   count  operator  two smallest and two largest eigenvalues")
    for case in cases():
        show(case.name, write(case))


if __name__ == "__main__":
    main()
