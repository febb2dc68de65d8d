# what: A program that is none.
# outcome: nonzero_exit
# exit_code: 1
def (:
