# what: Looks for users of the host.
# outcome: ok
# stdout: contained\n
text = open("/etc/passwd").read()
if text.count("\n") > 1 or "root" in text or "/home" in text:
    print("ESCAPED:", text)
print("contained")
