# what: Forks twice and takes a session of its own, as daemons do.
# outcome: ok
# stdout: done\n
# wall_below: 4
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        os.closerange(0, 3)
        time.sleep(60)
    os._exit(0)
os.wait()
print("done")
