"""The log of what happened to the state of each record, what is due, and what may happen next."""
