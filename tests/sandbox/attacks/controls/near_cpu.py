# what: Uses a good part of its CPU time.
# options: --cpu 1.5 --time 15
# outcome: ok
# stdout: done\n
import time

while time.process_time() < 0.9:
    pass
print("done")
