# what: One block far above the limit, touched.
# options: --memory 64M
# outcome: memory_limit
# rlimit_outcome: memory_limit nonzero_exit
block = b"x" * (1 << 30)
print("ESCAPED", len(block))
