# what: Four children burn the CPU, each below the limit, the parent uses none.
# options: --cpu 0.6 --time 10
# outcome: cpu_limit
# rlimit_outcome: cpu_limit time_limit ok
import os
import time

children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.45:
            pass
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
