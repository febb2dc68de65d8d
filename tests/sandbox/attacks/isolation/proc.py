# what: Looks for its own and other processes in /proc, under all its names.
# outcome: ok
# stdout: contained\n
import os

for path in ("/proc/self/fd/0", "/proc/self/exe", "/proc/self/mem", "/proc/self/maps",
             "/proc/self/root", "/proc/1/root", "/proc/1/mem", "/proc/1/cmdline", "/proc/mounts",
             "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/kcore", "/proc/keys",
             f"/proc/@PID@/environ", "/dev/fd/0", "/dev/stdin", "/proc/self/oom_score_adj"):
    if os.path.lexists(path):
        print("ESCAPED:", path)
print("contained")
