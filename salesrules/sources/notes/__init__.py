"""What happened while sources were read to what people are told of it."""
