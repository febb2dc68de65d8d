# what: Fills both outputs in turns far beyond one pipe's buffer; stderr is cut, stdout is not.
# outcome: ok
# stdout_bytes: 400000
import sys

for _ in range(400):
    sys.stdout.write("o" * 1000)
    sys.stderr.write("e" * 1000)
