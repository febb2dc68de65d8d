# what: A failing shell script.
# outcome: nonzero_exit
# exit_code: 3
exit 3
