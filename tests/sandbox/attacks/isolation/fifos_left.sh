# what: Leaves FIFOs and sockets where a reader would wait for ever.
# outcome: ok
# stdout: contained\n
cd /box
for name in out output.txt result.json stdout stderr main.py core; do
  /usr/bin/mkfifo "$name" 2>/dev/null
done
(cat out >/dev/null &) 2>/dev/null
(echo x >result.json &) 2>/dev/null
echo contained
