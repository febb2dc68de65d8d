# what: Prints errors without end.
# options: --cpu 4
# outcome: output_limit
import sys

while True:
    sys.stderr.write("x" * 65536)
