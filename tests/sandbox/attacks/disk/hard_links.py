# what: Hard links to its own files by the thousand, and to files outside.
# outcome: ok
# stdout: contained\n
import os

open("/box/file", "w").close()
for i in range(5000):
    os.link("/box/file", f"/box/link{i}")
for path in ("/etc/passwd", "/usr/bin/python3", __file__, "/.reckon/init", "/dev/null"):
    try:
        os.link(path, "/box/outside", follow_symlinks=False)
        print("ESCAPED: a link to", path)
    except OSError:
        pass
print("contained")
