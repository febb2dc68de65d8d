"""Checks `reckon convert` against the `gguf` package and transformers' own GGUF loader.

    python tests/python/check_gguf.py build/release/cli/reckon [--gguf MODEL.gguf]

Converts the three tiny models of tests/golden to GGUF files of every type and back, and checks that

- the file's tensors are what the `gguf` package makes of the weights, bit by bit;
- transformers loads the F32 file and gives the logits of the folder, bit by bit;
- the folder made from the F32 file has the weights of the first one, and its logits.

With --gguf, also converts that file (llama architecture) to an F32 folder and checks that the
weights are what `gguf.quants.dequantize` gives, and that transformers loads folder and tokenizer.

Exit status: 0 agreement, 1 a difference (printed), 2 bad input. Needs torch, transformers, gguf,
safetensors, accelerate. Tried with torch 2.11.0, transformers 5.23.0, gguf 0.19.0.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import gguf
import numpy
import safetensors.numpy
import torch
import transformers

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
MODELS = ["model_llama_tiny", "model_qwen2_tiny", "model_qwen3_tiny"]
TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "q8_0": "Q8_0"}
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
INNER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


class Difference(Exception):
    """What differs, as "expected X, got Y, in FILE"."""


def run(reckon, *arguments):
    """Runs the program; its messages go to the terminal if it fails."""
    done = subprocess.run([reckon, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Difference(f"expected exit status 0, got {done.returncode}: {done.stderr.strip()}")


def hf_name(name):
    """The Hugging Face name of a GGUF tensor."""
    stem, kind = name.rsplit(".", 1)
    layer = re.fullmatch(r"blk\.(\d+)\.(.+)", stem)
    if layer:
        return f"model.layers.{layer[1]}.{INNER[layer[2]]}.{kind}"
    return f"{OUTER[stem]}.{kind}"


def rotary_heads(reader, name):
    """How many heads have interleaved rows in this tensor; 0 for none."""
    if reader.fields["general.architecture"].contents() != "llama":
        return 0
    key = {"attn_q": "head_count", "attn_k": "head_count_kv"}.get(name.split(".")[-2])
    return int(reader.fields[f"llama.attention.{key}"].contents()) if key else 0


def interleaved(values, heads):
    """The rows of a Hugging Face tensor in the order of a GGUF file."""
    if heads == 0:
        return values
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return numpy.ascontiguousarray(halves.swapaxes(1, 2).reshape(values.shape))


def expected_type(values, wanted):
    """The type in which a tensor is stored."""
    if values.ndim == 1:
        return "F32"
    return "F16" if wanted == "Q8_0" and values.shape[-1] % 32 else wanted


def check_bits(expected, got, place):
    """Raises unless both hold the same bytes."""
    if expected.tobytes() != got.tobytes():
        raise Difference(f"expected other bytes, in {place}")


def check_encoded(path, weights, wanted):
    """The tensors of a GGUF file against what the package makes of the weights."""
    reader = gguf.GGUFReader(path)
    names = {hf_name(tensor.name) for tensor in reader.tensors}
    if names != weights.keys():
        raise Difference(f"expected the tensors of the folder, got {names ^ weights.keys()}")
    for tensor in reader.tensors:
        values = weights[hf_name(tensor.name)]
        kind = expected_type(values, wanted)
        if tensor.tensor_type.name != kind:
            raise Difference(f"expected {kind}, got {tensor.tensor_type.name}, in {tensor.name}")
        rows = interleaved(values, rotary_heads(reader, tensor.name))
        encoded = gguf.quants.quantize(rows, gguf.GGMLQuantizationType[kind])
        check_bits(encoded, numpy.asarray(tensor.data), f"{path.name}/{tensor.name}")


def check_decoded(path, weights):
    """The weights of a folder against what the package decodes from a GGUF file."""
    reader = gguf.GGUFReader(path)
    for tensor in reader.tensors:
        got = weights[hf_name(tensor.name)]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        rows = interleaved(got, rotary_heads(reader, tensor.name))
        check_bits(values.astype(numpy.float32), rows, f"{path.name}/{tensor.name}")
    print(f"{path.name}: {len(reader.tensors)} tensors equal")


def logits(ids, *arguments, **options):
    """What transformers computes with a model."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        *arguments, dtype=torch.float32, attn_implementation="eager", **options
    )
    return model(ids).logits.numpy()


