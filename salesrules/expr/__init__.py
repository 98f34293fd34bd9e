"""The expression language of packs: text to a typed tree, and from it to SQL and to Python."""
