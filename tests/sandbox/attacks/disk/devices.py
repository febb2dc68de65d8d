# what: Writes to every device and asks the kernel to take its bytes as randomness.
# options: --cpu 3
# outcome: ok
# stdout: contained\n
import fcntl
import os
import struct

for name in ("null", "zero", "full", "random", "urandom"):
    try:
        fd = os.open("/dev/" + name, os.O_RDWR)
    except OSError:
        continue
    try:
        for _ in range(64):
            os.write(fd, b"x" * 65536)
    except OSError:
        pass
    for request in (0x40085203, 0x5204, 0x5206, 0x40045201):
        try:
            fcntl.ioctl(fd, request, struct.pack("iiQ", 64, 8, 0))
            print("ESCAPED: request", request, "on", name)
        except OSError:
            pass
for name in os.listdir("/dev"):
    known = ("null", "zero", "full", "random", "urandom")
    if name not in known and os.path.realpath("/dev/" + name) != "/box":
        print("ESCAPED: device", name)
print("contained")
