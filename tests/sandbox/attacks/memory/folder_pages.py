# what: Pages of the writable folder, which are memory, above the limit of memory.
# options: --memory 64M --disk 512M --cpu 4
# outcome: memory_limit
# rlimit_outcome: ok nonzero_exit memory_limit
for i in range(32):
    with open(f"/box/{i}", "wb") as file:
        file.write(b"x" * (8 << 20))
