# what: Connects to a listener of the host by TCP, in every form of its address.
# outcome: ok
# stdout: contained\n
import socket

for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"),
                        (socket.AF_INET, "127.1.2.3"), (socket.AF_INET6, "::1"),
                        (socket.AF_INET6, "::ffff:127.0.0.1")):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(0.3)
            client.connect((address, @TCP@))
            client.sendall(b"hello")
            print("ESCAPED: connected to", address)
    except OSError:
        pass
print("contained")
