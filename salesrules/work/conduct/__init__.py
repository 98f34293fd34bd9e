"""Rules of conduct to violations in the log, and to what becomes of each."""
