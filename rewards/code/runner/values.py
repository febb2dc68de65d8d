"""Plain values on their way between processes. Put in front of each of the other runners.

A value is written as JSON. What JSON has no form for is an object with one key that names its
kind: {"tuple": [...]}, {"set": [...]}, {"dict": [[key, value], ...]}, {"bytes": "hex"},
{"complex": [re, im]}, and {"int": "digits"} for integers of more than 18 digits. Anything else, such as an
object of a class that the program defines, is not plain and does not travel.
"""

import posix
import sys
from _json import encode_basestring_ascii as quote

MOST_DEPTH = 64
MOST_BYTES = 1 << 20
MOST_DIGITS = 4096
KEYS, ITEMS = type({}.keys()), type({}.items())


class NotPlain(Exception):
    """A value that no test may see."""


def pack_list(values, depth):
    return "[" + ",".join([pack(value, depth + 1) for value in values]) + "]"


def pack_int(value):
    if -10**18 < value < 10**18:
        return int.__repr__(value)
    if int.bit_length(value) > MOST_DIGITS * 3.33:
        raise NotPlain("an int of too many digits")
    return '{"int":"%s"}' % int.__repr__(value)


def pack_float(value):
    if value - value != 0.0:
        raise NotPlain("a float that is not finite")
    return float.__repr__(value)


def pack(value, depth=0):
    """The text of `value`. Methods are taken from the built-in types, never from the value."""
    if depth > MOST_DEPTH:
        raise NotPlain("a value that is nested too deeply")
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return pack_int(int.__add__(value, 0))
    if isinstance(value, float):
        return pack_float(float.__add__(value, 0.0))
    if isinstance(value, str):
        return quote(str.__str__(value))
    if isinstance(value, list):
        return pack_list(list.__iter__(value), depth)
    if isinstance(value, tuple):
        return '{"tuple":%s}' % pack_list(tuple.__iter__(value), depth)
    if isinstance(value, dict):
        pairs = ["[%s,%s]" % (pack(k, depth + 1), pack(v, depth + 1))
                 for k, v in dict.items(value)]
        return '{"dict":[%s]}' % ",".join(pairs)
    if isinstance(value, (set, frozenset)):
        base = set if isinstance(value, set) else frozenset
        return '{"set":%s}' % pack_list(base.__iter__(value), depth)
    if type(value) in (KEYS, ITEMS):
        return '{"set":%s}' % pack_list(value, depth)
    if isinstance(value, (bytes, bytearray)):
        base = bytes if isinstance(value, bytes) else bytearray
        return '{"bytes":"%s"}' % base.hex(value)
    if isinstance(value, complex):
        value = complex.__add__(value, 0)
        return '{"complex":[%s,%s]}' % (pack_float(value.real), pack_float(value.imag))
    raise NotPlain("an object of type " + type(value).__name__)


def read_all(fd):
    pieces = []
    while True:
        piece = posix.read(fd, 1 << 16)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def read_exactly(fd, size):
    """`size` bytes, or None at the end of the stream."""
    pieces = []
    while size > 0:
        piece = posix.read(fd, size)
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def write_all(fd, data):
    view = memoryview(data)
    while len(view) > 0:
        view = view[posix.write(fd, view):]


def send_result(token, text):
    """The one frame of a run: mark, token, length, JSON."""
    data = text.encode()
    write_all(3, b"RKN1" + bytes.fromhex(token) + len(data).to_bytes(4, "big") + data)


def sections(data):
    """The texts of a job: each is its length in bytes, a newline, and so many bytes."""
    found, at = [], 0
    while at < len(data):
        end = data.index(b"\n", at)
        size = int(data[at:end])
        found.append(data[end + 1:end + 1 + size].decode("utf-8", "surrogatepass"))
        at = end + 1 + size
    return found
