"""The file salesrules.toml to Settings, and to what it has wrong."""
