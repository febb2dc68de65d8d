# what: One file as large as the room that was asked for.
# options: --disk 128M
# outcome: ok
# stdout: written\n
with open("/box/file", "wb") as file:
    for _ in range(100):
        file.write(b"x" * (1 << 20))
print("written")
