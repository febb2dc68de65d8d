# what: Tries to make, change and remove files in every folder that it can see.
# options: --cpu 6 --time 20
# outcome: ok
# stdout: contained\n
import os

for folder, folders, files in os.walk("/"):
    if folder.count("/") > 2:
        folders.clear()
    if os.path.realpath(folder).startswith("/box"):
        continue
    try:
        os.close(os.open(os.path.join(folder, "reckon_attack"), os.O_CREAT | os.O_WRONLY))
        print("ESCAPED: a file in", folder)
    except OSError:
        pass
    for change in (lambda: os.mkdir(folder + "/reckon_attack"), lambda: os.chmod(folder, 0o777),
                   lambda: os.utime(folder), lambda: os.rename(folder, folder + "_")):
        try:
            change()
            print("ESCAPED: a change of", folder)
        except OSError:
            pass
    for name in files[:20]:
        path = os.path.join(folder, name)
        if folder == "/dev" or os.path.islink(path):
            continue
        try:
            os.close(os.open(path, os.O_WRONLY))
            print("ESCAPED: may write to", path)
        except OSError:
            pass
print("contained")
