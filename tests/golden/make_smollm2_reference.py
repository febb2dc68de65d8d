#!/usr/bin/env python3
"""Writes smollm2.json: what transformers and tokenizers give for SmolLM2-135M-Instruct.

    reckon convert .deps/models/SmolLM2-135M-Instruct.Q4_1.gguf FOLDER --type f32
    python make_smollm2_reference.py FOLDER

FOLDER holds the weights of the GGUF file as float32, which transformers reads by itself. The file
has `logprobs`: texts with their ids and the natural logarithm of every id but the first;
`greedy`: prompts with the ids that follow; `tokens`: lines with their ids; `chats`: conversations
with the prompt that the model's template makes of them. Made with torch 2.11.0, transformers
5.23.0, tokenizers 0.23.3.
"""

import argparse
import json
import pathlib
import random

import torch
import transformers

TEXTS = [
    "The harbour was quiet in the morning, and only two boats had left before the rain began.",
    "def area(width, height):\n    return width * height\n\nprint(area(3, 14))  # 42\n",
    "12 + 7 = 19, so \\frac{19}{2} = 9.5 and \\boxed{9.5} is the answer.",
    "Привет! 数学は楽しい。 naïve café — “quotes” 🚀👩‍👧",
    "<|im_start|>user\nWhat is 6 + 9?<|im_end|>\n<|im_start|>assistant\n6 + 9 = 15<|im_end|>\n",
    "A list:\n\n  - apples   (3)\n  - pears\t(14)\n\n\nEnd.",
]
PROMPTS = [
    "Once upon a time, in a",
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
    "for i in range(10):\n    print(",
]
NEW_TOKENS = 24
# Rounding decides where the runner-up is not clearly behind: the reference ends there.
CLEAR = 0.02
FEWEST_TOKENS = 8
CHATS = [
    [{"role": "user", "content": "What is 6 + 9?"}],
    [{"role": "system", "content": "You calculate."}, {"role": "user", "content": " spaced \n"}],
    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello 👋"},
     {"role": "user", "content": "Write <b>{{ code }}</b>, please"}],
    [{"role": "system", "content": ""}, {"role": "user", "content": "日本語で"}],
]
PIECES = [
    "the", "Quick", "BROWN", "foxes'", "it's", "we'LL", "don't", "naïve", "Straße", "Ελλάδα", "Привет",
    "שלום", "مرحبا", "नमस्ते", "สวัสดี", "你好世界", "こんにちは", "안녕", "🚀", "👩‍👩‍👧‍👦", "🇪🇺", "e\u0301", "\u00a0", "\u200b",
    "\u3000", "\t", "\r\n", "\n\n", "   ", "0", "42", "3.14159", "1,000,000", "１２", "½", "x²", "$5", "{", "}();",
    "->", "!=", "//", "#", "\\frac{1}{2}", "\\boxed{7}", "snake_case", "camelCase", "https://a.b/c?d=e",
    "\u0000", "\u007f", "\u0085", "\ufffd", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_",
    "<empty_output>", "...", "—", "“", "”", "ſ", "ǅ", "\u1112\u1161\u11ab", "𝔘𝔫𝔦", "a" * 40,
]


def lines(count):
    draw = random.Random(11)
    result = ["", " ", "\n", "Hello world", " Hello  world ", "12345678"]
    while len(result) < count:
        parts = []
        for _ in range(draw.randint(1, 6)):
            parts.append(draw.choice(PIECES))
            parts.append(draw.choice(["", " ", " ", "  "]))
        result.append("".join(parts))
    return result


def logprobs(model, ids):
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, :-1].double()
    taken = torch.log_softmax(logits, -1)[torch.arange(len(ids) - 1), torch.tensor(ids[1:])]
    return [round(value, 5) for value in taken.tolist()]


def greedy(model, prompt):
    ids = list(prompt)
    for _ in range(NEW_TOKENS):
        with torch.no_grad():
            best = model(torch.tensor([ids])).logits[0, -1].double().topk(2)
        if best.values[0] - best.values[1] < CLEAR:
            break
        ids.append(best.indices[0].item())
    if len(ids) < len(prompt) + FEWEST_TOKENS:
        raise SystemExit(f"no clear choice behind {ids}: choose another prompt")
    return ids[len(prompt):]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        arguments.folder, dtype=torch.float32).eval()
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(arguments.folder)

    def encode(text):
        return tokenizer(text, add_special_tokens=False).input_ids

    document = {"logprobs": [], "greedy": [], "tokens": [], "chats": []}
    for text in TEXTS:
        ids = encode(text)
        document["logprobs"].append({"text": text, "ids": ids, "logprobs": logprobs(model, ids)})
    for prompt in PROMPTS:
        document["greedy"].append({"prompt": prompt, "ids": greedy(model, encode(prompt))})
    document["tokens"] = [[line, encode(line)] for line in lines(200)]
    for messages in CHATS:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        document["chats"].append({"messages": messages, "prompt": text})
    # One value of a list in a line, so that changes can be read.
    keys = [f'"{key}": [\n' + ",\n".join(json.dumps(one) for one in values) + "\n]"
            for key, values in document.items()]
    (arguments.out / "smollm2.json").write_text("{\n" + ",\n".join(keys) + "\n}\n")


if __name__ == "__main__":
    main()
