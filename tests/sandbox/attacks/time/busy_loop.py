# what: A loop that never ends.
# options: --cpu 0.5 --time 10
# outcome: cpu_limit
while True:
    pass
