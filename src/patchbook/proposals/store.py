"""Proposals in the database."""
