# what: Looks for a limit that was forgotten.
# outcome: ok
# stdout: contained\n
import resource

for name, most in (("FSIZE", 16 << 20), ("NOFILE", 128), ("STACK", 64 << 20), ("CORE", 0),
                   ("MEMLOCK", 64 << 10), ("MSGQUEUE", 0), ("SIGPENDING", 256), ("RTPRIO", 0),
                   ("AS", 4 << 30)):
    soft, hard = resource.getrlimit(getattr(resource, "RLIMIT_" + name))
    if hard == resource.RLIM_INFINITY or hard > most:
        print("ESCAPED:", name, soft, hard)
print("contained")
