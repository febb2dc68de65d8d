# what: Closes all its descriptors and waits, so that the outputs end long before the program.
# options: --time 0.7
# outcome: time_limit
import os
import time

os.closerange(0, 1024)
time.sleep(60)
