# what: Socket pairs with the largest buffers, all full, with one million messages in all at most.
# options: --memory 24M --cpu 4
# outcome: memory_limit ok
# rlimit_outcome: ok
import socket

held = []
for _ in range(55):
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
        for name in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            try:
                end.setsockopt(socket.SOL_SOCKET, name, 1 << 24)
            except OSError:
                pass
        try:
            for _ in range(9000):
                end.send(b"x" * 65536)
        except OSError:
            pass
    held.append(ends)
