"""Figures side by side: what the product takes against what the same work takes by hand."""
