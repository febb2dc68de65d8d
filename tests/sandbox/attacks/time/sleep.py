# what: Waits and uses no CPU at all.
# options: --time 0.7
# outcome: time_limit
import time

time.sleep(60)
