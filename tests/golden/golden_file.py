"""Writes golden values as safetensors files whose bytes depend on nothing but their content.

The `safetensors` package writes the metadata in the order of a hash table, which differs from run
to run, so the (small) container format is written here and read back with the package as a check.
"""

import argparse
import json
import pathlib
import struct

import numpy
import safetensors
import safetensors.torch
import torch

DTYPE_NAMES = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}


def prepare():
    """Makes PyTorch repeatable: one thread, no operator that depends on scheduling."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def output_folder(description):
    """The folder to write to, from the command line: the script's own folder unless --out names
    another."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path(__file__).parent, help="folder to write to"
    )
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def versions():
    """Versions of what made a file, for its metadata."""
    return {
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "safetensors": safetensors.__version__,
    }


def write(path, tensors, metadata):
    """Writes `tensors` (name -> tensor) in order of their names; `metadata` maps text to text."""
    header = {"__metadata__": dict(sorted(metadata.items()))}
    chunks = []
    offset = 0
    for name, tensor in sorted(tensors.items()):
        data = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": DTYPE_NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))
    check_readable(path, tensors)


def check_readable(path, tensors):
    """Reads the file back with the package that defines the format."""
    loaded = safetensors.torch.load_file(path)
    if loaded.keys() != tensors.keys():
        raise SystemExit(f"expected {len(tensors)} tensors, got {len(loaded)}, in {path}")
    for name, tensor in tensors.items():
        if not torch.equal(loaded[name], tensor.detach()):
            raise SystemExit(f"expected the values written, got others, in {path}/{name}")
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise SystemExit(f"expected finite values, got others, in {path}/{name}")
    print(f"{path}: {len(tensors)} tensors, {path.stat().st_size} bytes")
