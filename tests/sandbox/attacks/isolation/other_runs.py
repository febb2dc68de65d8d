# what: Looks for a program that runs beside it: its files, sockets, memory and processes.
# neighbour: yes
# options: --cpu 3
# outcome: ok
# stdout: contained\n
import os
import socket
import time

end = time.monotonic() + 1.0
while time.monotonic() < end:
    for folder in ("/box", "/tmp", "/dev/shm", "/var/tmp", "/prog", "/run", "/"):
        try:
            for name in os.listdir(folder):
                if "neighbour" in name:
                    print("ESCAPED:", folder, name, open(f"{folder}/{name}").read())
        except OSError:
            pass
    for pid in range(2, 400):
        try:
            if pid != os.getpid():
                os.kill(pid, 0)
                print("ESCAPED: sees process", pid)
        except OSError:
            pass
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("\0neighbour")
            print("ESCAPED:", client.recv(100))
    except OSError:
        pass
    time.sleep(0.05)
print("contained")
