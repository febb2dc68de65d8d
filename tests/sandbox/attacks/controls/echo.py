# what: Copies its input.
# stdin: one\ntwo\n
# outcome: ok
# stdout: one\ntwo\n
import sys

sys.stdout.write(sys.stdin.read())
