"""The exit codes, as scripts rely on them."""

DONE = 0
REFUSED = 1  # also a breach that verify found
USAGE = 2
TROUBLE = 3  # disk, database, defect
