# what: Starts programs, as honest programs do.
# outcome: ok
# stdout: 6\n
import subprocess

print(subprocess.run(["bash", "-c", "echo $((1 + 2 + 3))"], capture_output=True, check=True, text=True).stdout, end="")