def check_golden(reckon, name, folder):
    """One tiny model, all types, there and back."""
    source = GOLDEN / name
    weights = safetensors.numpy.load_file(source / "model.safetensors")
    for kind, wanted in TYPES.items():
        run(reckon, "convert", source, folder / f"{name}.{kind}.gguf", "--type", kind)
        check_encoded(folder / f"{name}.{kind}.gguf", weights, wanted)
    ids = torch.arange(40).reshape(2, 20) * 7 % 170
    expected = logits(ids, source)
    # The loader takes every Qwen3 to have heads of 128 and does not read attention.key_length.
    known = {"config": transformers.AutoConfig.from_pretrained(source)} if "qwen3" in name else {}
    loaded = logits(ids, folder, gguf_file=f"{name}.f32.gguf", **known)
    check_bits(expected, loaded, f"{name}: logits")
    run(reckon, "convert", folder / f"{name}.f32.gguf", folder / name)
    back = safetensors.numpy.load_file(folder / name / "model.safetensors")
    for tensor, values in weights.items():
        check_bits(values, back[tensor], f"{name}/{tensor}")
    check_bits(expected, logits(ids, folder / name), f"{name}: logits after the way back")
    print(f"{name}: {len(weights)} tensors equal in {len(TYPES)} types, logits equal")


def check_file(reckon, path, folder):
    """A real file: weights and tokenizer of the folder made from it."""
    out = folder / "real"
    run(reckon, "convert", path, out, "--type", "f32")
    check_decoded(path, safetensors.numpy.load_file(out / "model.safetensors"))
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(out)
    _, info = transformers.AutoModelForCausalLM.from_pretrained(
        out, dtype=torch.float32, output_loading_info=True
    )
    if any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")):
        raise Difference(f"expected all weights and no other, got {info}")
    text = "It's 1234 items: naïve 東京 🙂\n\n\tdef f(x):  return x<|im_end|>"
    ids = tokenizer.encode(text, add_special_tokens=False)
    if tokenizer.decode(ids) != text:
        raise Difference(f"expected {text!r}, got {tokenizer.decode(ids)!r}")
    if not tokenizer.chat_template:
        raise Difference("expected a chat template, got none")
    # And from that folder to GGUF again, for the programs that read its tokenizer.
    run(reckon, "convert", out, folder / "again.gguf", "--type", "q8_0")
    first, again = gguf.GGUFReader(path), gguf.GGUFReader(folder / "again.gguf")
    for key in ("tokens", "token_type", "merges", "pre", "model", "bos_token_id", "eos_token_id"):
        key = f"tokenizer.ggml.{key}"
        if first.fields[key].contents() != again.fields[key].contents():
            raise Difference(f"expected the same value, got another, in again.gguf/{key}")
    print(f"{path.name}: tokenizer of {len(tokenizer)} tokens")


def main():
    """Runs the checks; differences become exit status 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reckon", type=pathlib.Path, help="the program")
    parser.add_argument("--gguf", type=pathlib.Path, help="a GGUF file to convert as well")
    arguments = parser.parse_args()
    if not arguments.reckon.is_file():
        print(f"check_gguf: expected a program, got nothing, at {arguments.reckon}")
        return 2
    torch.set_grad_enabled(False)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as name:
        try:
            for model in MODELS:
                check_golden(arguments.reckon, model, pathlib.Path(name))
            if arguments.gguf:
                check_file(arguments.reckon, arguments.gguf, pathlib.Path(name))
        except Difference as difference:
            print(f"check_gguf: {difference}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
