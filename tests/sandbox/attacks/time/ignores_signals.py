# what: Ignores every signal that can be ignored, then waits.
# options: --time 0.7
# outcome: time_limit
import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(60)
