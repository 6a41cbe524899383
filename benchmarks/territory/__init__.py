"""Territory instances: accounts around the places of the US, three measures to balance at once, and who manages it."""
