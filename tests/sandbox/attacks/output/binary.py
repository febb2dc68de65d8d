# what: All bytes, broken UTF-8 and surrogates, which a report must survive.
# outcome: ok
# stdout_has: end
import sys

out = sys.stdout.buffer
out.write(bytes(range(256)) * 20)
out.write(b"\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80\xff\xfe end\n")
sys.stderr.buffer.write(bytes(range(255, -1, -1)))
