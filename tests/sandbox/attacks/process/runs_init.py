# what: Runs the sandbox's own init as a program, with false descriptors in its place.
# outcome: ok
# stdout: contained\n
import os
import socket
import subprocess

for words in ([], ["3"], ["0"], ["--help"], ["run", "/bin/sh"]):
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        done = subprocess.run(["/.reckon/init", *words], stdin=far, capture_output=True, timeout=0.3)
        if b"uid=" in done.stdout:
            print("ESCAPED:", done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        pass
print("contained")
