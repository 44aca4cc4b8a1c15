"""HDF5 files of every kind, in every layout that the stages read."""

import hashlib

import h5py
import numpy

# the longest text that may have a fixed length
FIXED = 4096


def repack(source, target, libver, chunked=False, fixed=False, foreign=False):
    """A copy with the same contents in another layout; a foreign one has no kind or id."""
    with h5py.File(source) as old, h5py.File(target, "w", libver=libver) as new:
        copy_attributes(old, new, fixed, foreign)

        def visit(name, item):
            if isinstance(item, h5py.Group):
                new.require_group(name)
            else:
                copy_dataset(item, new, name, chunked, fixed)
            copy_attributes(item, new[name], fixed, False)

        old.visititems(visit)


def copy_dataset(item, new, name, chunked, fixed):
    value = item[()]
    if item.dtype.kind in "OS":
        value, dtype = texts(value, fixed)
        new.create_dataset(name, data=value, dtype=dtype)
    elif chunked and item.shape and item.size:
        chunks = tuple(max(1, (length + 1) // 2) for length in item.shape)
        new.create_dataset(name, data=value, chunks=chunks, compression="gzip", shuffle=True)
    else:
        new.create_dataset(name, data=value)


def copy_attributes(old, new, fixed, foreign):
    for key, value in old.attrs.items():
        if foreign and key in ("kind", "format_version", "created_by", "history", "id"):
            continue
        if isinstance(value, str) or getattr(value, "dtype", numpy.dtype("f8")).kind in "OS":
            value, dtype = texts(value, fixed)
            new.attrs.create(key, value, dtype=dtype)
        else:
            new.attrs.create(key, value)


def texts(value, fixed):
    """The value of one text or several, and the type to write it with."""
    array = numpy.array(value, dtype=object)
    encoded = [as_bytes(text) for text in array.ravel()]
    longest = max([len(text) for text in encoded], default=0)
    if fixed and 0 < longest <= FIXED:
        dtype = h5py.string_dtype("utf-8", longest)
        return numpy.array(encoded, dtype).reshape(array.shape), dtype
    decoded = numpy.array([text.decode() for text in encoded], dtype=object)
    return decoded.reshape(array.shape), h5py.string_dtype()


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


# --- the id, as stages/lib/files/README.md defines it ---

ATTRIBUTES = {
    "model": [],
    "dataset": ["scale", "mean", "std", "classes"],
    "directions": ["dir_type", "names", "model_id"],
    "shard": ["shard"],
    "surface": [],
    "trajectory": ["directions_id"],
}
MEASURED = [
    "model_id",
    "data_id",
    "directions_id",
    "loss",
    "ignore_index",
    "class_axis",
    "precision",
    "batch",
    "limit",
    "stop_above",
    "metrics",
]
for measured_kind in ("shard", "surface"):
    ATTRIBUTES[measured_kind] += MEASURED


def file_id(path):
    """The kind of a file, its id as it is recorded, and the id of its contents."""
    with h5py.File(path) as file:
        kind = as_bytes(file.attrs["kind"]).decode()
        lines = [
            id_line(f"@{name}", file.attrs[name]) for name in ATTRIBUTES[kind] if name in file.attrs
        ]

        def visit(name, item):
            if not isinstance(item, h5py.Dataset) or name == "checkpoints":
                return
            lines.append(id_line(f"/{name}", item[()]))
            for key in ("index", "role"):
                if key in item.attrs:
                    lines.append(id_line(f"/{name}@{key}", item.attrs[key]))

        file.visititems(visit)
        content = f"relief 1 {kind}\n" + "".join(sorted(lines))
        recorded = as_bytes(file.attrs.get("id", "")).decode()
        return kind, recorded, hashlib.sha256(content.encode()).hexdigest()


def id_line(name, value):
    if isinstance(value, (str, bytes)):
        return f"{name} text [] {hashlib.sha256(as_bytes(value)).hexdigest()}\n"
    if value.dtype.kind in "OS":
        joined = b"".join(as_bytes(text) + b"\0" for text in value.ravel())
        return f"{name} text {list(value.shape)} {hashlib.sha256(joined).hexdigest()}\n"
    wide = {"f": {4: "f32", 8: "f64"}, "i": {8: "i64"}, "u": {1: "u8"}}
    dtype = wide[value.dtype.kind][value.dtype.itemsize]
    content = value.astype(value.dtype.newbyteorder("<")).tobytes()
    return f"{name} {dtype} {list(value.shape)} {hashlib.sha256(content).hexdigest()}\n"


# --- files that no stage of the pipeline writes ---


def write_trajectory(path, surface):
    """A trajectory on the plane of a surface."""
    with h5py.File(surface) as measured, h5py.File(path, "w", libver=("v108", "v108")) as file:
        file["proj_xcoord"] = numpy.array([0.9, 0.5, 0.2, 0.0])
        file["proj_ycoord"] = numpy.array([-0.7, -0.4, 0.1, 0.0])
        file["residual"] = numpy.array([1.5, 0.8, 0.3, 0.0])
        file["checkpoints"] = ["1.pt", "2.pt", "3.pt", "4.pt"]
        file.attrs["kind"] = "trajectory"
        file.attrs["format_version"] = numpy.int64(1)
        file.attrs["created_by"] = "a test"
        file.attrs["history"] = ["a test"]
        file.attrs["directions_id"] = measured.attrs["directions_id"]
        file.attrs["directions_command"] = measured.attrs["directions_command"]
    content = file_id(path)[2]
    with h5py.File(path, "r+") as file:
        file.attrs["id"] = content


def write_tool_surface(path, surface):
    """A surface as the Python tool of 2018 writes it: -1 is "not computed", no kind, no id."""
    with h5py.File(surface) as measured, h5py.File(path, "w", libver="earliest") as file:
        for name in ("xcoordinates", "ycoordinates", "train_loss", "train_acc"):
            file[name] = measured[name][()]
        file["train_loss"][0, 0] = -1
        file["dir_file"] = "directions.h5"
