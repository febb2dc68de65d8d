# what: Prints one byte more than is kept.
# options: --output 64K
# outcome: output_limit
# stdout_bytes: 65536
# truncated: yes
import sys

sys.stdout.write("x" * 65537)
