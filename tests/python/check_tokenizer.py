#!/usr/bin/env python3
"""Compares `reckon tokenize` with the Hugging Face libraries.

    python tests/python/check_tokenizer.py lines --reckon PROGRAM FOLDER...
    python tests/python/check_tokenizer.py smollm2 MODEL.gguf FOLDER
    python tests/python/check_tokenizer.py cases FOLDER CASES.jsonl

lines: makes lines of text with a fixed seed (many scripts, emoji, code, control characters,
combining marks, long numbers, bytes that are not UTF-8) and compares ids and decoded texts of each
tokenizer FOLDER with those of `tokenizers`; --every-character adds a line for each character of
Unicode. Exits 1 at the first difference. Needs tokenizers 0.23.

smollm2: writes the tokenizer of SmolLM2 into FOLDER, with the vocabulary and merges of a GGUF file.
Needs gguf.

cases: loads FOLDER with transformers.AutoTokenizer. Each line of CASES is an object with `text`,
`ids`, `decoded` and `decoded_skip` (without special tokens); `ids` null says that the text must be
refused. Exits 1 at the first difference. Needs transformers.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

# First and last character of scripts and blocks that lines are made of.
BLOCKS = [(0x41, 0x5A), (0x61, 0x7A), (0x61, 0x7A), (0x61, 0x7A), (0xC0, 0x24F), (0x250, 0x2AF),
          (0x370, 0x3FF), (0x400, 0x4FF), (0x531, 0x556), (0x5D0, 0x5EA), (0x620, 0x6D3),
          (0x700, 0x74F), (0x900, 0x97F), (0x980, 0x9FF), (0xB80, 0xBFF), (0xE01, 0xE5B),
          (0xF00, 0xFD4), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137C),
          (0x1780, 0x17F9), (0x1E00, 0x1FFE), (0x3041, 0x30FF), (0x3105, 0x312F), (0x4E00, 0x9FFF),
          (0xAC00, 0xD7A3), (0xF900, 0xFAD9), (0xFB00, 0xFDFF), (0xFF01, 0xFFEE), (0x10330, 0x1034A),
          (0x10D40, 0x10D8F), (0x11380, 0x113E2), (0x1D400, 0x1D7FF), (0x1E900, 0x1E943),
          (0x20000, 0x20100)]
MARKS = [(0x300, 0x36F), (0x483, 0x487), (0x591, 0x5BD), (0x64B, 0x65F), (0x897, 0x89F),
         (0x8CA, 0x8E1), (0x1AB0, 0x1ACE), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0xFE20, 0xFE2F),
         (0x1E130, 0x1E136), (0x1E4EC, 0x1E4EF), (0x11935, 0x11930), (0x93C, 0x93C), (0x309A, 0x309A)]
DIGITS = [(0x30, 0x39)] * 6 + [(0x660, 0x669), (0x966, 0x96F), (0xB2, 0xB3), (0xBC, 0xBE),
                               (0x2150, 0x2188), (0x2460, 0x249B), (0xFF10, 0xFF19),
                               (0x1D7CE, 0x1D7FF), (0x116D0, 0x116E3)]
SYMBOLS = [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xBF), (0x2010, 0x2027),
           (0x20A0, 0x20C0), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x24B6, 0x24E9), (0x2500, 0x257F),
           (0x3001, 0x301F), (0x1CC00, 0x1CC20)]
SPACES = [" "] * 12 + ["  ", "   ", "\t", "\r", "\r\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f",
                       "\x85", "\xa0", "\u1680", "\u180e", "\u2003", "\u200a", "\u200b", "\u2028",
                       "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff"]
EMOJI = ["\U0001f600", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
         "\U0001f3f4\u200d\u2620\ufe0f", "\U0001f1ea\U0001f1fa", "\u2764\ufe0f\u200d\U0001f525", "1\ufe0f\u20e3",
         "\U0001fae9", "\u263a"]
CODE = ["def f(x):", "    return x", "\tif (a != b) {", "}", "/* c */", "x += 0x1F;", "a->b[i++]", "&&",
        "std::vector<int>", "// TODO", "\"\\n\"", "$HOME/.bashrc", "https://a.b/c?d=e&f=%20", "<div id='x'>",
        "SELECT * FROM t;", "\\frac{1}{2}", "#include <a.h>", "lambda: 0", "f\"{x!r}\"", "=> ", "'''"]
ENGLISH = ["I'm", "you'll", "WE'VE", "it's", "they'd", "don't", "he'S", "\u2019s", "'re", "'ll", "'\u017f",
           "the", "Hello", "world", "reasoning", "therefore", "x2", "3.14", "100,000", "e.g."]
CONTROL = [chr(code) for code in range(32) if code != 10] + ["\x7f", "\x80", "\x9f", "\u200d", "\ufffd",
                                                             "\uffff", "\U0010ffff", "\ue000"]
BROKEN = [b"\xff", b"\x80", b"\xc3", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98",
          b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe0\x80\x80"]


class Lines:
    """Makes lines of bytes, none of which holds a newline."""

    def __init__(self, seed: int, added: list[str]):
        self.random = random.Random(seed)
        self.added = added or ["<none>"]

    def from_blocks(self, blocks: list, most: int) -> str:
        first, last = sorted(self.random.choice(blocks))
        return "".join(chr(self.random.randint(first, last))
                       for _ in range(self.random.randint(1, most)))

    def marked(self) -> str:
        return "".join(self.from_blocks(BLOCKS, 1) + self.from_blocks(MARKS, 4) for _ in range(3))

    def anything(self) -> str:
        code = self.random.randrange(0x110000 - 0x800)
        return chr(code + 0x800 if code >= 0xD800 else code).replace("\n", "")

    def added_token(self) -> str:
        token = self.random.choice(self.added)
        return token if self.random.random() < 0.8 else token[:-1]

    def piece(self) -> str:
        choose = self.random.choice
        makers = [(30, lambda: self.from_blocks(BLOCKS, 9)), (10, lambda: choose(ENGLISH)),
                  (6, lambda: self.from_blocks(DIGITS, 12)), (6, lambda: self.from_blocks(SYMBOLS, 4)),
                  (12, lambda: choose(SPACES) * self.random.choice([1, 1, 1, 2, 7])),
                  (4, lambda: choose(EMOJI)), (4, lambda: choose(CODE)), (3, self.marked),
                  (2, lambda: choose(CONTROL)), (3, self.added_token), (2, self.anything)]
        return self.random.choices([m for _, m in makers], [w for w, _ in makers])[0]()

    def line(self) -> bytes:
        text = ""
        for _ in range(self.random.choice([0, 1, 2, 5, 10, 20, 40])):
            text += self.piece() + (" " if self.random.random() < 0.5 else "")
        data = text.encode().replace(b"\n", b"")
        if self.random.random() < 0.08:
            at = self.random.randint(0, len(data))
            data = data[:at] + self.random.choice(BROKEN) + data[at:]
        if self.random.random() < 0.02:
            data = self.random.randbytes(self.random.randint(1, 60)).replace(b"\n", b"")
        if self.random.random() < 0.005:
            data *= 50
        return data


def every_character() -> list[bytes]:
    """A character alone, doubled, between letters, digits and spaces, and with marks around it."""
    codes = (code for code in range(0x110000) if code != 10 and not 0xD800 <= code < 0xE000)
    return [f"{c}a{c}{c}1 {c} {c}b. 'x{c}a\u0345{c}\u0316".encode() for c in map(chr, codes)]


def run(program: str, arguments: list[str], data: bytes) -> list[str]:
    done = subprocess.run([program, "tokenize", *arguments], input=data, stdout=subprocess.PIPE,
                          check=True)
    return done.stdout.decode().split("\n")[:-1]


def check_folder(program: str, folder: str, arguments: argparse.Namespace) -> bool:
    """Whether both give the same for all lines."""
    from tokenizers import Tokenizer
    library = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    library.no_truncation()
    library.no_padding()
    added = [token.content for token in library.get_added_tokens_decoder().values()]
    lines = Lines(arguments.seed, added)
    data = [lines.line() for _ in range(arguments.lines)]
    if arguments.every_character:
        data += every_character()
    encoded = run(program, [folder], b"".join(line + b"\n" for line in data))
    plain = run(program, [folder, "--no-special"], b"".join(line + b"\n" for line in data))
    decoded = run(program, [folder, "--decode", "--jsonl"], "\n".join(encoded).encode())
    if not len(encoded) == len(plain) == len(decoded) == len(data):
        print(f"{folder}: {len(data)} lines became {len(encoded)}, {len(plain)}, {len(decoded)}")
        return False
    tokens = 0
    for line, got, got_plain, got_text in zip(data, encoded, plain, decoded):
        text = line.decode(errors="replace")
        ids = library.encode(text).ids
        tokens += len(ids)
        pairs = [(json.loads(got)["ids"], ids),
                 (json.loads(got_plain)["ids"], library.encode(text, add_special_tokens=False).ids),
                 (json.loads(got_text)["text"], library.decode(ids, skip_special_tokens=False))]
        for ours, theirs in pairs:
            if ours != theirs:
                print(f"{folder}: {line!r}\n  reckon:     {ours}\n  tokenizers: {theirs}")
                return False
    print(f"{folder}: {len(data)} lines, {sum(map(len, data))} bytes, {tokens} tokens: identical")
    return True


def check_lines(arguments: argparse.Namespace) -> int:
    good = [check_folder(arguments.reckon, folder, arguments) for folder in arguments.folders]
    return 0 if all(good) else 1


def write_smollm2(arguments: argparse.Namespace) -> int:
    import gguf
    fields = gguf.GGUFReader(arguments.gguf).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    control = [i for i, kind in enumerate(kinds) if kind == gguf.TokenType.CONTROL]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    bytes_part = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    document = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": tokens[i], **flags, "special": True} for i in control],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True}, bytes_part]},
        "post_processor": None, "decoder": bytes_part,
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
                  "byte_fallback": False, "ignore_merges": False,
                  "vocab": {token: i for i, token in enumerate(tokens)},
                  "merges": fields["tokenizer.ggml.merges"].contents()}}
    config = {"tokenizer_class": "PreTrainedTokenizerFast",
              "chat_template": fields["tokenizer.chat_template"].contents()}
    for role, key in (("bos_token", "bos"), ("eos_token", "eos"), ("pad_token", "padding")):
        config[role] = tokens[int(fields[f"tokenizer.ggml.{key}_token_id"].contents())]
    folder = pathlib.Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False))
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2))
    return 0


def check_case(tokenizer, case: dict) -> list[str]:
    """What differs, in words."""
    try:
        ids = tokenizer.encode(case["text"])
    except Exception as error:  # the library raises plain Exception for unknown words
        return [] if case["ids"] is None else [f"transformers refuses it: {error}"]
    if ids != case["ids"]:
        return [f"ids {case['ids']}, transformers gives {ids}"]
    differences = []
    for key, skip in (("decoded", False), ("decoded_skip", True)):
        decoded = tokenizer.decode(ids, skip_special_tokens=skip)
        if decoded != case[key]:
            differences.append(f"{key} {case[key]!r}, transformers gives {decoded!r}")
    return differences


def check_cases(arguments: argparse.Namespace) -> int:
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(arguments.folder)
    print(f"{type(tokenizer).__name__}, {len(tokenizer)} tokens", end=", ")
    print(f"bos {tokenizer.bos_token_id} eos {tokenizer.eos_token_id} pad {tokenizer.pad_token_id}")
    count = 0
    with open(arguments.cases, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            differences = check_case(tokenizer, case)
            if differences:
                print(f"{case['text']!r}: {'; '.join(differences)}")
                return 1
            count += 1
    print(f"{count} texts agree")
    return 0 if count else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    lines = commands.add_parser("lines")
    lines.add_argument("--reckon", default="build/release/cli/reckon")
    lines.add_argument("--lines", type=int, default=20000)
    lines.add_argument("--seed", type=int, default=1)
    lines.add_argument("--every-character", action="store_true")
    lines.add_argument("folders", nargs="+")
    lines.set_defaults(action=check_lines)
    smollm2 = commands.add_parser("smollm2")
    smollm2.add_argument("gguf")
    smollm2.add_argument("folder")
    smollm2.set_defaults(action=write_smollm2)
    cases = commands.add_parser("cases")
    cases.add_argument("folder")
    cases.add_argument("cases")
    cases.set_defaults(action=check_cases)
    arguments = parser.parse_args()
    return arguments.action(arguments)


if __name__ == "__main__":
    sys.exit(main())
