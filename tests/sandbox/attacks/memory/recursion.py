# what: Recursion in Python with its own limit taken away.
# options: --memory 128M --cpu 3
# outcome: signal memory_limit nonzero_exit
import sys

sys.setrecursionlimit(10**9)


def deeper(values):
    return deeper([values])


deeper([])
