"""Challenges in the database."""
