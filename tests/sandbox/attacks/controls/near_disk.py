# what: Fills most of the writable folder and reads it back.
# options: --disk 32M --memory 256M
# outcome: ok
# stdout: 29360128\n
for i in range(4):
    with open(f"/box/{i}", "wb") as file:
        file.write(b"x" * (7 << 20))
print(sum(len(open(f"/box/{i}", "rb").read()) for i in range(4)))
