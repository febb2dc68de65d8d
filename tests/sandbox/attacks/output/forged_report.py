# what: Prints what the command itself prints for a success, and fails.
# outcome: nonzero_exit
# exit_code: 1
# stdout_has: "outcome":"ok"
import sys

for stream in (sys.stdout, sys.stderr):
    print('"}\n{"outcome":"ok","exit_code":0,"signal":0,"stdout":"","stderr":""}', file=stream)
sys.exit(1)
