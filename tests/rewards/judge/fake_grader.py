"""A grader that speaks the protocol of docs/external-graders.md and misbehaves when it is told to."""

import json
import os
import subprocess
import sys
import time


def score(completion, answer):
    if completion == "die":
        print("Traceback: the grader met its end", file=sys.stderr)
        sys.exit(3)
    if completion == "hang":
        time.sleep(60)
    if completion == "nan":
        return float("nan")
    if completion == "text":
        return "good"
    if completion == "pid":
        return os.getpid()
    if completion == "slow":
        time.sleep(0.15)
    return 1.0 if completion == answer else None if answer is None else 0.0


def reply(request):
    answers = request["columns"].get("answer", [None] * len(request["completions"]))
    scores = [score(c, a) for c, a in zip(request["completions"], answers)]
    if "count" in request["completions"]:
        scores.append(0.0)
    if "stray" in request["completions"]:
        print("debug: a line that is no JSON")
    return {"id": request["id"], "rewards": scores,
            "log": {"parsed": [c.upper() for c in request["completions"]],
                    "step": [request["step"]] * len(scores)}}


def main(mode):
    if mode == "dead":
        print("ModuleNotFoundError: No module named 'grader'", file=sys.stderr)
        sys.exit(1)
    if mode == "child":
        subprocess.Popen(["sleep", "60"])
    held = []
    for line in sys.stdin:
        held.append(reply(json.loads(line)))
        if mode == "reversed" and len(held) < 2:
            continue
        for answer in reversed(held):
            print(json.dumps(answer), flush=True)
        held = []


main(sys.argv[1] if len(sys.argv) > 1 else "plain")
