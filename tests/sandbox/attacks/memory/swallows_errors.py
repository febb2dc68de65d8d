# what: Takes what it can get and goes on after each refusal, in ever smaller pieces.
# options: --memory 64M --cpu 2
# outcome: memory_limit
# rlimit_outcome: memory_limit nonzero_exit ok signal cpu_limit
held = []
size = 1 << 28
while size >= 64 and len(held) < 10**6:
    try:
        held.append(b"x" * size)
    except MemoryError:
        size //= 2
