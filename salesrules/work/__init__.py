"""Records and people to work: the log of what happened, what is due, what may happen next, and who gets what."""
