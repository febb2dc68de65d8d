#!/usr/bin/env python3
"""Writes tokenizer_words/: a word-level tokenizer saved by transformers, and cases.jsonl.

Each case has a text, its ids, and their text with and without special tokens, as transformers
gives them. The C++ test loads the folder and expects the same. Needs transformers; made with
transformers 5.23.0 and tokenizers 0.23.3.
"""

import json
import pathlib
import random

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast

FOLDER = pathlib.Path(__file__).parent / "tokenizer_words"
WORDS = ["<pad>", "<bos>", "<eos>", "<unk>", "<think>", "</think>", "+", "-", "10", "1", "yes", "\u00e4h"]
ADDED = [
    AddedToken("<a>", normalized=False),
    AddedToken("<a><b>", normalized=False),
    AddedToken("<left>", normalized=False, lstrip=True),
    AddedToken("<right>", normalized=False, rstrip=True),
    AddedToken("[n]", normalized=True),
    AddedToken("<s>", normalized=False, special=True),
]
PIECES = WORDS + [str(token.content) for token in ADDED]
PIECES += ["none", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\u0085", "\U0001f600"]


def build() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.add_special_tokens(["<pad>", "<bos>", "<eos>"])
    tokenizer.add_tokens(ADDED)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


def texts() -> list[str]:
    generator = random.Random(7)
    fixed = ["", " ", "<bos> 10 + 1 <eos>", "x<a><b><a>y", "10<bos>1", " <left>  <right>  yes"]
    mixed = ["".join(generator.choices(PIECES, k=generator.randint(1, 12))) for _ in range(150)]
    spaced = [" ".join(generator.choices(PIECES, k=generator.randint(1, 12))) for _ in range(50)]
    return fixed + mixed + spaced


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    tokenizer = build()
    tokenizer.save_pretrained(FOLDER)
    with (FOLDER / "cases.jsonl").open("w", encoding="utf-8") as file:
        for text in texts():
            ids = tokenizer.encode(text)
            case = {
                "text": text,
                "ids": ids,
                "decoded": tokenizer.decode(ids),
                "decoded_skip": tokenizer.decode(ids, skip_special_tokens=True),
            }
            file.write(json.dumps(case) + "\n")


if __name__ == "__main__":
    main()
