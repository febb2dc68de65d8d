#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets, out of the golden files and of small texts of our own.

    tests/fuzz/make_seeds.py FOLDER     makes FOLDER/TARGET/NAME for every target

Inputs that stand for several files hold them one after the other with a zero byte between.
Standard library only.
"""

import json
import pathlib
import struct
import sys

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
MODELS = ["model_llama_tiny", "model_qwen2_tiny", "model_qwen3_tiny"]
LARGEST = 8192  # bytes: a fuzzer gets little out of longer inputs

BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
              "use_regex": True}
SPLIT = {"type": "Split", "pattern": {"Regex": r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"},
         "behavior": "Isolated", "invert": False}

TEMPLATES = [
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\n' + m.content | trim }}{% endfor %}",
    "{%- if messages[0].role == 'system' -%}{%- set s = messages[0]['content'] -%}"
    "{%- else -%}{% set s = '' %}{% endif %}{{ bos_token ~ s }}"
    "{% if add_generation_prompt %}{{ '<think>\n' }}{% endif %}",
    "{% set ns = namespace(n=0, found=false) %}{% for m in messages[::-1] %}"
    "{% if loop.first and not ns.found %}{% set ns.n = loop.index0 %}{% endif %}{% endfor %}"
    "{{ ns.n }}",
    "{% macro turn(m, end='\n') %}{{ m.role.upper() }}{{ end }}{% endmacro %}"
    "{% for m in messages if m.role != 'system' %}{{ turn(m) }}{% else %}-{% endfor %}",
    "{{ messages | map(attribute='role') | join(', ') }}{{ messages | tojson(indent=2) }}",
    "{{ messages[2].content.split('</think>')[-1].lstrip('\\n') if '</think>' in "
    "messages[2].content else raise_exception('no thought') }}",
    "{# a comment #}{{ 1 + 2 * 3 // 2 % 5 ** 2 }}{{ [1, 'a', {'b': none}] | length }}"
    "{{ x is defined and x is not none }}{{ 'a,b' | replace(',', ';') | title }}",
]


def tokenizer_json(pre_tokenizer, normalizer):
    letters = [chr(code) for code in range(33, 127)] + ["\u0120", "\u010a"]
    merges = ["h e", "l l", "he ll", "\u0120 t", "\u0120t he"]
    vocabulary = {text: id for id, text in enumerate(letters + [m.replace(" ", "") for m in merges])}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": len(vocabulary), "content": "<|end|>", "single_word": False,
                          "lstrip": False, "rstrip": False, "normalized": False, "special": True}],
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": None,
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "fuse_unk": False,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "byte_fallback": False, "vocab": vocabulary, "merges": merges},
    }


def tokenizers():
    folder = GOLDEN / "tokenizer_words"
    config = (folder / "tokenizer_config.json").read_text(encoding="utf-8")
    words = (folder / "tokenizer.json").read_text(encoding="utf-8")
    yield "words", f"{words}\0{config}\0"
    small_config = json.dumps({"eos_token": "<|end|>", "clean_up_tokenization_spaces": False})
    sequence = {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True}, BYTE_LEVEL]}
    split = {"type": "Sequence", "pretokenizers": [SPLIT, {**BYTE_LEVEL, "use_regex": False}]}
    for name, pre_tokenizer, normalizer in [("digits", sequence, None),
                                            ("split", split, {"type": "NFC"}),
                                            ("plain", BYTE_LEVEL, None)]:
        text = json.dumps(tokenizer_json(pre_tokenizer, normalizer))
        yield name, f"{text}\0{small_config}\0hello the caf\u00e9 123 \U0001f600<|end|>"


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def gguf_value(value):
    """The type number and the bytes of a metadata value."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, struct.pack("<Q", len(value.encode())) + value.encode()
    items = [gguf_value(item) for item in value]
    return 9, struct.pack("<IQ", items[0][0], len(items)) + b"".join(raw for _, raw in items)


def gguf(metadata, tensors, version=3):
    """A GGUF file. Tensors: name, type number, shape with the innermost dimension first, bytes."""
    text = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(metadata))
    for key, value in metadata.items():
        number, raw = gguf_value(value)
        text += gguf_value(key)[1] + struct.pack("<I", number) + raw
    data = b""
    for name, number, shape, raw in tensors:
        text += gguf_value(name)[1] + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        text += struct.pack("<IQ", number, len(data))
        data += raw + bytes(-len(raw) % 32)
    return text + bytes(-len(text) % 32) + data


