# what: Leaves a large input unread and sleeps.
# options: --time 0.7
# input_bytes: 8000000
# outcome: time_limit
import time

time.sleep(60)
