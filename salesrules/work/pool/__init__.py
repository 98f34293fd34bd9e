"""Pools, people and the log to who may take what, and what becomes of it."""
