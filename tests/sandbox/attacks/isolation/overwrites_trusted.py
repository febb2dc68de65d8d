# what: Overwrites, renames and removes the programs that run and judge it.
# outcome: ok
# stdout: contained\n
import os
import sys

for path in ("/.reckon/init", "/usr/bin/python3", sys.executable, "/bin/sh", __file__, "/prog",
             "/etc/passwd", "/etc/ld.so.preload", "/etc/ld.so.cache", "/usr/bin/bwrap", "/.reckon"):
    for change in (lambda: open(path, "r+b").close(), lambda: os.unlink(path),
                   lambda: os.truncate(path, 0), lambda: os.rename(path, path + "~"),
                   lambda: os.chmod(path, 0o7777), lambda: os.symlink("/box/x", path)):
        try:
            change()
            print("ESCAPED:", path)
        except OSError:
            pass
print("contained")
