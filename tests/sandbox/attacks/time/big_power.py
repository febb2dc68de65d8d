# what: One multiplication of Python that runs for minutes and looks at no signal.
# options: --cpu 0.5 --time 10 --memory 256M
# outcome: cpu_limit memory_limit
# rlimit_outcome: cpu_limit memory_limit nonzero_exit
print(len(str(9 ** 9 ** 8)))
