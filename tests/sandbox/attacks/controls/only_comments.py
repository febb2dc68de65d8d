# what: A program without a statement.
# outcome: ok
# stdout_bytes: 0
