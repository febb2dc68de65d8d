# what: Fills the cap so that it cuts a character of several bytes.
# options: --output 64K
# outcome: output_limit
# stdout_has: \u20ac\u20ac
import sys

sys.stdout.buffer.write(b"x" + "\u20ac".encode() * 100000)
