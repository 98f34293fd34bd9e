"""Facts and the calendar to what is due, and what is done about it."""
