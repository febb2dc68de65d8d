# what: Leaves stopped processes in sessions of their own.
# outcome: ok
# stdout: done\n
# wall_below: 4
import os
import signal

for _ in range(6):
    if os.fork() == 0:
        os.setsid()
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
print("done")
