# what: Prints exactly as much as is kept.
# options: --output 64K
# outcome: ok
# stdout_bytes: 65536
# truncated: no
import sys

sys.stdout.write("x" * 65536)
