# what: Looks up names, which asks name servers and talks to the resolver's socket.
# options: --time 10
# outcome: ok
# stdout: contained\n
import socket

for name in ("localhost", "reckon.invalid"):
    try:
        for *_, address in socket.getaddrinfo(name, @TCP@, type=socket.SOCK_STREAM):
            try:
                socket.create_connection(address[:2], 0.3)
                print("ESCAPED: connected to", address)
            except OSError:
                pass
    except OSError:
        pass
print("contained")
