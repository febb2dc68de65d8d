# what: A child keeps the standard output open after the main process has ended.
# options: --time 8
# outcome: ok
# stdout: done\n
# wall_below: 4
import os
import time

if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
print("done")
