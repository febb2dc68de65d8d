# what: Ends by an exception.
# outcome: nonzero_exit
# exit_code: 1
raise ValueError("wrong")
