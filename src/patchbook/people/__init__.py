"""Who sells: `person` is what we know of one, `file` reads them from a table."""
