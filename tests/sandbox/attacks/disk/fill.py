# what: Fills the writable folder to the last byte.
# options: --disk 16M
# outcome: ok
# stdout: contained\n
total = 0
try:
    for i in range(256):
        with open(f"/box/{i}", "wb", buffering=0) as file:
            for _ in range(8):
                total += file.write(b"x" * (1 << 20))
except OSError:
    pass
print("contained" if total <= 17 << 20 else f"ESCAPED: {total} bytes")