def ggufs():
    tokens = ["a", "b", "ab", "\u0120", "<|end|>", "1"]
    width, rows = 4, len(tokens)
    for architecture, pre in [("llama", "smollm"), ("qwen2", "qwen2"), ("qwen3", "qwen2")]:
        metadata = {
            "general.architecture": architecture, f"{architecture}.block_count": 1,
            f"{architecture}.context_length": 16, f"{architecture}.embedding_length": width,
            f"{architecture}.feed_forward_length": width, f"{architecture}.attention.head_count": 1,
            f"{architecture}.attention.head_count_kv": 1,
            f"{architecture}.attention.layer_norm_rms_epsilon": 1e-5,
            f"{architecture}.rope.freq_base": 10000.0, "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": pre, "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": [1, 1, 1, 1, 3, 1], "tokenizer.ggml.merges": ["a b"],
            "tokenizer.ggml.eos_token_id": 4,
        }
        if architecture != "llama":
            metadata |= {f"{architecture}.attention.key_length": width,
                         f"{architecture}.attention.value_length": width}
        shapes = {"token_embd.weight": [width, rows], "output_norm.weight": [width],
                  "blk.0.attn_norm.weight": [width], "blk.0.ffn_norm.weight": [width]}
        for part in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]:
            shapes[f"blk.0.{part}.weight"] = [width, width]
        if architecture == "qwen2":
            shapes |= {f"blk.0.{part}.bias": [width] for part in ["attn_q", "attn_k", "attn_v"]}
        if architecture == "qwen3":
            shapes |= {f"blk.0.{part}.weight": [width] for part in ["attn_q_norm", "attn_k_norm"]}
        tensors = []
        for name, shape in shapes.items():
            count = width * (shape[1] if len(shape) > 1 else 1)
            tensors.append((name, 0, shape, struct.pack(f"<{count}f", *[0.5] * count)))
        yield architecture, gguf(metadata, tensors)
    blocks = [("f32", 0, 1, 4), ("q4_0", 2, 32, 18), ("q4_1", 3, 32, 20), ("q5_0", 6, 32, 22),
              ("q5_1", 7, 32, 24), ("q8_0", 8, 32, 34), ("q4_k", 12, 256, 144),
              ("q5_k", 13, 256, 176), ("q6_k", 14, 256, 210), ("bf16", 30, 1, 2)]
    yield "types", gguf({"general.alignment": 32},
                        [(name, number, [values], bytes(range(size)))
                         for name, number, values, size in blocks])


def indexes():
    good = {"metadata": {"total_size": 8}, "weight_map": {"a": "a.safetensors",
                                                          "b": "b.safetensors"}}
    yield "good", json.dumps(good)
    for name, place in [("outside", "../a.safetensors"), ("missing", "c.safetensors"),
                        ("itself", "model.safetensors.index.json")]:
        yield name, json.dumps({"weight_map": {"a": place, "b": "b.safetensors"}})


def configs():
    yield "arithmetic", ('{"kind": "arithmetic", "steps": [1, 2], // sums\n "word_problems": 0.5, '
                         '"operations": ["add"]}\0steps=[3]')
    yield "jsonl", '{"kind": "jsonl", "path": "/none", "shuffle": false}\0a.b.c=1e3'
    yield "reward", '{"kind": "answer", "extract": "gsm8k", "weight": -0.5}\0name="x"'
    yield "stages", '{"stages": [{"name": "zero", "k": [1]}]}\0stages.zero.k={"a": null}'


def rows():
    lines = [{"prompt": "1 + 1", "answer": 2}, {"question": "2?", "answer": "so\n#### 1,000."},
             {"prompt": "x", "gold": "1/2", "extra": {"level": 3}}, {"prompt": " "}]
    yield "rows", "\n".join(json.dumps(line) for line in lines) + "\n"
    yield "torn", '{"prompt": "a"}\n{"prompt": "b'


def answers():
    yield "boxed", "1,200\0<think>a</think> so \\boxed{\\frac{2400}{2}}.<|end|>"
    yield "gsm8k", "#### 7\0 text\n#### $7.00"
    yield "tag", "x\0<think> ( 3 + 4 ) </think> <answer> ( 3 * 4 ) + 5 </answer> <eos>"
    yield "fraction", "-3/6\0\\boxed{-$0.50}"
    yield "choice", "(C)\0so \\boxed{\\textbf{(C)}}"
    yield "people", ("(1) Zoey is a knight\n(2) Ethan is a knave\0<think> so </think> "
                     "<answer> Zoey is a knight, Ethan is a knave </answer>")
    yield "words", ("en\0<think>Wait, $x$ ist `so` \u6f22\u5b57 \u3072\u3089 \uc7a0\uae50 "
                    "wr\u043eng</think>")
    yield "case", '{"gold": "7", "completion": "so #### 7"}\n{"gold": 7, "answer": 7}\nx\n'


def golden(pattern):
    for path in sorted(GOLDEN.glob(pattern)):
        if path.stat().st_size <= LARGEST:
            yield path.parent.name + "-" + path.name, path.read_bytes()


def requests():
    """Requests to the live page, with a line of metrics and one of completions."""
    metrics = '{"stage":"zero","kind":"grpo","step":2,"reward":0.5,"kl":null}'
    completion = '{"completion":"a","prompt":"p","prompt_index":3,"sample":0,"stage":"zero","step":1}'
    paths = ["/", "/api/runs", "/static/watch.js", "/run", "/run/metrics", "/run/evaluations",
             "/run/completions", "/run/search", "/run/prompt"]
    query = "stage\0zero\0step\0001\0prompt_index\0003\0sample\0000\0q\0a\0after\0000-1"
    for i, path in enumerate(paths):
        yield str(i), "\0".join(["GET", path, "localhost", metrics, completion, query])


def seeds():
    """Pairs of a target and its inputs (name, text or bytes)."""
    yield "chat_template", ((str(i), text + "\0What is 1 + 1?") for i, text in enumerate(TEMPLATES))
    yield "config", configs()
    yield "gguf", ggufs()
    yield "jsonl", rows()
    yield "model_config", ((name, (GOLDEN / name / "config.json").read_bytes()) for name in MODELS)
    yield "reward", answers()
    two = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
           "b": {"dtype": "U8", "shape": [1, 3], "data_offsets": [8, 11]},
           "__metadata__": {"format": "pt"}}
    yield "safetensors", [*golden("*.safetensors"), ("two", safetensors(two, bytes(11)))]
    yield "tokenizer", tokenizers()
    yield "watch", requests()
    yield "weight_index", indexes()


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for target, inputs in seeds():
        folder = pathlib.Path(arguments[0]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in inputs:
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(raw)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
