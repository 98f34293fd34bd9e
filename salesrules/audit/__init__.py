"""What auditors ask: a Snapshot and the rows to who can do what, over everyone at once."""
