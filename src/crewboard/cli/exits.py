"""Exit codes: what a script may rely on."""

DONE = 0
USAGE = 2
WAITING = 3
"""A decision waits for a human."""
BLOCKED = 4
"""Something has to be done outside of the crew: a key, a bill, a disk."""
FAILED = 5
INTERRUPTED = 130
