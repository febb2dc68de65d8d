# what: Sends itself the signal that asks for an end.
# outcome: signal
# signal: 15
import os
import signal

os.kill(os.getpid(), signal.SIGTERM)
