"""Starts a submission as a program: /prog/main.py as __main__, with `exit` and `quit`."""

import builtins
import sys

builtins.exit = builtins.quit = sys.exit
sys.argv = ["/prog/main.py"]
__file__ = "/prog/main.py"
with open(__file__, "rb") as source:
    code = compile(source.read(), __file__, "exec")
del builtins, sys, source
exec(code, globals())
