"""Run folders for the tests of the live page: made-up ones, and a recipe that runs for a while."""

import json
import time

# What a model could write to break out of a page that shows it as markup.
HOSTILE = (
    "<script>window.broken = 1</script><img src=x onerror='window.broken = 2'>"
    "<iframe src='javascript:parent.broken = 3'></iframe></pre></code><b id='smuggled'>bold</b>"
    "<style>body { display: none }</style><a href='javascript:broken = 4'>link</a>"
    "\u0000\u0007\u001b[31m\u007f\u202e reversed \u2066 {{data}} ${7*7} </think> <answer> 1 </answer>")
LONG_LINE = "wide " * 210_000  # one line of a megabyte

RECIPE = {
    "name": "page-test", "seed": 7, "device": "cpu", "model": {"preset": "tiny-smoke"},
    "task": {"kind": "countdown"},
    "stages": [
        {"name": "base", "kind": "pretrain", "corpus": {"kind": "countdown-traces"},
         "max_steps": 100, "tokens_per_step": 512, "logging_steps": 5, "learning_rate": 5e-3},
        {"name": "zero", "kind": "grpo", "policy": "base", "prompts_per_step": 4,
         "num_generations": 4, "max_completion_length": 48,
         "rewards": [{"kind": "countdown"}, {"kind": "format", "weight": 0.1}],
         "max_steps": 2000, "learning_rate": 1e-3, "eval_steps": 10, "eval_prompts": 16}],
}


def append(file, value):
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")


def put_status(folder, **changed):
    status = {"state": "finished", "stage": "zero", "stage_index": 1, "num_stages": 2, "step": 40,
              "max_steps": 40, "phase": "finished", "heartbeat": time.time()} | changed
    new = folder / "status.json.new"
    new.write_text(json.dumps(status))
    new.replace(folder / "status.json")


def answer(step, index, sample, text, **changed):
    correct = sample % 2 == 0
    return {"stage": "zero", "step": step, "prompt_index": index, "sample": sample,
            "prompt": f"make {index} of 1 2 3", "completion": text, "num_tokens": 12,
            "finish_reason": "stop", "rewards": {"countdown": float(correct), "format": 1.0},
            "reward": 1.1 if correct else 0.1, "advantage": 0.5 if correct else -0.5,
            "extracted": "1 + 2", "gold": "3", "difficulty": "easy",
            "reason": "correct" if correct else "wrong value"} | changed


def make_run(folder, steps=40, answers=True):
    """A finished run of two stages."""
    folder.mkdir(parents=True)
    stages = [{"name": "base", "kind": "pretrain", "max_steps": 20},
              {"name": "zero", "kind": "grpo", "max_steps": 40}]
    (folder / "recipe.json").write_text(json.dumps({
        "recipe": {"name": folder.name, "seed": 1, "stages": stages}, "hash": "0123456789abcdef",
        "version": "0.1.0", "device": "cpu", "threads": 2, "command": "reckon run it"}))
    for step in range(1, 21):
        append(folder / "metrics.jsonl", {"stage": "base", "kind": "pretrain", "step": step,
                                          "loss": 3 / step, "step_time": 0.5, "num_tokens": 100 * step})
    for step in range(1, steps + 1):
        add_step(folder, step)
        if answers:
            for prompt in range(3):
                for sample in range(4):
                    text = f"<think> step {step} wait </think> <answer> {sample} </answer>"
                    append(folder / "completions.jsonl", answer(step, prompt, sample, text))
    put_status(folder)
    return folder


def add_step(folder, step):
    append(folder / "metrics.jsonl", {
        "stage": "zero", "kind": "grpo", "step": step, "reward": 0.02 * step, "reward_std": 0.1,
        "rewards/countdown/mean": 0.01 * step, "rewards/format/mean": 0.9, "accuracy": 0.01 * step,
        "completions/mean_length": 20 + step, "completions/length_p10": 5 + step,
        "completions/length_p90": 40 + step, "reflection/wait": 0.1 * step,
        "reflection/hmm": 0.2, "entropy": 2 / step, "kl": 0.01, "grad_norm": 1.0,
        "own/number": step, "step_time": 1.0, "num_tokens": 50 * step, "memory/peak": 3e8})


def add_hostile_answers(folder):
    """A newest step whose answers try everything; a name of a reward and a prompt do, too."""
    file = folder / "completions.jsonl"
    append(file, answer(41, 0, 0, HOSTILE, prompt=HOSTILE, extracted=HOSTILE, gold=HOSTILE,
                        reason=HOSTILE, difficulty=HOSTILE, rewards={HOSTILE: 1.0, "b": 0.0}))
    append(file, answer(41, 0, 1, LONG_LINE + "END-OF-LINE", prompt=HOSTILE))
    append(file, answer(41, 0, 2, "shaded", prompt=HOSTILE,
                        tokens=["<b>", "sure", " unsure"], logprobs=[-0.1, -0.2, -4.5]))
