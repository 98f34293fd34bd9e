"""Who sees which cell: posts and grants to a Snapshot, and from it one decision, one filter, one reason."""
