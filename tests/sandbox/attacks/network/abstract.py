# what: Connects to abstract sockets of the host, which have no file to hide.
# outcome: ok
# stdout: contained\n
import socket

for kind, name in ((socket.SOCK_STREAM, b"\0@ABSTRACT@"), (socket.SOCK_DGRAM, b"\0@ABSTRACT@.d"),
                   (socket.SOCK_SEQPACKET, b"\0@ABSTRACT@"), (socket.SOCK_STREAM, "@UNIX@"),
                   (socket.SOCK_STREAM, "/run/systemd/private"), (socket.SOCK_DGRAM, "/dev/log")):
    try:
        with socket.socket(socket.AF_UNIX, kind) as client:
            client.settimeout(0.3)
            client.connect(name)
            client.send(b"hello")
            print("ESCAPED: connected to", name)
    except OSError:
        pass
print("contained")
