# what: Names of 255 bytes, of broken UTF-8, with line ends and escape sequences.
# outcome: ok
# stdout: contained\n
import os

os.chdir(b"/box")
for i in range(1000):
    os.close(os.open(b"%03d" % i + b"\xff" * 252, os.O_CREAT | os.O_WRONLY))
for name in (b"-rf", b"*", b"a\nb", b"\x1b[2J", b" ", b"..."):
    os.mkdir(name)
print("contained")
