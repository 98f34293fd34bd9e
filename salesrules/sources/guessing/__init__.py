"""A file that nothing is bound to yet to a first binding."""
