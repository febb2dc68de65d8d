# what: Catches the signal of the CPU limit, claims success, and goes on.
# options: --cpu 0.5 --time 10
# outcome: cpu_limit
import signal

signal.signal(signal.SIGXCPU, lambda number, frame: print("caught it", flush=True))
while True:
    pass
