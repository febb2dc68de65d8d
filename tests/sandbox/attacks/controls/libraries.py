# what: Imports much of the standard library, which must not meet the filter.
# options: --cpu 4
# outcome: ok
# stdout: done\n
import asyncio
import collections
import ctypes
import datetime
import decimal
import fractions
import hashlib
import heapq
import itertools
import json
import math
import multiprocessing
import os
import random
import re
import socket
import sqlite3
import string
import subprocess
import tempfile
import threading
import typing
import uuid

with tempfile.TemporaryFile() as file:
    file.write(b"x")
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert random.random() < 1 and uuid.uuid4() and datetime.datetime.now()
asyncio.run(asyncio.sleep(0))
print("done")
