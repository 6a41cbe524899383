"""Holdovers in the database."""
