"""Approvals in the database."""
