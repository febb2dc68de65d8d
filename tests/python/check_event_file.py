#!/usr/bin/env python3
"""Reads the event files of a run's events/ folder with TensorBoard and says what they hold.

    python tests/python/check_event_file.py RUN/events

Exits 1 if a record is torn or damaged, if TensorBoard finds nothing, or if the steps of a tag do
not rise. Where the files of the run lie beside, also if a number of metrics.jsonl or evals.jsonl is
missing or differs, if a stage that samples answers has no distribution of their lengths at each
step, or if it has no example at its first step or TensorBoard would not show that as it is. Needs
tensorboard.
"""

import html
import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.plugin_util import markdown_to_safe_html


def count_records(path: pathlib.Path) -> int:
    """The records of a file. Raises unless checksums hold and the last record is whole."""
    reader = PyRecordReader_New(str(path))
    size = 0
    count = 0
    while size < path.stat().st_size:
        reader.GetNext()  # raises for a torn record and for a wrong checksum
        Event.FromString(reader.record())
        size += len(reader.record()) + 16
        count += 1
    return count


def check_tag(name: str, kind: str, events: list) -> bool:
    steps = [event.step for event in events]
    rising = all(a < b for a, b in zip(steps, steps[1:]))
    note = "" if rising else "  STEPS DO NOT RISE"
    print(f"{kind:10} {name}: {len(events)} events, steps {steps[0]} to {steps[-1]}{note}")
    return rising


def read_lines(path: pathlib.Path) -> list:
    """The objects of a JSON lines file, less a half-written last line."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True)
            if line.endswith("\n")]


def numbers(prefix: str, line: dict) -> dict:
    """The numbers of a line and of the objects in it, by tag."""
    found = {}
    for key, value in line.items():
        if isinstance(value, dict):
            found.update(numbers(f"{prefix}/{key}", value))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[f"{prefix}/{key}"] = value
    return found


def expected_scalars(run: pathlib.Path) -> dict:
    """Value by tag and step, as the run's other files have it."""
    found = {}
    for line in read_lines(run / "metrics.jsonl"):
        step = line.pop("step")
        flat = {key: value for key, value in line.items() if not isinstance(value, dict)}
        for tag, value in numbers(line["stage"], flat).items():
            found[tag, step] = value
    for line in read_lines(run / "evals.jsonl"):
        step = line.pop("step")
        line.pop("sampling", None)
        tag = f"{line['stage']}/eval/{line['data']}"
        if line["policy"] != line["stage"]:
            tag += "/" + line["policy"]
        for key, value in numbers(tag, line).items():
            found[key, step] = value
    return found


def check_scalars(run: pathlib.Path, accumulator) -> list:
    """Texts that say what is missing or differs."""
    tags = set(accumulator.Tags()["scalars"])
    values = {(tag, event.step): event.value for tag in tags for event in accumulator.Scalars(tag)}
    wrong = []
    expected = expected_scalars(run)
    for (tag, step), value in expected.items():
        got = values.get((tag, step))
        if got is None or not math.isclose(got, value, rel_tol=1e-6, abs_tol=1e-37):
            wrong.append(f"{tag} at step {step}: expected {value}, got {got}")
    print(f"{len(expected)} numbers of the run's files, {len(wrong)} missing or different")
    return wrong


def check_example(tag: str, event) -> list:
    """An example is shown with its words in their order and nothing taken out of it."""
    text = event.tensor_proto.string_val[0].decode()
    prompt, middle, answer = text.removeprefix("Prompt\n\n").partition("\n\nAnswer\n\n")
    if not middle:
        return [f"{tag} at step {event.step}: expected a prompt and an answer, got {text!r}"]
    shown = markdown_to_safe_html(text)
    wrong = []
    for part in (prompt, answer):
        block = html.escape("\n".join(line[4:].expandtabs(4) for line in part.split("\n")), quote=False).strip()
        if block not in shown.replace("&quot;", '"').replace("&#39;", "'"):
            wrong.append(f"{tag} at step {event.step}: TensorBoard shows {shown!r}")
    return wrong


def check_answers(run: pathlib.Path, accumulator) -> list:
    """Lengths at each step and an example at the first, for stages that sample answers."""
    wrong = []
    steps = {}
    for line in read_lines(run / "metrics.jsonl"):
        if line.get("completions/mean_length") is not None:
            steps.setdefault(line["stage"], []).append(line["step"])
    tags = accumulator.Tags()
    for stage, all_steps in steps.items():
        lengths, example = f"{stage}/completions/length", f"{stage}/completion"
        got = accumulator.Histograms(lengths) if lengths in tags["histograms"] else []
        if not set(all_steps) <= {event.step for event in got}:
            wrong.append(f"{lengths}: expected {len(all_steps)} histograms, got {len(got)}")
        texts = accumulator.Tensors(example) if example in tags["tensors"] else []
        if not texts or texts[0].step != all_steps[0]:
            wrong.append(f"{example}: expected a text at step {all_steps[0]}, got {len(texts)} later")
        for event in texts:
            wrong += check_example(example, event)
    print(f"{len(steps)} stages that sample, {len(wrong)} faults")
    return wrong


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    paths = sorted(folder.glob("*tfevents*"))
    for path in paths:
        print(f"{path}: {count_records(path)} records")
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    accumulator.Reload()
    readers = {
        "scalars": accumulator.Scalars,
        "histograms": accumulator.Histograms,
        "tensors": accumulator.Tensors,
    }
    good = [
        check_tag(tag, kind, read(tag))
        for kind, read in readers.items()
        for tag in accumulator.Tags()[kind]
    ]
    print(f"{len(good)} tags, {good.count(False)} bad")
    run = folder.resolve().parent
    wrong = check_scalars(run, accumulator) + check_answers(run, accumulator)
    for text in wrong[:20]:
        print(text)
    return 0 if good and all(good) and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
