# what: Prints without end.
# options: --output 64K --cpu 4
# outcome: output_limit
while True:
    print("x" * 1000)
