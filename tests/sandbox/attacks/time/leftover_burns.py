# what: A child of its own session burns CPU after the main process has ended.
# options: --cpu 2 --time 8
# outcome: ok
# stdout: done\n
# wall_below: 4
import os

if os.fork() == 0:
    os.setsid()
    while True:
        pass
print("done")
