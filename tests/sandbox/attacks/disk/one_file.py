# what: One file above the limit of a file.
# outcome: file_limit nonzero_exit
# stdout_not: written
with open("/box/file", "wb") as file:
    for _ in range(40):
        file.write(b"x" * (1 << 20))
print("written")
