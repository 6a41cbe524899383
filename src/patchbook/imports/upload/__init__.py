"""Files that were sent and not taken in yet: kept for a day, looked at, and their columns said to be what they are."""
