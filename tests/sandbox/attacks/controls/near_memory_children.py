# what: Children that use most of the memory together.
# options: --memory 256M
# outcome: ok
# stdout: done\n
import os
import time

for _ in range(4):
    if os.fork() == 0:
        block = b"x" * (32 << 20)
        time.sleep(0.2)
        os._exit(0)
for _ in range(4):
    os.wait()
print("done")
