"""Grades mathematics with the package math-verify. Column: `answer`.

    {"kind": "external", "command": ["python3", "examples/external_math_verify.py"]}
"""

from json_lines import serve
from math_verify import parse, verify


def reward(completions, answer, **_):
    scores = []
    for completion, gold_text in zip(completions, answer):
        # A gold needs a mathematical environment to be read; no limit of time of its own, for
        # reckon ends a program that takes too long.
        gold = parse(f"${gold_text}$", parsing_timeout=None)
        right = gold and verify(gold, parse(completion, parsing_timeout=None), timeout_seconds=None)
        scores.append(float(right) if gold else None)
    return scores


serve(reward)
