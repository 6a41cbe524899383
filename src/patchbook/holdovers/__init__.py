"""Open opportunities that stay with their owner for a while when the account moves."""
