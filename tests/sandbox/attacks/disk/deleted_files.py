# what: Files that have no name any more and still take space.
# options: --disk 16M
# outcome: ok
# stdout: contained\n
import os

total = 0
try:
    for i in range(100):
        fd = os.open("/box/file", os.O_CREAT | os.O_WRONLY)
        os.unlink("/box/file")
        for _ in range(8):
            total += os.write(fd, b"x" * (1 << 20))
except OSError:
    pass
print("contained" if total <= 17 << 20 else f"ESCAPED: {total} bytes")
