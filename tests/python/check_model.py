"""Checks that reckon computes what transformers computes, on models of every family.

    python tests/python/check_model.py RECKON [MODEL ...] [--texts N]

RECKON is the program. Each MODEL is a Hugging Face folder or a GGUF file, which `reckon convert`
first turns into a folder. Without MODEL the script makes small random models itself: Llama with
llama3, linear and yarn RoPE scalings, Qwen2 with biases and a tied head, Qwen3 with norms of q and
k, saved as float32, in shards and as bfloat16; their tokenizer is one of tests/golden.

For N varied texts (100) every token's log-probability must agree within 1e-3 nats (float32), and
the greedy completions after the beginnings of a fifth of them must be the same. Exit status: 0
agreement, 1 a difference.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-3
WORDS = (
    "the quick brown fox jumps over a lazy dog while seven clever otters count apples pears and "
    "plums under old bridges near the harbour where boats sleep at night"
).split()
SCRIPTS = ["Привет, как дела?", "数学是美丽的。", "مرحبا بالعالم", "नमस्ते दुनिया", "안녕하세요 세계", "👩‍👩‍👧‍👦 🚀✨", "Ελληνικά γράμματα",
           "שלום עולם", "ภาษาไทย", "naïve café — “quotes”"]
CODE = ["def f(x):\n    return x * x + 1\n", "for (int i = 0; i < n; ++i) { sum += a[i]; }",
        "SELECT name FROM users WHERE id = 42;", '{"key": [1, 2.5, null], "ok": true}',
        "\\frac{1}{2} + \\sqrt{3} = \\boxed{2.232}"]


def make_texts(count):
    """Varied texts: words, numbers, scripts, code, odd white space."""
    draw = random.Random(1)
    texts = []
    while len(texts) < count:
        kind = len(texts) % 5
        if kind == 0:
            text = " ".join(draw.choices(WORDS, k=draw.randint(3, 60))).capitalize() + "."
        elif kind == 1:
            text = f"{draw.randint(0, 9999)} + {draw.randint(0, 999)} = {draw.random():.5f}\n" * draw.randint(1, 6)
        elif kind == 2:
            text = " ".join(draw.choices(SCRIPTS, k=draw.randint(1, 4)))
        elif kind == 3:
            text = "\n".join(draw.choices(CODE, k=draw.randint(1, 4)))
        else:
            text = "  \t".join(draw.choices(WORDS, k=draw.randint(2, 12))) + "\n\n  " + draw.choice(SCRIPTS)
        texts.append(text)
    return texts


def run_lines(command, lines):
    """The JSON lines that `command` answers to `lines`."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_logprobs(reckon, path, model, tokenizer, texts):
    """Largest difference over texts, each cut into a prompt and a completion."""
    requests = [{"prompt": t[: max(1, len(t) // 4)], "completion": t[max(1, len(t) // 4):]} for t in texts]
    answers = run_lines([reckon, "logprobs", str(path)], requests)
    worst = 0.0
    for request, answer in zip(requests, answers, strict=True):
        prompt = tokenizer(request["prompt"], add_special_tokens=False).input_ids
        completion = tokenizer(request["completion"], add_special_tokens=False).input_ids
        if completion != answer["ids"]:
            sys.exit(f"check: other ids for {request['completion']!r}: {completion} and {answer['ids']}")
        if not completion:
            continue
        with torch.no_grad():
            logits = model(torch.tensor([prompt + completion])).logits[0].double()
        expected = torch.log_softmax(logits[len(prompt) - 1: -1], -1)
        expected = expected[torch.arange(len(completion)), torch.tensor(completion)]
        worst = max(worst, (expected - torch.tensor(answer["logprobs"]).double()).abs().max().item())
    return worst


def check_greedy(reckon, path, model, tokenizer, texts):
    """Number of texts after whose beginning the greedy completions differ."""
    prompts = [" ".join(t.split()[:8]) for t in texts]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps({"prompt": p}) + "\n" for p in prompts)
        file.flush()
        answers = run_lines([reckon, "generate", str(path), "--file", file.name, "--temperature", "0",
                             "--max-tokens", "32"], [])
    different = 0
    for prompt, answer in zip(prompts, answers, strict=True):
        ids = torch.tensor([tokenizer(prompt, add_special_tokens=False).input_ids])
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=32,
                                 pad_token_id=0, use_cache=True)
        expected = tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True)
        if expected != answer["completion"]:
            different += 1
            print(f"  greedy differs for {prompt!r}:\n    {expected!r}\n    {answer['completion']!r}")
    return different


def random_models(folder):
    """Small random models of each family, saved by transformers with a tokenizer of ours."""
    tokens = 2 ** 10
    base = dict(vocab_size=tokens, hidden_size=64, intermediate_size=160, num_hidden_layers=3,
                num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
                initializer_range=0.3, bos_token_id=None, eos_token_id=0, pad_token_id=None)
    llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
              "original_max_position_embeddings": 64, "rope_theta": 500000.0}
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "rope_theta": 10000.0}
    linear = {"rope_type": "linear", "factor": 2.0, "rope_theta": 10000.0}
    t = transformers
    cases = {
        "llama3": (t.LlamaForCausalLM, t.LlamaConfig(**base, rope_parameters=llama3, tie_word_embeddings=True), {}),
        "llama-linear-bias": (t.LlamaForCausalLM, t.LlamaConfig(
            **base, rope_parameters=linear, attention_bias=True, mlp_bias=True), {"max_shard_size": "200KB"}),
        "llama-yarn": (t.LlamaForCausalLM, t.LlamaConfig(**base, rope_parameters=yarn), {}),
        "qwen2": (t.Qwen2ForCausalLM, t.Qwen2Config(**base, tie_word_embeddings=True), {}),
        "qwen2-bf16": (t.Qwen2ForCausalLM, t.Qwen2Config(**base), {"dtype": torch.bfloat16}),
        "qwen3": (t.Qwen3ForCausalLM, t.Qwen3Config(**base, head_dim=32), {"max_shard_size": "150KB"}),
    }
    tokenizers = sorted((ROOT / "tests/golden/tokenizer_bpe").glob("*/tokenizer.json")) or sorted(
        (ROOT / "tests/golden/tokenizer_bpe").glob("**/*.json"))
    for number, (name, (kind, config, save)) in enumerate(cases.items()):
        torch.manual_seed(number)
        model = kind(config)
        for parameter in model.parameters():
            if parameter.dim() == 1:
                torch.nn.init.normal_(parameter, 1.0 if "norm" in name else 0.5, 0.2)
        dtype = save.pop("dtype", None)
        model = model.to(dtype) if dtype else model
        path = folder / name
        model.save_pretrained(path, **save)
        source = tokenizers[number % len(tokenizers)]
        for file in source.parent.glob("*") if source.name == "tokenizer.json" else [source]:
            shutil.copy(file, path / ("tokenizer.json" if file == source else file.name))
        if not (path / "tokenizer_config.json").exists():
            (path / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
        yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reckon", type=pathlib.Path)
    parser.add_argument("models", nargs="*", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=100, help="at least 5 (default 100)")
    arguments = parser.parse_args()
    texts = make_texts(arguments.texts)
    begun = texts[: arguments.texts // 5]
    transformers.logging.set_verbosity_error()
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for path in arguments.models or random_models(scratch):
            folder = path
            if path.is_file():
                folder = scratch / "converted"
                subprocess.run([arguments.reckon, "convert", path, folder, "--type", "f32"], check=True)
            model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
            tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
            worst = check_logprobs(arguments.reckon, path, model, tokenizer, texts)
            different = check_greedy(arguments.reckon, path, model, tokenizer, begun)
            print(f"{path.name}: largest difference {worst:.2e} nats, "
                  f"{different} of {len(begun)} greedy completions differ")
            failed |= worst > TOLERANCE or different > 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
