"""Anything that an organisation keeps tables in to relations of text, each row and cell with its place."""
