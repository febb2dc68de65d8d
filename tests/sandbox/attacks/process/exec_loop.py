# what: Replaces itself without end.
# options: --cpu 0.6 --time 10
# outcome: cpu_limit
import os
import sys

os.execv(sys.executable, [sys.executable, "-S", "-s", __file__])
