# what: Forks until it is refused, every child waits; the refusal is an error.
# options: --processes 16
# outcome: process_limit
# rlimit_outcome: process_limit nonzero_exit
import os
import time

for _ in range(2000):
    if os.fork() == 0:
        time.sleep(30)
print("ESCAPED: 2000 processes")
