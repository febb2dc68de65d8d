# what: Uses most of its memory.
# options: --memory 128M
# outcome: ok
# stdout: 83886080\n
print(len(b"x" * (80 << 20)))
