# what: Children that share a block with their parent until each writes to it.
# options: --memory 128M --cpu 4
# outcome: memory_limit
# rlimit_outcome: ok memory_limit nonzero_exit
import os
import time

block = bytearray(b"x" * (40 << 20))
for _ in range(8):
    if os.fork() == 0:
        for i in range(0, len(block), 4096):
            block[i] = 1
        time.sleep(1)
        os._exit(0)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
