"""The PostgreSQL of a client to an engine that answers in it."""
