# what: An honest program.
# outcome: ok
# stdout: hello\n
print("hello")
