"""Access in the database."""
