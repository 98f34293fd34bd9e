"""The organisation's own tables to typed rows: bindings say where, readers say what was taken and what was not."""
