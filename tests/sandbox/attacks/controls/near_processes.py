# what: Most of the processes that it may have, all at once.
# options: --processes 16
# outcome: ok
# stdout: done\n
import os
import time

for _ in range(10):
    if os.fork() == 0:
        time.sleep(0.3)
        os._exit(0)
for _ in range(10):
    if os.wait()[1] != 0:
        print("a child failed")
print("done")
