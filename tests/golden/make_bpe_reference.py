#!/usr/bin/env python3
"""Writes tokenizer_bpe/: small byte-level BPE tokenizers, one for each family, and what they give.

Each FAMILY/tokenizer.json is trained here, by the `tokenizers` library, on text made here, with the
normalizer, pre-tokenizer and post-processor of a family of models. texts.json is a list of texts;
FAMILY/cases.json has `ids` of each of them as `encode` gives them, and `decoded`: lists of random
ids with their text, with and without special tokens. Made with tokenizers 0.23.3.
"""

import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

FOLDER = pathlib.Path(__file__).parent / "tokenizer_bpe"
VOCABULARY = 600
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
# Published with the models; what matters is that other programs cut texts alike.
QWEN = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
DEEPSEEK = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
            r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

SYLLABLES = ["ba", "ren", "ti", "lo", "sha", "mer", "ing", "ed", "er", "qu", "o", "an", "st", "pre",
             "\u00e9", "\u00fc", "\u0434\u0430", "\u043d\u0435", "\u03bb\u03cc", "\u4f60\u597d", "\u3053\u306e", "\ud55c",
             "\u0939\u093f", "\u05d0\u05d1", "\u0627\u0644", "\u0e44\u0e17"]
PUNCTUATION = [".", ",", "!", "?", ";", ":", "(", ")", "()", "{}", "[0]", "->", "==", "//", "_", "'s",
               "'ll", "'T", "\u2019s", "\u2026", "\u3002", "$", "%", "\u20ac", "\"", "\\n"]
SPACES = [" ", "  ", "    ", "\t", "\n", "\n\n", "\r\n", " \n", "\n  ", "\u00a0", "\u3000", "\u2028",
          "\u0085", "\u200b", "\u180e", "\u001c", "\u001f", "\u000b"]
ODD = ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1ea\U0001f1fa", "e\u0301",
       "\u0065\u0323\u0302", "\u1112\u1161\u11ab", "\u212b", "\ufb01", "\u0000", "\u007f", "\ufffd", "\ufeff",
       "\u0661\u0662", "\u00bd", "\u2167", "\u0e01\u0e33", "a\u035c\u0345\u0301", "\U00010d40", "\u0300",
       "\U0001e4ec", "'\u017f", "\U000105d2\u0307", "\u0966\u0967\u0968\u0969"]


def word(generator: random.Random) -> str:
    text = "".join(generator.choices(SYLLABLES, k=generator.randint(1, 4)))
    return generator.choice([text, text, text.capitalize(), text.upper()])


def line(generator: random.Random, odd: float) -> str:
    pieces = []
    for _ in range(generator.randint(1, 14)):
        draw = generator.random()
        if draw < odd:
            pieces.append(generator.choice(ODD + SPACES))
        elif draw < odd + 0.12:
            pieces.append(str(generator.randint(0, 10 ** generator.randint(1, 9))))
        elif draw < odd + 0.3:
            pieces.append(generator.choice(PUNCTUATION))
        else:
            pieces.append(word(generator))
        if generator.random() < 0.7:
            pieces.append(" ")
    return "".join(pieces)


def texts(generator: random.Random) -> list[str]:
    special = ["<|end|>", "<|im_start|>", "<think>", "<left>", "<right>", "<word>", "<|end", "\u00c5ngstr"]
    result = ["", " ", "\n", "Hello world", "I'll SAY it's 12345 times", "x" * 300, " " * 70 + "a",
              "thinking thinking", "word<word> <word>,<word>a", "a \n <left> \t<right> \n b<think>"]
    result += [line(generator, 0.15) for _ in range(60)]
    result += [line(generator, 0.6) for _ in range(30)]
    for _ in range(30):
        pieces = [line(generator, 0.1) for _ in range(2)] + generator.choices(special, k=2)
        generator.shuffle(pieces)
        result.append("".join(pieces))
    return result


def split(pattern: str, behavior: str = "isolated", invert: bool = False) -> pre_tokenizers.Split:
    return pre_tokenizers.Split(Regex(pattern), behavior, invert=invert)


