"""A Program, a principal's cells and the data to an Answer."""
