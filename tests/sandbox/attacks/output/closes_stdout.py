# what: Closes the standard output early and works on.
# outcome: ok
# stdout: before\n
import os
import time

os.write(1, b"before\n")
os.close(1)
os.close(2)
time.sleep(0.2)
