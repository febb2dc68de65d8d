# what: A chain of processes, each of which burns a little CPU and hands over to the next.
# options: --cpu 0.6 --time 10
# outcome: cpu_limit
# rlimit_outcome: cpu_limit time_limit ok
import os
import time

reading, writing = os.pipe()
if os.fork() == 0:
    for _ in range(40):
        while time.process_time() < 0.1:
            pass
        if os.fork() != 0:
            os._exit(0)
    os._exit(0)
os.close(writing)
os.read(reading, 1)
