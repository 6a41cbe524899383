"""Builders with sensible defaults, shared by tests of several rooms."""
