"""Exceptions in the database."""
