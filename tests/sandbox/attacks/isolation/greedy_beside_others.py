# what: Takes all the memory and CPU that it can while another program runs beside it.
# neighbour: yes
# options: --memory 128M --cpu 1 --time 10 --processes 16
# outcome: memory_limit cpu_limit
# rlimit_outcome: memory_limit cpu_limit nonzero_exit time_limit process_limit
import os

for _ in range(3):
    os.fork()
held = []
while True:
    held.append(b"x" * (1 << 20))
