"""Relations of text to typed tables: the records that questions read."""
