# what: Sends datagrams to a listener of the host.
# outcome: ok
# stdout: contained\n
import socket

for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"),
                        (socket.AF_INET, "255.255.255.255")):
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.sendto(b"hello", (address, @UDP@))
            print("ESCAPED: sent to", address)
    except OSError:
        pass
print("contained")
