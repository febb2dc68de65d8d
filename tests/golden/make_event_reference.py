#!/usr/bin/env python3
"""Writes events.tfevents with TensorBoard's own protocol buffers and record writer.

The C++ test adds the same values and expects the same bytes. The histogram's buckets are written
down here by hand. Needs tensorboard; made with tensorboard 2.21.0.
"""

import io
import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.histogram_pb2 import HistogramProto
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

FOLDER = pathlib.Path(__file__).parent
START = 1732280000.25


def value_event(step: int, value: Summary.Value) -> Event:
    return Event(wall_time=START + step, step=step, summary=Summary(value=[value]))


def text_value(tag: str, text: str) -> Summary.Value:
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(
            plugin_data=SummaryMetadata.PluginData(plugin_name="text"),
            data_class=DATA_CLASS_TENSOR,
        ),
        tensor=TensorProto(
            dtype=DT_STRING, tensor_shape=TensorShapeProto(), string_val=[text.encode()]
        ),
    )


def histogram_value(tag: str) -> Summary.Value:
    """The values 1, 2.5, 2.5, 31: thirty buckets of width 1, the last of them closed."""
    counts = [0.0] * 30
    counts[0], counts[1], counts[29] = 1.0, 2.0, 1.0
    # As in C++, where the halves keep the difference of the ends finite.
    limits = [2 * (0.5 + 15.0 * i / 30) for i in range(1, 30)] + [31.0]
    return Summary.Value(
        tag=tag,
        histo=HistogramProto(
            min=1.0, max=31.0, num=4, sum=37, sum_squares=974.5, bucket_limit=limits, bucket=counts
        ),
    )


def equal_histogram_value(tag: str) -> Summary.Value:
    """The values 2.5, 2.5."""
    return Summary.Value(
        tag=tag,
        histo=HistogramProto(
            min=2.0, max=3.0, num=2, sum=5, sum_squares=12.5, bucket_limit=[3.0], bucket=[2.0]
        ),
    )


def main() -> None:
    events = [
        Event(wall_time=START, file_version="brain.Event:2"),
        value_event(1, Summary.Value(tag="zero/reward", simple_value=0.25)),
        value_event(2, Summary.Value(tag="zero/reward", simple_value=0.0)),
        value_event(300, Summary.Value(tag="zero/loss", simple_value=-1.5e-7)),
        value_event(2**40, Summary.Value(tag="l\u00e4nge", simple_value=float("inf"))),
        value_event(7, text_value("zero/completion", "10 * 5 - 6 \u00e4\n")),
        value_event(8, equal_histogram_value("zero/equal")),
        value_event(9, histogram_value("zero/lengths")),
    ]
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    (FOLDER / "events.tfevents").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
