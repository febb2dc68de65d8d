"""Compares the prompts that `reckon generate --print-prompt` writes with those of transformers.

    check_chat.py RECKON TOKENIZER_FOLDER [--templates FOLDER ...] [--gguf FILE] [--count N]

TOKENIZER_FOLDER is any Hugging Face folder that both programs read; its chat template is compared,
and with `--templates` every *.jinja file of these folders in its place (the Python package `trl`
carries those of Qwen, Llama 3, DeepSeek and others: unpack its wheel), with `--gguf` also the one
in that file. Conversations are random: with and without a system message, Unicode, blanks at the
ends, thoughts, texts that look like tags. Where transformers refuses one, reckon must refuse too.
Needs transformers, jinja2 and, for `--gguf`, gguf. Exit status: 0 equal, 1 different, 2 bad input.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from transformers import PreTrainedTokenizerFast

WORDS = ("Hello world, what is 2+2? äöü ß 日本語 🙂 emoji\u200d <tag> </think> <think> {{x}} {%if%} "
         "line\nbreak tab\t <|im_end|> [INST] 'single' \"double\" \\back \u2028 \x85 end").split(" ")
BLANKS = [" ", "\n", "\n\n ", "\t", "\u3000"]


def random_text(rng):
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 12)))
    if rng.random() < 0.3:
        text = rng.choice(BLANKS) + text
    if rng.random() < 0.3:
        text += rng.choice(BLANKS)
    if rng.random() < 0.2:
        text = "<think>\n" + rng.choice(WORDS) + "\n</think>\n\n" + text
    return text


def random_conversation(rng):
    turns = []
    if rng.random() < 0.5:
        turns.append({"role": "system", "content": random_text(rng)})
    for turn in range(rng.randint(1, 5)):
        turns.append({"role": "user", "content": random_text(rng)})
        if turn or rng.random() < 0.7:
            turns.append({"role": "assistant", "content": random_text(rng)})
    if rng.random() < 0.5 and turns[-1]["role"] == "assistant":
        turns.pop()
    return turns


def templates(arguments, tokenizer):
    found = {"of the folder": tokenizer.chat_template} if tokenizer.chat_template else {}
    for folder in arguments.templates:
        for path in sorted(pathlib.Path(folder).glob("*.jinja")):
            found[path.stem] = path.read_text(encoding="utf-8")
    if arguments.gguf:
        import gguf
        field = gguf.GGUFReader(arguments.gguf).fields["tokenizer.chat_template"]
        found["of the GGUF file"] = field.contents()
    return found


def write_folder(source, folder, template):
    """The tokenizer of `source` with another chat template."""
    for name in ("tokenizer.json", "special_tokens_map.json"):
        if (source / name).exists():
            shutil.copy(source / name, folder / name)
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def reckon_prompts(arguments, folder, conversations, add_generation_prompt):
    """The prompts in one call, or one call for each where some conversation is refused."""
    def call(some):
        path = pathlib.Path(folder) / "in.jsonl"
        path.write_text("".join(json.dumps({"messages": one}) + "\n" for one in some))
        command = [arguments.reckon, "generate", str(folder), "--file", str(path), "--print-prompt"]
        if not add_generation_prompt:
            command.append("--no-generation-prompt")
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return [json.loads(line)["prompt"] for line in done.stdout.decode().split("\n")[:-1]]
        if len(some) > 1:
            return [prompt for one in some for prompt in call([one])]
        return ["refused: " + done.stderr.decode().strip()]
    return call(conversations)


def expected_prompt(tokenizer, template, conversation, add_generation_prompt):
    try:
        return tokenizer.apply_chat_template(conversation, chat_template=template, tokenize=False,
                                             add_generation_prompt=add_generation_prompt)
    except Exception as error:  # a template may raise anything
        return f"refused: {error!r}"


def same(expected, got):
    if expected.startswith("refused: "):
        return got.startswith("refused: ") and "this program knows" not in got
    return expected == got


def check_template(arguments, tokenizer, name, template, rng):
    conversations = [random_conversation(rng) for _ in range(arguments.count)]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write_folder(arguments.folder, pathlib.Path(folder), template)
        for add_generation_prompt in (True, False):
            prompts = reckon_prompts(arguments, folder, conversations, add_generation_prompt)
            for conversation, got in zip(conversations, prompts, strict=True):
                expected = expected_prompt(tokenizer, template, conversation,
                                           add_generation_prompt)
                if not same(expected, got):
                    wrong += 1
                    if wrong == 1:
                        print(f"{name}: {conversation}\n  expected {expected!r}\n  got {got!r}")
    print(f"{name}: {2 * arguments.count - wrong} of {2 * arguments.count} equal")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("reckon")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--templates", action="append", default=[])
    parser.add_argument("--gguf")
    parser.add_argument("--count", type=int, default=50)
    arguments = parser.parse_args()
    if not (arguments.folder / "tokenizer_config.json").exists():
        print(f"expected a folder with tokenizer_config.json, got {arguments.folder}")
        return 2
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(arguments.folder))
    rng = random.Random(7)
    wrong = sum(check_template(arguments, tokenizer, name, template, rng)
                for name, template in templates(arguments, tokenizer).items())
    print("all equal" if wrong == 0 else f"{wrong} prompts differ")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
