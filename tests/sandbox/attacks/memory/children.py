# what: Children that are each below the limit and together far above it.
# options: --memory 128M --cpu 4
# outcome: memory_limit
# rlimit_outcome: ok memory_limit nonzero_exit
import os
import time

for _ in range(8):
    if os.fork() == 0:
        block = b"x" * (48 << 20)
        time.sleep(1)
        os._exit(0)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
