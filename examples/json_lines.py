"""The loop of an external grader: reads requests from standard input and writes answers, one JSON
object a line (docs/external-graders.md). A reward function has TRL's signature: keyword arguments
`prompts`, `completions`, `completion_ids` and one list for each column of the data set, to a list of
numbers, with None where it does not apply.
"""

import json
import os
import sys


def serve(reward):
    # Whatever else prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        rewards = reward(prompts=request["prompts"], completions=request["completions"],
                         completion_ids=request["completion_ids"], **request["columns"])
        print(json.dumps({"id": request["id"], "rewards": rewards}), file=answers, flush=True)
