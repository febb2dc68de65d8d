# what: Reads what is the host's: secrets, homes, logs, the kernel's folders, a canary.
# outcome: ok
# stdout: contained\n
import os

for path in ("@CANARY@", "/etc/shadow", "/etc/hostname", "/etc/hosts", "/etc/machine-id",
             "/etc/resolv.conf", "/etc/ssl/private", "/root", "/root/.bashrc", "/home", "/var",
             "/var/log", "/run", "/sys", "/sys/fs/cgroup", "/proc", "/proc/1/environ", "/mnt",
             "/opt", "/srv", "/media", "/boot", "/lost+found", "/dev/pts", "@ROOT@"):
    try:
        print("ESCAPED:", path, os.listdir(path) if os.path.isdir(path) else open(path).read())
    except OSError:
        pass
print("contained")
