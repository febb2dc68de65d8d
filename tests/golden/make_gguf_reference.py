"""Writes gguf/quants.safetensors and gguf/tiny.gguf for tests/policy/gguf_*_test.cpp.

`quants.safetensors` holds, for each tensor type, `TYPE/bytes` (random blocks, u8) and `TYPE/values`
(what the `gguf` package decodes them to, float32); for the types that are written also
`TYPE/input` (float32) and `TYPE/encoded` (u8), what the package makes of them.

`tiny.gguf` is a llama model of one layer with a byte-level tokenizer and a value of each metadata
type under `test.*`. Needs numpy, safetensors and gguf 0.19.
"""

import argparse
import pathlib

import gguf
import numpy
import safetensors.numpy
from gguf import GGMLQuantizationType as Type

READ = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"]
READ_K = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"]
WRITTEN = ["F16", "BF16", "Q8_0"]
# Where the half-precision scales of a block lie: random bits there would be infinite at times.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
          "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def random_blocks(rng, name, count):
    """`count` blocks of random bytes whose scales are finite, a few of them subnormal or zero."""
    _, size = gguf.GGML_QUANT_SIZES[Type[name]]
    blocks = rng.integers(0, 256, (count, size), dtype=numpy.uint8)
    for place in SCALES.get(name, []):
        scale = (rng.standard_normal(count) * 0.1).astype(numpy.float16)
        scale[0], scale[1] = 3e-7, 0
        blocks[:, place:place + 2] = scale.view(numpy.uint8).reshape(count, 2)
    return blocks


def decoded(rng, name):
    """Blocks of a type with their values."""
    if name in ("F32", "F16", "BF16"):
        dtype = numpy.float16 if name == "F16" else numpy.float32
        values = (rng.standard_normal(256) * 10.0 ** rng.integers(-9, 4, 256)).astype(dtype)
        data = values.view(numpy.uint8)
        data = data.reshape(256, 4)[:, 2:].copy() if name == "BF16" else data
        data = data.reshape(1, -1)
    else:
        data = random_blocks(rng, name, 2 if name in READ_K else 8).reshape(1, -1)
    values = gguf.quants.dequantize(data, Type[name])
    return data.reshape(-1), numpy.ascontiguousarray(values.reshape(-1), dtype=numpy.float32)


def encoder_input(rng):
    """Values of many sizes: ties of both half types, subnormal, largest and infinite ones."""
    values = (rng.standard_normal(512) * 10.0 ** rng.integers(-9, 4, 512)).astype(numpy.float32)
    values[64:96] = 0
    values[96:128] = numpy.arange(32) * 0.5 - 8 + 0.25
    values[100] = 127
    corners = [0.0, -0.0, 65504, 65519.996, 65520, -65520, 1e6, 5.96e-8, 2.98e-8, 2.99e-8, 6.1e-5,
               6.0976e-5, 1.0004883, 1.0014648, 1.00390625, 1.01171875]
    values[128:128 + len(corners)] = corners
    return values


def write_quants(path):
    """The decoded and encoded values of all types."""
    rng = numpy.random.default_rng(11)
    tensors = {}
    for name in READ + READ_K:
        tensors[f"{name}/bytes"], tensors[f"{name}/values"] = decoded(rng, name)
    values = encoder_input(rng)
    for name in WRITTEN:
        held = values[:128] if name == "Q8_0" else values
        encoded = gguf.quants.quantize(held.reshape(1, -1), Type[name])
        tensors[f"{name}/input"] = held.copy()
        tensors[f"{name}/encoded"] = encoded.reshape(-1).view(numpy.uint8).copy()
    safetensors.numpy.save_file(tensors, path, {"gguf": "0.19", "numpy": numpy.__version__})


def byte_tokens():
    """The 256 characters that stand for bytes in byte-level vocabularies, in their order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + i) for i in range(len(others))]


def add_tokenizer(writer):
    """All bytes, four merges and two special tokens."""
    merges = ["h e", "l l", "he ll", "Ġ w"]
    tokens = byte_tokens() + ["he", "ll", "hell", "Ġw"] + ["<|begin|>", "<|end|>"]
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([normal] * (len(tokens) - 2) + [control] * 2)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(len(tokens) - 2)
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}<|end|>{% endfor %}")
    return len(tokens)


def add_test_values(writer):
    """One value of each type, and lists."""
    writer.add_uint8("test.u8", 200)
    writer.add_int8("test.i8", -100)
    writer.add_uint16("test.u16", 60000)
    writer.add_int16("test.i16", -30000)
    writer.add_uint32("test.u32", 4000000000)
    writer.add_int32("test.i32", -2000000000)
    writer.add_uint64("test.u64", 2**63 + 1)
    writer.add_int64("test.i64", -(2**62))
    writer.add_float32("test.f32", 1.5)
    writer.add_float64("test.f64", 0.1)
    writer.add_bool("test.true", True)
    writer.add_bool("test.false", False)
    writer.add_string("test.text", "grün")
    writer.add_array("test.numbers", [1, -2, 3])
    writer.add_array("test.texts", ["a", "", "ccc"])


def add_tensors(writer, vocab):
    """A llama model of width 32 with a type for every tensor; head size 16, two heads, one of them
    for keys."""
    rng = numpy.random.default_rng(12)

    def add(name, shape, kind):
        values = (rng.standard_normal(shape) * 0.1).astype(numpy.float32)
        if kind == "F32":
            writer.add_tensor(name, values)
        elif kind == "F16":
            writer.add_tensor(name, values.astype(numpy.float16))
        else:
            writer.add_tensor(name, gguf.quants.quantize(values, Type[kind]), raw_dtype=Type[kind])

    add("token_embd.weight", (vocab, 32), "Q4_0")
    add("output_norm.weight", (32,), "F32")
    add("blk.0.attn_norm.weight", (32,), "F32")
    add("blk.0.ffn_norm.weight", (32,), "F32")
    add("blk.0.attn_q.weight", (32, 32), "Q8_0")
    add("blk.0.attn_k.weight", (16, 32), "F16")
    add("blk.0.attn_v.weight", (16, 32), "BF16")
    add("blk.0.attn_output.weight", (32, 32), "Q5_1")
    add("blk.0.ffn_gate.weight", (64, 32), "Q4_1")
    add("blk.0.ffn_up.weight", (64, 32), "Q5_0")
    add("blk.0.ffn_down.weight", (32, 64), "Q8_0")


def write_tiny(path):
    """The small model file."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(16)
    add_test_values(writer)
    add_tensors(writer, add_tokenizer(writer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).parent
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder to write to")
    folder = parser.parse_args().out / "gguf"
    folder.mkdir(parents=True, exist_ok=True)
    write_quants(folder / "quants.safetensors")
    write_tiny(folder / "tiny.gguf")
    for path in sorted(folder.iterdir()):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
