"""Grades a task of the package reasoning-gym by its own rules. Columns: `question`, `answer`,
`metadata`, as the package makes them.

    {"kind": "external", "command": ["python3", "examples/external_reasoning_gym.py"]}
"""

import re

import reasoning_gym
from json_lines import serve


def reward(completions, question, answer, metadata, **_):
    scores = []
    for completion, *entry in zip(completions, question, answer, metadata):
        entry = dict(zip(("question", "answer", "metadata"), entry))
        grade = reasoning_gym.get_score_answer_fn(entry["metadata"]["source_dataset"])
        found = re.findall(r"<answer>(.*?)</answer>", completion, re.DOTALL)
        scores.append(float(grade(found[-1].strip() if found else None, entry)))
    return scores


serve(reward)
