"""What stands beside records to the Organisation: members and their trees, posts, value tables, calendars, leave."""
