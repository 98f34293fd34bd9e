"""Conditions to regions: exact answers about which records rules take, share and leave, each with an example."""
