# what: A pipeline of the shell with a here-document.
# outcome: ok
# stdout: 3\n
sort <<END | uniq | wc -l | tr -d ' '
b
a
b
c
END
