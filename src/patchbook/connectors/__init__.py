"""Other systems: what they say and how it is said to them. Knows accounts and errors, never the database."""
