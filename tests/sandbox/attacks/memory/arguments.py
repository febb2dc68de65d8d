# what: Hands ever longer arguments and environments to itself, which the kernel copies.
# options: --memory 64M --cpu 2 --time 10
# outcome: ok memory_limit nonzero_exit
import os
import sys

words = ["x" * 100000] * 60
for _ in range(8):
    if os.fork() == 0:
        try:
            os.execve("/bin/sleep", ["/bin/sleep", "0.5", *words], {str(i): w for i, w in enumerate(words)})
        except (OSError, MemoryError):
            os._exit(1)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
