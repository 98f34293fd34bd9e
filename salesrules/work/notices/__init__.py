"""What clocks do to messages that people get, each once."""
