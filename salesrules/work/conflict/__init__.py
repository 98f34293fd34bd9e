"""Records that count as the same and have several owners, to cases and what became of them."""
