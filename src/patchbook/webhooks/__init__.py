"""Webhooks in the record: where leads come from, who is told of decisions, and every message until it has arrived."""
