# what: Ends well and then burns the CPU in an exit handler.
# options: --cpu 0.5 --time 10
# outcome: cpu_limit
# stdout: done\n
import atexit


def burn():
    while True:
        pass


atexit.register(burn)
print("done", flush=True)
