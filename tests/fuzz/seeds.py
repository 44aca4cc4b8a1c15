"""Starting points for the fuzzer, of the goldens: python seeds.py CORPUS; the first byte is what targets/ say of it."""

import pathlib
import sys
import zipfile

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
CORPUS = pathlib.Path(sys.argv[1])


def seed(target, name, form, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bytes([form]) + content)


def entry(archive, suffix):
    return next((archive.read(name) for name in archive.namelist() if name.endswith(suffix)), b"")


for path in [*GOLDEN.glob("checkpoints/*.*t*"), *GOLDEN.glob("programs/*-b.*"), *GOLDEN.glob("programs/*.npz")]:
    content = path.read_bytes()
    target = "weights" if path.suffix in (".safetensors", ".npz") else "pickle"
    if path.suffix in (".pt", ".t7", ".safetensors", ".npz"):
        seed(target, path.name, 0, content)
    if path.suffix == ".pt":
        seed(target, f"{path.name}.pkl", 1, entry(zipfile.ZipFile(path), "data.pkl"))
    if path.suffix == ".safetensors":
        seed(target, f"{path.name}.json", 1, content[8 : 8 + int.from_bytes(content[:8], "little")])
    if path.suffix == ".npz":
        for name in zipfile.ZipFile(path).namelist():
            seed(target, f"{path.name}.{name}", 2, zipfile.ZipFile(path).read(name))
seed("weights", "index.json", 3, b'{"weight_map": {"a": "a.safetensors"}}')
for path in GOLDEN.glob("programs/*.pt2"):
    archive = zipfile.ZipFile(path)
    seed("program", path.name, 0, path.read_bytes())
    seed("program", f"{path.name}.json", 1, entry(archive, "model.json") + b"\0" + entry(archive, "weights_config.json"))
