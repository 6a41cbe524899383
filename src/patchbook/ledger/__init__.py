"""Who owned what, when, and why: bitemporal facts, and the answers computed from them."""
