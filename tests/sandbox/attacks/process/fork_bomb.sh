# what: The classic bomb of the shell, which goes on in the background.
# options: --processes 16 --cpu 2 --time 1.5
# outcome: ok process_limit time_limit cpu_limit nonzero_exit
bomb() { [ "$1" -lt 11 ] && bomb $(($1 + 1)) | bomb $(($1 + 1)) & }
bomb 0
