"""Checks that the adapter of a LoRA stage is what PEFT takes it for.

    python tests/python/check_lora.py RECKON

Makes small random Llama, Qwen2 and Qwen3 models with transformers, trains each for three GRPO steps
with an adapter (q_proj and v_proj, then all-linear), and compares the stage's merged model with its
base under PEFT's reading of the stage's adapter, and with `merge_and_unload`: logits of 64 random
ids in float32 must agree within 1e-4. The adapter must have changed something, and `reckon logprobs`
of the adapter's folder must be that of the merged model. Exit status: 0 agreement, 1 a difference.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import peft
import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = ROOT / "tests" / "golden" / "tokenizer_bpe" / "gpt2"
TOLERANCE = 1e-4


def make_model(family, folder):
    """A small random model of a family, with a tokenizer."""
    configs = {"llama": transformers.LlamaConfig, "qwen2": transformers.Qwen2Config,
               "qwen3": transformers.Qwen3Config}
    size = {"vocab_size": 4096, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
            "max_position_embeddings": 256, "tie_word_embeddings": family == "qwen2"}
    torch.manual_seed(3)
    model = transformers.AutoModelForCausalLM.from_config(configs[family](**size))
    model.float().save_pretrained(folder)
    for file in WORDS.glob("token*.json"):
        shutil.copy(file, folder)


def train(program, base, targets, out):
    """Three steps of GRPO with an adapter; the stage's folder."""
    recipe = {"name": "lora", "seed": 5, "device": "cpu", "model": {"path": str(base)},
              "task": {"kind": "arithmetic"},
              "stages": [{"name": "rl", "kind": "grpo", "rewards": [{"kind": "random"}],
                          "prompts_per_step": 2, "num_generations": 4, "max_completion_length": 8,
                          "max_steps": 3, "learning_rate": 0.01, "use_peft": True, "lora_r": 4,
                          "lora_alpha": 6, "lora_target_modules": targets}]}
    path = out.with_suffix(".json")
    path.write_text(json.dumps(recipe))
    subprocess.run([program, "run", path, "--out", out], check=True, capture_output=True)
    return out / "stages" / "rl"


def largest_difference(a, b):
    return (a - b).abs().max().item()


def compare(program, family, targets, work):
    """Prints one line; whether all agree."""
    base = work / family
    if not base.exists():
        base.mkdir()
        make_model(family, base)
    stage = train(program, base, targets, work / f"{family}-{len(targets)}-{targets[0]}")
    ids = torch.randint(0, 4096, (1, 64), generator=torch.Generator().manual_seed(1))
    load = transformers.AutoModelForCausalLM.from_pretrained
    with torch.no_grad():
        plain = load(base, dtype=torch.float32)
        before = plain(ids).logits
        merged = load(stage / "model", dtype=torch.float32)(ids).logits
        adapted = peft.PeftModel.from_pretrained(plain, stage / "adapter")
        apart = adapted(ids).logits
        together = adapted.merge_and_unload()(ids).logits
    change = largest_difference(merged, before)
    gaps = [largest_difference(merged, apart), largest_difference(merged, together)]
    line = json.dumps({"prompt": "1 + 2 =", "completion": " 3 and more"}) + "\n"
    texts = [subprocess.run([program, "logprobs", stage / name], input=line, text=True, check=True,
                            capture_output=True).stdout for name in ("model", "adapter")]
    right = change > 1e-3 and max(gaps) < TOLERANCE and texts[0] == texts[1]
    print(f"{family:6} {','.join(targets):16} changed by {change:.2g}, PEFT differs by {gaps[0]:.2g}, "
          f"merged by PEFT {gaps[1]:.2g}: {'right' if right else 'WRONG'}")
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    with tempfile.TemporaryDirectory() as work:
        results = [compare(program, family, targets, pathlib.Path(work))
                   for family in ("llama", "qwen2", "qwen3")
                   for targets in (["q_proj", "v_proj"], ["all-linear"])]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
