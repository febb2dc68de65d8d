# what: Raises its own limits and those of init.
# outcome: ok
# stdout: contained\n
import os
import resource

for name in dir(resource):
    if not name.startswith("RLIMIT_") or name in ("RLIMIT_OFILE",):
        continue
    kind = getattr(resource, name)
    soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        for wanted in (hard + 1, resource.RLIM_INFINITY):
            try:
                resource.setrlimit(kind, (wanted, wanted))
                print("ESCAPED:", name)
            except (OSError, ValueError):
                pass
    for pid in (1, os.getppid() or 1):
        try:
            resource.prlimit(pid, kind, (0, 0))
            print("ESCAPED: limits of", pid, name)
        except OSError:
            pass
print("contained")
