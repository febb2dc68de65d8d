# what: Leaves links to host files under every name that a grader might read.
# outcome: ok
# stdout: contained\n
import os

for i, target in enumerate(("@CANARY@", "/etc/shadow", "/proc/self/environ", "/", "..", "/box/loop")):
    for name in ("out", "output.txt", "result.json", "stdout", "stderr", "main.py", "core"):
        os.symlink(target, f"/box/{name}{i or ''}")
os.symlink("/box/loop", "/box/loop")
print("contained")
