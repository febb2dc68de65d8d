# what: Leaves folders that nobody may enter, full of files.
# outcome: ok
# stdout: contained\n
import os

for i in range(50):
    os.makedirs(f"/box/{i}/inside")
    open(f"/box/{i}/inside/file", "w").close()
    os.chmod(f"/box/{i}/inside", 0)
    os.chmod(f"/box/{i}", 0)
os.chmod("/box", 0)
print("contained")
