"""Leads as the record keeps them: received once, decided at once, never lost, each decision with its reasons."""
