"""Service levels in the record: timers that remind, give a lead to somebody else once, and tell a manager."""
