# what: Waits for a good part of its time.
# options: --time 4
# outcome: ok
# stdout: done\n
import time

time.sleep(1)
print("done")
