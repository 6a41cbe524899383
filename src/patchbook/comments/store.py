"""Comments in the database."""
