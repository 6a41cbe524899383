"""Moves somebody proposes in a plan, with their effect, and what was decided on them."""
