# what: Connects with what the shell itself can do.
# outcome: ok
# stdout: contained\n
(exec 3<>/dev/tcp/127.0.0.1/@TCP@ && echo hello >&3 && echo "ESCAPED: tcp") 2>/dev/null
(echo hello >/dev/udp/127.0.0.1/@UDP@ && echo "ESCAPED: udp") 2>/dev/null
(exec 3<>/dev/tcp/localhost/@TCP@ && echo "ESCAPED: by name") 2>/dev/null
echo contained
