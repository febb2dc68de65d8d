#!/usr/bin/env python3
"""Writes types.safetensors with the Python library: every element type that reckon knows.

The C++ test reads it and expects its own writer to give the same bytes for the same tensors.
Needs torch and safetensors; made with torch 2.11.0 and safetensors 0.8.0.
"""

import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent


def main() -> None:
    values = torch.arange(-3, 3)
    tensors = {
        "layer.f64": values.to(torch.float64).reshape(2, 3) / 4,
        "layer.f32": values.to(torch.float32).reshape(3, 2) / 4,
        "b.f32": torch.tensor([0.5]),
        "a.f16": values.to(torch.float16) / 4,
        "a.bf16": values.to(torch.bfloat16) / 4,
        "ids.i64": values.to(torch.int64) * 2**40,
        "ids.i32": values.to(torch.int32),
        "ids.i16": values.to(torch.int16),
        "ids.i8": values.to(torch.int8),
        "mask.u8": torch.tensor([0, 255, 7], dtype=torch.uint8),
        "mask.bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 4),
        'name "with" \u00e4 \u0001': torch.tensor([2.0]),
    }
    # One entry: the library writes several in random order.
    save_file(tensors, FOLDER / "types.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
