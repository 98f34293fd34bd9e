"""Databases: connect and execute, nothing else."""
