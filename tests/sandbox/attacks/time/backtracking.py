# what: A regular expression that needs exponential time in one call that holds the lock.
# options: --cpu 0.5 --time 10
# outcome: cpu_limit
import re

re.match(r"(a+)+$", "a" * 60 + "!")
