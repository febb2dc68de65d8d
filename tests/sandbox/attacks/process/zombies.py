# what: Ends children and never asks for their status.
# options: --processes 16
# outcome: process_limit
# rlimit_outcome: process_limit nonzero_exit
import os

for _ in range(2000):
    if os.fork() == 0:
        os._exit(0)
print("ESCAPED: 2000 zombies")
