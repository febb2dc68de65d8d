"""Runs the example graders of examples/ over the protocol of docs/external-graders.md.

    check_external.py [--python PYTHON]

PYTHON (default: the one that runs this) must have the packages math-verify and reasoning-gym. Exit
status: 0 the graders said what they should, 1 something else.
"""

import argparse
import json
import pathlib
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def ask(python, script, requests):
    """The answers of a grader, by id, with at most 8 requests under way."""
    program = subprocess.Popen([python, str(EXAMPLES / script)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    answers = {}
    for begin in range(0, len(requests), 8):
        for request in requests[begin:begin + 8]:
            print(json.dumps(request), file=program.stdin, flush=True)
        for _ in requests[begin:begin + 8]:
            answer = json.loads(program.stdout.readline())
            answers[answer["id"]] = answer["rewards"]
    program.stdin.close()
    assert program.wait(timeout=20) == 0, f"{script} ended with status {program.returncode}"
    return answers


def request(number, completions, columns):
    return {"id": number, "step": 0, "prompts": [""] * len(completions),
            "completions": completions, "completion_ids": [[]] * len(completions),
            "columns": columns}


def check(name, got, expected):
    print(f"{name}: {got}")
    return got == expected


def check_math(python):
    answers = ask(python, "external_math_verify.py", [
        request(1, ["so it is $\\boxed{\\frac{1}{2}}$", "so it is $\\boxed{3}$", "no idea"],
                {"answer": ["0.5", "0.5", "0.5"]}),
        request(2, ["so it is $\\boxed{x^2+2x+1}$"], {"answer": ["(x+1)^2"]})])
    return check("math-verify", answers, {1: [1.0, 0.0, 0.0], 2: [1.0]})


def check_gym(python):
    make = ("import json, reasoning_gym; "
            "print(json.dumps(list(reasoning_gym.create_dataset('basic_arithmetic', size=20, "
            "seed=1)), default=str))")
    entries = json.loads(subprocess.run([python, "-c", make], check=True, text=True,
                                        stdout=subprocess.PIPE).stdout)
    requests = [request(i, [f"<think>hm</think><answer>{entry['answer']}</answer>", "no answer"],
                        {key: [entry[key]] * 2 for key in ("question", "answer", "metadata")})
                for i, entry in enumerate(entries)]
    answers = ask(python, "external_reasoning_gym.py", requests)
    return check("reasoning-gym", answers, {i: [1.0, 0.0] for i in range(len(entries))})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    python = parser.parse_args().python
    results = [check_math(python), check_gym(python)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
