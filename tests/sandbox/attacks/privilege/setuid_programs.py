# what: Runs programs that change their user, and asks whether they may.
# options: --cpu 4
# outcome: ok
# stdout: contained\n
import ctypes
import os
import subprocess

if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1:
    print("ESCAPED: new privileges are allowed")
for words in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount"], ["newgrp"], ["pkexec", "id"],
              ["newuidmap", "1", "0", "0", "1"], ["passwd", "-S"], ["bwrap", "--bind", "/", "/", "id"]):
    path = "/usr/bin/" + words[0]
    if not os.path.exists(path):
        continue
    try:
        got = subprocess.run([path, *words[1:]], stdin=subprocess.DEVNULL, capture_output=True, timeout=2)
        if b"uid=0" in got.stdout or words[0] == "bwrap" and got.returncode == 0:
            print("ESCAPED:", words[0], got.stdout)
    except (OSError, subprocess.TimeoutExpired):
        pass
print("contained")
