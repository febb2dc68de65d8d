# what: Leaves modules under the names that a later run imports, and byte code beside its own.
# outcome: ok
# stdout: contained\n
import os

for folder in ("/box", "/tmp", "/box/__pycache__", "/prog", "/prog/__pycache__"):
    for name in ("json.py", "sitecustomize.py", "usercustomize.py", "os.py", "conftest.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/{name}", "w") as file:
                file.write("print('ESCAPED: poisoned')\nraise SystemExit(0)\n")
        except OSError:
            pass
import json

print(json.loads('"contained"'))
