#!/usr/bin/env python3
"""Reads the event files of a run's events/ folder with TensorBoard and says what they hold.

    python tests/python/check_event_file.py RUN/events

Exits 1 if a record is torn or damaged, if TensorBoard finds nothing, or if the steps of a tag do
not rise. Needs tensorboard.
"""

import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New


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
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
