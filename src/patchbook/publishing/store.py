"""Publishing in the database."""
