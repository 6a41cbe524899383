"""The tree of territories and the seats in it."""
