#!/usr/bin/env python3
"""Compares a tokenizer folder with what a program made of the same texts.

    python tests/python/check_tokenizer.py FOLDER CASES.jsonl

Loads FOLDER with transformers.AutoTokenizer. Each line of CASES is an object with `text`, `ids`,
`decoded` and `decoded_skip` (without special tokens); `ids` null says that the text must be
refused. Exits 1 at the first difference. Needs transformers.
"""

import json
import sys

from transformers import AutoTokenizer


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


def main() -> int:
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    print(f"{type(tokenizer).__name__}, {len(tokenizer)} tokens", end=", ")
    print(f"bos {tokenizer.bos_token_id} eos {tokenizer.eos_token_id} pad {tokenizer.pad_token_id}")
    count = 0
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            case = json.loads(line)
            differences = check_case(tokenizer, case)
            if differences:
                print(f"{case['text']!r}: {'; '.join(differences)}")
                return 1
            count += 1
    print(f"{count} texts agree")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main())
