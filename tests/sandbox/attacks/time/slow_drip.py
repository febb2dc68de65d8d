# what: Writes one byte now and then, so that it always seems alive.
# options: --time 0.7
# outcome: time_limit
# stdout_has: ..
import time

while True:
    print(".", end="", flush=True)
    time.sleep(0.02)
