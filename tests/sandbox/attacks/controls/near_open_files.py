# what: Opens most of the files that it may, and is then refused as documented.
# options: --open-files 64
# outcome: ok
# stdout: contained\n
import errno

held = []
try:
    for i in range(1000):
        held.append(open("/dev/null"))
except OSError as error:
    if error.errno == errno.EMFILE and 55 <= len(held) <= 64:
        print("contained")
