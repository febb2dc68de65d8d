# what: Puts a link in place of its writable folder and removes what it finds there.
# outcome: ok
# stdout: contained\n
import os
import shutil

for change in (lambda: os.rmdir("/box"), lambda: shutil.rmtree("/box"), lambda: os.rename("/box", "/b"),
               lambda: os.unlink("/tmp"), lambda: os.symlink("/usr", "/tmp")):
    try:
        change()
    except OSError:
        pass
if not os.path.isdir("/box") or os.path.islink("/box"):
    print("ESCAPED: the folder is another one")
print("contained")
