"""Compares relief's losses with PyTorch's own on models of Hugging Face, built small and random from their configs.

    python tests/tools/huggingface_parity.py > tests/tools/huggingface_parity.md

Needs torch 2.13, transformers 5, h5py, and `make build` before. Each model is exported with the lines of
docs/own-models.md in f32 and in bf16, and evaluated with --precision f32 and bf16. A line of the table: the model, the
precisions, the mean loss of relief, that of PyTorch in the precision of the evaluation, and their relative difference.
"""

import copy
import pathlib
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy
import torch
import transformers
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
BIN = pathlib.Path(__file__).parents[2] / "target/release"
VOCABULARY, EXAMPLES, LENGTH, CLASSES = 199, 24, 32, 5
# relative differences that are allowed, by the precision of the evaluation
ALLOWED = {"f32": 1e-6, "bf16": 1e-2}


class Logits(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, tokens):
        return self.model(tokens).logits


def models():
    """Names, models and whether they are language models."""
    ends = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "use_cache": False}
    sizes = {"vocab_size": VOCABULARY, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    gpt2 = transformers.GPT2Config(
        n_layer=2, n_head=4, n_embd=64, vocab_size=VOCABULARY, n_positions=64, **ends)
    yield "GPT-2", transformers.GPT2LMHeadModel(gpt2), True
    llama = transformers.LlamaConfig(
        **sizes, intermediate_size=128, num_key_value_heads=2, max_position_embeddings=64, **ends)
    yield "Llama", transformers.LlamaForCausalLM(llama), True
    bert = transformers.BertConfig(
        **sizes, intermediate_size=128, max_position_embeddings=64, num_labels=CLASSES)
    yield "BERT classifier", transformers.BertForSequenceClassification(bert), False


def run(stage, *arguments):
    command = [BIN / stage, *arguments, "--force", "--quiet"]
    subprocess.run([str(word) for word in command], check=True)


def loss(model, dtype, tokens, targets):
    with torch.no_grad():
        logits = Logits(copy.deepcopy(model).to(dtype)).eval()(tokens).double()
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten()).item()


def compare(name, model, tokens, targets, folder):
    """Prints the lines of a model; the largest difference over what is allowed."""
    data, program, imported, directions, shard = (
        folder / file for file in ("data.h5", "model.pt2", "model.h5", "directions.h5", "shard.h5"))
    numpy.savez(folder / "data.npz", train_inputs=tokens.numpy(), train_targets=targets.numpy())
    run("import-data", "npz", folder / "data.npz", "--output", data)
    worst = 0
    for exported in (torch.float32, torch.bfloat16):
        model = model.to(exported)
        free = ({0: torch.export.Dim.AUTO},)
        torch.export.save(torch.export.export(Logits(model).eval(), (tokens[:3],), dynamic_shapes=free), program)
        run("import-model", "--program", program, "--output", imported)
        run("make-dirs", "--model", imported, "--dims", "1", "--output", directions)
        for precision, dtype in (("f32", torch.float32), ("bf16", torch.bfloat16)):
            run("eval-grid", "--model", imported, "--data", data, "--directions", directions, "--x=0:0:1",
                "--precision", precision, "--output", shard)
            with h5py.File(shard) as file:
                found = file["train_loss"][0]
            wanted = loss(model, dtype, tokens, targets)
            off = abs(found / wanted - 1)
            worst = max(worst, off / ALLOWED[precision])
            short = str(exported).removeprefix("torch.")
            print(f"| {name} | {short} | {precision} | {found:.9f} | {wanted:.9f} | {off:.1e} |", flush=True)
    return worst


def main():
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}; made by "
          "`tests/tools/huggingface_parity.py`.\n")
    print("| model | exported in | --precision | relief | PyTorch | difference |\n|---|---|---|---|---|---|")
    worst = 0
    for name, model, is_language_model in models():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.15)
        tokens = torch.randint(0, VOCABULARY, (EXAMPLES, LENGTH))
        targets = torch.randint(0, VOCABULARY, (EXAMPLES, LENGTH)) if is_language_model else (
            torch.randint(0, CLASSES, (EXAMPLES,)))
        with tempfile.TemporaryDirectory() as folder:
            worst = max(worst, compare(name, model, tokens, targets, pathlib.Path(folder)))
    print(f"\nAllowed are {ALLOWED['f32']:.0e} in f32 and {ALLOWED['bf16']:.0e} in bf16.")
    sys.exit(int(worst > 1))


main()
