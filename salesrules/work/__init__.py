"""Records and people to work: who gets it, by when it is done, and what follows from both."""
