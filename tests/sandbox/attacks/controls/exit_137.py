# what: Ends by itself with the status that shells give to killed programs.
# outcome: nonzero_exit
# exit_code: 137
import sys

sys.exit(137)
