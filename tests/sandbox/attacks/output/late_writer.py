# what: A child writes after the main process has ended.
# outcome: ok
# stdout: done\n
# stdout_not: LATE
import os
import time

if os.fork() == 0:
    time.sleep(0.3)
    while True:
        os.write(1, b"LATE\n")
print("done")