def byte_level(use_regex: bool, prefix: bool = False) -> pre_tokenizers.ByteLevel:
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)


def families() -> dict:
    sequence = pre_tokenizers.Sequence
    ends = processors.TemplateProcessing(single="<|im_start|> $A <|end|>",
                                         special_tokens=[("<|im_start|>", 1), ("<|end|>", 0)])
    begin = processors.TemplateProcessing(single="<|im_start|> $A", special_tokens=[("<|im_start|>", 1)])
    return {
        "gpt2": (None, byte_level(True), processors.ByteLevel(trim_offsets=False)),
        "llama3": (None, sequence([split(LLAMA), byte_level(False)]),
                   processors.Sequence([processors.ByteLevel(trim_offsets=False), begin])),
        "qwen2": (normalizers.NFC(), sequence([split(QWEN), byte_level(False)]),
                  processors.ByteLevel(trim_offsets=False)),
        "smollm": (None, sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(True)]),
                   None),
        "deepseek": (normalizers.Sequence([]), sequence([
            split(r"\p{N}{1,3}"), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
            split(DEEPSEEK), byte_level(False)]), begin),
        "behaviors": (normalizers.Sequence([normalizers.NFD(), normalizers.NFC()]), sequence([
            split(r"[\r\n]", "removed"), split(r"\p{Lu}", "merged_with_next"),
            pre_tokenizers.Split("e", "merged_with_previous"),
            split(r"[\p{P}\p{S}]", "contiguous"), split(r"\s+", "isolated", invert=True),
            split(r"\w{,3}x*", "merged_with_previous"),
            pre_tokenizers.Digits(individual_digits=False), byte_level(True, prefix=True)]), ends),
    }


def train(normalizer, pre_tokenizer, post_processor) -> Tokenizer:
    generator = random.Random(3)
    tokenizer = Tokenizer(models.BPE())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, show_progress=False, min_frequency=2,
                                  special_tokens=["<|end|>", "<|im_start|>", "<|im_end|>"],
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([line(generator, 0.05) for _ in range(3000)], trainer)
    tokenizer.add_tokens([AddedToken("<think>", normalized=False),
                          AddedToken("<left>", lstrip=True, normalized=False),
                          AddedToken("<right>", rstrip=True, normalized=False),
                          AddedToken("<word>", single_word=True, normalized=True),
                          AddedToken("\u212bngstr", normalized=True)])
    if post_processor is not None:
        tokenizer.post_processor = post_processor
    return tokenizer


def adapt(family: str, document: dict) -> dict:
    """What the library cannot train: the old spelling of merges, whole words, holes between ids."""
    model = document["model"]
    if family in ("gpt2", "smollm"):
        model["merges"] = [" ".join(pair) for pair in model["merges"]]
    if family == "llama3":
        model["ignore_merges"] = True
        # The library gives new ids to added tokens that are not in the vocabulary.
        model["vocab"].update({token["content"]: token["id"] for token in document["added_tokens"]})
        model["vocab"]["thinking"] = 700
        model["vocab"]["\u0120thinking"] = 702
    return document


def decoded(tokenizer: Tokenizer, generator: random.Random) -> list:
    result = []
    for _ in range(25):
        ids = [generator.randint(0, 620) for _ in range(generator.randint(1, 12))]
        result.append([ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    return result


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    lines = texts(random.Random(5))
    (FOLDER / "texts.json").write_text(json.dumps(lines, indent=0) + "\n")
    for family, parts in families().items():
        folder = FOLDER / family
        folder.mkdir(exist_ok=True)
        document = adapt(family, json.loads(train(*parts).to_str()))
        text = compact(document)
        (folder / "tokenizer.json").write_text(text + "\n")
        tokenizer = Tokenizer.from_str(text)
        cases = {"ids": [tokenizer.encode(line).ids for line in lines],
                 "decoded": decoded(tokenizer, random.Random(11))}
        (folder / "cases.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
